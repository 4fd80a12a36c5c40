"""No timestamp is in the future.

A postmortem describes what happened. A future time is a typo in the year, the day or the offset,
and makes the incident look longer than it was. Clocks may differ by 5 minutes.

## Fails

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40Z"
  resolved_at: "2095-05-14T15:30Z"
```

## Passes

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40Z"
  resolved_at: "2025-05-14T15:30Z"
```
"""

from collections.abc import Iterator
from datetime import timedelta

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule

_LEEWAY = timedelta(minutes=5)


@rule(code="INC105", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report timestamps later than now."""
    for key, instant in context.postmortem.times.items():
        if not context.clock.is_past(instant, _LEEWAY):
            written = context.document.get("timestamps", key).strip()
            fact = f"{key} {written} is in the future (today is {context.clock.today()})"
            hint = "check the year, the day and the offset; use null until it has happened"
            several = Several("{} timestamps are in the future", key)
            yield Finding(*context.document.at("timestamps", key), fact, hint, several=several)
