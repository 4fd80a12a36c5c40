"""The detection says what should have caught it.

"Finance noticed" is how it was found; the lesson is the check that would have found it first. It
stands in `detection.should_have_been`, and becomes an action item of type detect. Where the right
check did fire, `method` says so (test, monitor, anomaly), and nothing more is asked.

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


@rule(code="INC211", level=Level.ERROR, since="0.2.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report detections without a lesson."""
    method = context.postmortem.detection_method
    if not method or method in _BY_MACHINE:
        return
    if is_placeholder(context.postmortem.should_have_been):
        fact = f"detected by {method.replace('_', ' ')}, and no check is named that should have"
        hint = 'name it in `should_have_been`: "a row-count test on orders"'
        yield Finding(*context.document.at("detection"), fact, hint)
