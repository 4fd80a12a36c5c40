"""Consumers who made decisions with wrong data received a correction.

Resolved means that the data is correct and its consumers know. A team that already acted on a wrong
number needs its own message with what to revisit; until then the incident keeps doing damage
outside the warehouse.

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

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule

_TOGETHER = "{} consumers made decisions with wrong data and received no correction"


@rule(code="INC503", level=Level.ERROR, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report consumers who decided and received no correction."""
    for index, consumer in enumerate(context.postmortem.consumers):
        if consumer.decision_made and not consumer.correction_sent:
            at = context.document.at("impact", "consumers", index, "correction_sent")
            who = consumer.team or "a consumer"
            fact = f"{who} made a decision with wrong data and received no correction"
            hint = "tell them what to revisit, then set `correction_sent`"
            several = Several(_TOGETHER, who)
            yield Finding(*at, fact, hint, several=several)
