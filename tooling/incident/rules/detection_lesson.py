"""Detection names the check that should have caught the incident.

"Finance noticed" is how it was found; the lesson is the check that would have found it first. Name
it in `detection.should_have_been` and add an action item of type detect. If a check did fire,
`method` records that (test, monitor, anomaly), and nothing else is required.

## Fails

```yaml
detection: {method: consumer, source: "finance, at the daily review"}
```

## Passes

```yaml
detection: {method: consumer, source: "finance", should_have_been: "a row-count test"}
```

```yaml
detection: {method: test, source: "not_null on orders.customer_id"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder

_BY_MACHINE = frozenset({"test", "monitor", "anomaly"})


@rule(code="INC211", level=Level.ERROR, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report detections without `should_have_been`."""
    method = context.postmortem.detection_method
    if not method or method in _BY_MACHINE:
        return
    if is_placeholder(context.postmortem.should_have_been):
        fact = f"detected by {method.replace('_', ' ')}, but `should_have_been` is missing"
        hint = 'name the check that should have caught it: "a row-count test on orders"'
        yield Finding(*context.document.at("detection"), fact, hint)
