"""Every timeline entry has a time.

Each list item or table row of the timeline starts with its time:
`- 2025-05-14 09:40Z **detected**: finance asked about the revenue dashboard`. Without it, nobody
can tell how long detection took. After the first entry, the date and the offset are optional; times
past midnight move to the next day. Items nested under an entry and notes ("**Note:** ...") don't
need a time. Where the timeline covers more than three days, a date is enough for the only entry of
its day.

## Fails

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- in the morning **detected**: finance asked about the revenue dashboard
```

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 09:75Z **detected**: finance asked about the revenue dashboard
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 09:40 **detected**: finance asked about the revenue dashboard
    - the dashboard showed 18% less than the day before
- **Note:** the report of the evening before was right
```

```markdown
## Timeline

- 2025-05-14 A user reported that the export leaves out one currency
- 2025-06-20 The fix was merged
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._sections import is_empty
from incident.rules._timeline import days_are_enough, indent, is_note, written_at

_UNKNOWN = "(zone unknown)"  # as an import writes it
_ZONE_HINT = "replace `(zone unknown)` with the offset: `2025-05-14T09:40+02:00`"
_HINT = "start with the time: `- 2025-05-14 09:40Z **detected**: what was visible`"
_TIMELESS = "{} timeline entries have no time"


@rule(code="INC204", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report entries without a readable time, and timelines without entries."""
    document, entries = context.document, context.timeline
    section = document.by_key.get("timeline")
    if section and all(map(is_note, entries)) and not is_empty(document, section):
        fact = "the timeline has no entry with a time"
        yield Finding(section.start, section.heading_end, fact, _HINT)
    outer = min((indent(document, entry) for entry in entries), default=0)
    day_known = not {"started_at", "detected_at"}.isdisjoint(context.postmortem.times)
    told, by_day = False, days_are_enough(entries)
    for entry in entries:
        if not entry.written and _UNKNOWN in entry.text[:40]:
            several = Several("the time zone of {} timeline entries is unknown")
            fact = "the time zone of this timeline entry is unknown"
            yield Finding(entry.start, entry.end, fact, _ZONE_HINT, several=several)
            continue
        if entry.start in by_day or is_note(entry):
            continue
        at = written_at(document, entry)
        if entry.at is not None:
            day_known = True
        elif entry.written and (day_known or entry.written[4:5] == "-"):
            several = Several("{} times do not exist", entry.written)
            fact = f"the time {entry.written} does not exist"
            yield Finding(*at, fact, "check the digits", several=several)
        elif entry.written:
            hint = "add the date once: `- 2025-05-14 09:40Z **detected**: ...`"
            if not told:
                yield Finding(*at, f"the date of {entry.written} is unknown", hint)
            told = True
        elif indent(document, entry) < outer + 2:
            fact, several = "this timeline entry has no time", Several(_TIMELESS)
            yield Finding(entry.start, entry.end, fact, _HINT, several=several)
