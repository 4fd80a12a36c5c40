"""Every timestamp is ISO 8601 with an offset.

Responders are in one time zone, the warehouse in another, the vendor in a third. A time without an
offset means something different to each of them, and durations computed from it are off by hours.

Use `Z` for UTC, or the offset of the clock the time came from. Write null for a time that is not
known yet.

## Fails

```yaml
timestamps:
  started_at: "2025-05-14T02:05"
  detected_at: "2025-05-14T09:40Z"
  resolved_at: "2025-05-14T15:30Z"
```

```yaml
timestamps:
  started_at: 2025-05-14
  detected_at: "2025-05-14T09:40Z"
  resolved_at: "2025-05-14T15:30Z"
```

## Passes

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T11:40+02:00"
  mitigated_at: null
  resolved_at: 2025-05-14 15:30:00Z
```
"""

from collections.abc import Iterator
from datetime import datetime

from incident.diagnostic import Level
from incident.postmortem import model
from incident.postmortem.timestamps import TIMESTAMPS
from incident.rules import Context, Finding, rule
from incident.text import instants
from incident.text.lazy_regex import lazy
from incident.text.values import mapping

_LOOKS_RIGHT = lazy(r"\d{4}-\d{2}-\d{2}[T ]\d{1,2}:\d{2}(?::\d{2})?")
_NAMED_UTC = lazy(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?) ?(?:UTC|GMT|z)")


@rule(code="INC103", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report invalid timestamps; the schema reports other types."""
    stamps = context.document.get("timestamps")
    for key in TIMESTAMPS:
        value = mapping(stamps).get(key)
        if isinstance(value, str) and instants.parse(value) is None:
            fact, hint = _explain(value.strip())
            yield Finding(*context.document.at("timestamps", key), f"{key} {fact}", hint)


def _explain(value: str) -> tuple[str, str]:
    shown = f'"{value[:40]}"'
    if not value:
        return "is empty", "write null until it is known"
    if named := _NAMED_UTC().fullmatch(value):
        return f"{shown} has a zone name instead of an offset", f'write "{named[1]}T{named[2]}Z"'
    if model.parse_date(value):
        return f"{shown} has no time of day", f'add it with an offset: "{value}T09:40Z"'
    try:
        datetime.fromisoformat(value)
    except ValueError:
        if _LOOKS_RIGHT().fullmatch(value[:16]) or _LOOKS_RIGHT().fullmatch(value[:19]):
            hint = 'check the digits and the offset: "2025-05-14T09:40Z", "2025-05-14T11:40+02:00"'
            return f"{shown} is not a valid time", hint
        hint = 'write it like "2025-05-14T09:40Z", or null until it is known'
        return f"{shown} is not an ISO 8601 time", hint
    return f"{shown} has no UTC offset", "append Z for UTC, or an offset such as +02:00"
