"""A likely recurrence refers to the earlier incident.

The same root asset with the same cause within a year, or a check that an earlier action item
promised, is rarely a coincidence: a fix from the first postmortem did not hold. Name the earlier
incident in `recurrence_of` and ask what it missed, or in `related` if it only looks similar.

## Fails

```archive
id: 2025-05-14-revenue-low
===
id: 2025-02-01-revenue-wrong
timestamps: {started_at: "2025-02-01T02:05Z", detected_at: "2025-02-01T09:40Z", corrected_at: "2025-02-01T13:10Z", consumers_notified_at: "2025-02-01T13:30Z", resolved_at: "2025-02-01T13:30Z"}
```

## Passes

```archive
id: 2025-05-14-revenue-low
related: [2025-02-01-revenue-wrong]
===
id: 2025-02-01-revenue-wrong
timestamps: {started_at: "2025-02-01T02:05Z", detected_at: "2025-02-01T09:40Z", corrected_at: "2025-02-01T13:10Z", consumers_notified_at: "2025-02-01T13:30Z", resolved_at: "2025-02-01T13:30Z"}
```

## Options

`days`: how far back to look; default 365.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from incident.archive.index import Facts
from incident.diagnostic import Level
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@dataclass(frozen=True)
class Options:
    """Limit."""

    days: int = 365


@archive_rule(code="INC603", level=Level.WARNING, since="0.1.0", options=Options)
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report the later of two similar incidents, with open items of the earlier one."""
    alike: dict[str, list[tuple[str, Facts]]] = defaultdict(list)
    for one in whole.by_path.values():
        if one.day:
            for mark in _marks(one):
                alike[mark].append((one.day, one))
    reported = set()
    for mark, group in sorted(alike.items()):
        group.sort(key=lambda pair: (pair[0], pair[1].path))
        for (earlier_day, earlier), (day, one) in pairwise(group):
            known = {earlier.id, ""} & _named(one) or one.id in _named(earlier)
            if known or earlier.id == one.id or one.path in reported:
                continue
            gap = (date.fromisoformat(day) - date.fromisoformat(earlier_day)).days
            if gap <= whole.options.days:
                reported.add(one.path)
                yield _placed(one, earlier, gap, mark)


def _placed(one: Facts, earlier: Facts, gap: int, mark: str) -> ArchiveFinding:
    fact = f"{mark}, as in {earlier.id} {gap} day{'s' * (gap != 1)} earlier"
    if earlier.open_items:
        fact += f" ({len(earlier.open_items)} still open: {earlier.open_items[0]})"
    hint = f"set `recurrence_of: {earlier.id}`, or name it in `related`"
    return ArchiveFinding(one.path, one.id_span, fact, hint)


def _marks(one: Facts) -> set[str]:
    """Descriptions of what makes two incidents similar."""
    marks = {f"{check} was already promised" for check in one.checks}
    if one.cause and one.cause != "unknown":
        cause = one.cause.replace("_", " ")
        marks |= {f"{asset} and {cause}" for asset in one.assets[:1]}
    return marks


def _named(one: Facts) -> set[str]:
    again = {one.recurrence_of.target} if one.recurrence_of else set()
    return again | {mention.target for mention in one.related}
