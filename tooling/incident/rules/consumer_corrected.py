"""Who decided on wrong data got a correction.

Resolved means that the data is right and its consumers know. A team that already decided on the
wrong figure needs a message of its own, with what to look at again; until then the incident still
works on its own outside the warehouse.

## Fails

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "dbt:model.shop.revenue_clean", role: root}]
  consumers: [{team: finance, use: "daily cash plan", decision_made: true, correction_sent: false}]
```

## Passes

```yaml
impact:
  summary: "The revenue dashboard showed 82 where 100 was right, for one day"
  critical_use_case: true
  assets: [{ref: "dbt:model.shop.revenue_clean", role: root}]
  consumers: [{team: finance, use: "daily cash plan", decision_made: true, correction_sent: true}]
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC503", level=Level.ERROR, since="0.2.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report consumers who decided, and were not told."""
    for index, consumer in enumerate(context.postmortem.consumers):
        if consumer.decision_made and not consumer.correction_sent:
            at = context.document.at("impact", "consumers", index, "correction_sent")
            fact = f"{consumer.team or 'a consumer'} decided on wrong data and got no correction"
            yield Finding(*at, fact, "tell them what to look at again, then set `correction_sent`")
