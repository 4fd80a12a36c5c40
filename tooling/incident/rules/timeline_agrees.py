"""The timeline agrees with the timestamps.

A bold label links an entry to a timestamp in the frontmatter: **started**, **detected**,
**acknowledged**, **mitigated**, **corrected**, **notified**, **resolved**. Durations are computed
from the frontmatter, but readers trust the timeline: if the two differ by a minute or more, one of
them is wrong.

## Fails

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 09:04Z **detected**: finance asked about the revenue dashboard
```

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 09:50Z **acknowledged**: the on-call engineer opened the incident
```

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40+02:00"
  resolved_at: "2025-05-14T15:30Z"
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 11:40+02:00 **detected**: finance asked about the revenue dashboard
- 2025-05-14 10:00Z the filter was found
```
"""

from collections.abc import Iterator
from datetime import timedelta

from incident.diagnostic import Level, Several
from incident.postmortem import model
from incident.rules import Context, Finding, rule
from incident.rules._timeline import written_at
from incident.text import instants

_LEEWAY = timedelta(minutes=1)


@rule(code="INC206", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report labeled entries whose timestamp differs or is missing."""
    for entry in context.timeline:
        if not entry.clock or entry.at is None:
            continue
        at = written_at(context.document, entry)
        stamp = context.postmortem.times.get(entry.clock)
        written = context.document.get("timestamps", entry.clock)
        if stamp is not None and abs(entry.at - stamp) >= _LEEWAY:
            gap = model.duration(abs(entry.at - stamp))
            fact = f"{entry.written} and {entry.clock} {written} are {gap} apart"
            several = Several("{} timeline entries and timestamps differ", entry.clock)
            hint = "correct the wrong one, or remove the bold label"
            yield Finding(*at, fact, hint, several=several)
        elif written is None:
            fact = f"`{entry.clock}` is in the timeline but not in the frontmatter"
            hint = f'add `{entry.clock}: "{instants.iso(entry.at)}"` under `timestamps`'
            several = Several(
                "{} times are in the timeline but not in the frontmatter",
                entry.clock,
                "add them under `timestamps`",
            )
            yield Finding(*at, fact, hint, several=several)
