"""A postmortem is reviewed and published on time.

After a week nobody remembers why the first query looked right. The facts are due within 48 hours of
detection (`in_review`); a P0 or P1 is published within 5 working days of its resolution, a P2 or P3
within 10. If the resolution time is unknown, detection counts. Imported postmortems (`x_imported`)
have no deadlines.

## Fails

```yaml
status: draft
```

```yaml
status: in_review
```

## Passes

```yaml
status: published
```

## Options

`draft_hours`: hours from detection to `in_review`; default 48. `publish_days`,
`publish_days_light`: working days from resolution to `published` for P0 and P1 (default 5), and for
P2 and P3 (default 10).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Hours and working days."""

    draft_hours: int = 48
    publish_days: int = 5
    publish_days_light: int = 10


@rule(code="INC107", level=Level.WARNING, since="0.1.0", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report drafts and reviews past their limit."""
    if "x_imported" in context.document.data:
        return
    postmortem, options = context.postmortem, context.options
    detected = postmortem.times.get("detected_at") or postmortem.times.get("started_at")
    resolved = postmortem.times.get("resolved_at") or detected
    at = context.document.at("status")
    try:
        if postmortem.status == "draft" and detected:
            limit = detected + timedelta(hours=options.draft_hours)
            if context.clock.is_past(limit):
                since = (context.clock.today() - detected.date()).days
                fact = f"still a draft {since} days after detection"
                fact += f" (limit {options.draft_hours} hours)"
                yield Finding(*at, fact, "write down the facts, then set the status to `in_review`")
        elif postmortem.status == "in_review" and resolved:
            light = postmortem.severity in {"P2", "P3"}
            days = options.publish_days_light if light else options.publish_days
            if context.clock.is_past(_after(resolved, days)):
                word = "resolved" if "resolved_at" in postmortem.times else "detected"
                fact = f"not published within {days} working days of being {word}"
                hint = "hold the review, then set the status to `published`"
                yield Finding(*at, fact, hint)
    except OverflowError:  # a date at the end of time is `timestamps-not-future`
        return


def _after(instant: datetime, working_days: int) -> datetime:
    """The instant that many working days (Monday to Friday) later."""
    weeks, days = divmod(working_days, 5)
    instant += timedelta(weeks=weeks)
    while days > 0 or instant.weekday() >= 5:
        instant += timedelta(days=1)
        days -= instant.weekday() < 5
    return instant
