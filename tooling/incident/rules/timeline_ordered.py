"""The timeline is in chronological order.

Readers follow it from top to bottom and assume that entries further down happened later. An entry
that was appended at the end, or copied from a clock in another time zone, distorts the story. Times
are compared as instants.

## Fails

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 09:40Z **detected**: finance asked about the revenue dashboard
- 2025-05-14 08:15Z the dashboard was refreshed
- 2025-05-14 15:30Z **resolved**: finance has the corrected figures
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the load wrote too few rows
- 2025-05-14 11:40+02:00 **detected**: finance asked about the revenue dashboard
- 2025-05-14 15:30Z **resolved**: finance has the corrected figures
```
"""

from collections.abc import Iterator
from itertools import pairwise

from incident.diagnostic import Level, Several
from incident.postmortem import model
from incident.rules import Context, Finding, rule
from incident.rules._timeline import written_at


@rule(code="INC205", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report each entry that is earlier than the one above it."""
    entries = [(entry.at, entry) for entry in context.timeline if entry.at is not None]
    for (before, above), (at, entry) in pairwise(entries):
        if at < before:
            gap = before - at
            length = model.duration(gap) if gap.seconds >= 60 or gap.days else f"{gap.seconds} s"
            fact = f"{entry.written} is {length} earlier than the entry above it ({above.written})"
            hint = "move the entry up, or check its date and offset"
            several = Several("{} timeline entries are earlier than the one above", entry.written)
            yield Finding(*written_at(context.document, entry), fact, hint, several=several)
