"""An action item is due soon after the incident, not before it.

The worse the incident, the more a recurrence hurts. Items that are not done within a few weeks
rarely get done: the limit is 15 days for a P0, 30 for a P1, 60 for a P2 and 90 for a P3, counted
from detection (or from the start, if detection is unknown). Split larger work so that a first step
fits. The limit does not apply to imported postmortems (`x_imported`), and finished items (`done` or
`wont_do`) are not reported.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-10-01", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-01", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-06-13", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

## Options

`p0`, `p1`, `p2`, `p3`: days from detection, by severity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Days by severity."""

    p0: int = 15
    p1: int = 30
    p2: int = 60
    p3: int = 90


@rule(code="INC304", level=Level.ERROR, since="0.1.0", since_status="in_review", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report due dates before the incident or past the limit of its severity."""
    postmortem = context.postmortem
    known = postmortem.times.get("detected_at") or postmortem.times.get("started_at")
    if known is None:
        return
    limit: int | None = getattr(context.options, postmortem.severity.lower(), None)
    if "x_imported" in context.document.data:
        limit = None
    for item in postmortem.action_items:
        if item.due is None or item.is_finished:
            continue
        at = context.document.at("action_items", item.index, "due")
        number = str(item.index + 1)
        name = f"action item {number}"
        days = (item.due - known.date()).days
        if days < 0:
            fact = f"{name} is due {_days(-days)} before the incident was detected"
            several = Several("{} action items are due before the incident was detected", number)
            yield Finding(*at, fact, "check the year and month", several=several)
        elif limit is not None and days > limit:
            fact = f"{name} is due {_days(days)} after detection"
            fact += f" (limit {limit} for {postmortem.severity_label})"
            several = Several(
                f"{{}} action items are due more than {limit} days after detection", number
            )
            yield Finding(*at, fact, _hint(known.date(), limit), several=several)


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"


def _hint(known: date, limit: int) -> str:
    try:
        by = known + timedelta(days=limit)
    except OverflowError:
        return "move the date, or split off a first step"
    return f"move the date, or split off a first step due by {by}"
