"""Metrics over time, computed from postmortems.

Always how many (`n`), how many are unknown, median, 90th percentile and the points themselves:
a mean would hide the one bad night, and a figure without n the small archive.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from incident.archive.milestones import Milestones
from incident.postmortem import severity
from incident.postmortem.model import CLOSED_AS, PUBLISHED, ActionItem, Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.repository.config import SEVERITIES

LENGTHS = tuple(DURATIONS)
SHARES = {
    "found_by_test": "Detected by a test or monitor",
    "found_by_consumer": "Reported by a consumer or third party",
    "items_on_time": "Action items done on time",
    "recurrences": "Incidents that were a recurrence",
    "covered": "P0 and P1 with a published postmortem",
}
BY_TEST = frozenset({"test", "monitor", "anomaly", "pipeline_failure"})
BY_CONSUMER = frozenset({"consumer", "external"})


class Point(NamedTuple):
    """One measured incident; `day` is its date."""

    id: str
    minutes: int
    day: date | None
    severity: str


@dataclass(frozen=True)
class Length:
    """A duration over many incidents, in minutes; median and p90 are None if n is 0.

    `unknown` counts incidents that lack one of the two times, or have them in the wrong order.
    """

    points: tuple[Point, ...]
    unknown: int

    @property
    def n(self) -> int:
        """The number of known values."""
        return len(self.points)

    @property
    def median(self) -> float | None:
        """The median."""
        return statistics.median(p.minutes for p in self.points) if self.points else None

    @property
    def p90(self) -> int | None:
        """The 90th percentile (nearest rank: always one of the points)."""
        ordered = sorted(p.minutes for p in self.points)
        return ordered[math.ceil(0.9 * len(ordered)) - 1] if ordered else None


@dataclass(frozen=True)
class Share:
    """`count` of `n`; `unknown` ones are not in n."""

    count: int
    n: int
    unknown: int

    @property
    def percent(self) -> float | None:
        """The share in percent, None if n is 0."""
        return 100 * self.count / self.n if self.n else None


@dataclass(frozen=True)
class Figures:
    """The figures of the incidents from `since` to `until`, inclusive; None means no limit.

    `closed_as`: how many false alarms and duplicates; they are in no other figure.
    """

    since: date | None
    until: date | None
    incidents: int
    closed_as: dict[str, int]
    severities: dict[str, int]
    detection: dict[str, int]
    lengths: dict[str, Length]
    shares: dict[str, Share]


def measure(
    postmortems: Iterable[Postmortem],
    today: date,
    milestones: Milestones | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Figures:
    """The figures of the incidents in a period. `today` decides which action items are overdue."""
    known = milestones or Milestones()
    declared = [p for p in postmortems if inside(p.date, since, until)]
    chosen = [p for p in declared if not p.closed_as]
    return Figures(
        since,
        until,
        len(chosen),
        {key: sum(p.closed_as == key for p in declared) for key in CLOSED_AS},
        _counts((p.severity for p in chosen), SEVERITIES),
        _counts(p.detection_method for p in chosen),
        {key: _length(chosen, key, known) for key in LENGTHS},
        {
            "found_by_test": _found_by(chosen, BY_TEST),
            "found_by_consumer": _found_by(chosen, BY_CONSUMER),
            "items_on_time": _on_time(chosen, today, known),
            "recurrences": Share(sum(bool(p.recurrence_of) for p in chosen), len(chosen), 0),
            "covered": _covered(chosen),
        },
    )


def inside(day: date | None, since: date | None, until: date | None) -> bool:
    """Whether a day is in a period; an unknown day only matches without limits."""
    if day is None:
        return since is None and until is None
    return (since is None or day >= since) and (until is None or day <= until)


def as_json(figures: Figures) -> dict[str, Any]:
    """The figures as plain values; times in minutes, shares in percent."""
    return {
        "since": figures.since and figures.since.isoformat(),
        "until": figures.until and figures.until.isoformat(),
        "incidents": figures.incidents,
        "closed_as": figures.closed_as,
        "severities": figures.severities,
        "detection": figures.detection,
        "lengths": {
            key: {
                "label": DURATIONS[key].title,
                "known_as": DURATIONS[key].known_as,
                "n": length.n,
                "unknown": length.unknown,
                "median_minutes": length.median,
                "p90_minutes": length.p90,
                "points": [{"id": p.id, "minutes": p.minutes} for p in length.points],
            }
            for key, length in figures.lengths.items()
        },
        "shares": {
            key: {
                "label": SHARES[key],
                "count": share.count,
                "n": share.n,
                "unknown": share.unknown,
                "percent": None if share.percent is None else round(share.percent, 1),
            }
            for key, share in figures.shares.items()
        },
    }


def share_labels(aliases: Mapping[str, str]) -> dict[str, str]:
    """The name of each share, in the team's own severity scale."""
    worst = " and ".join(severity.names(level, aliases) for level in ("P0", "P1"))
    return {**SHARES, "covered": SHARES["covered"].replace("P0 and P1", worst)}


def not_counted(figures: Figures) -> str:
    """What the figures leave out: `1 false alarm, 2 duplicates`; "" for nothing."""
    return ", ".join(
        f"{n} {key.replace('_', ' ')}{'s' * (n != 1)}" for key, n in figures.closed_as.items() if n
    )


def quarter(day: date) -> tuple[date, date]:
    """First and last day of the quarter around `day`."""
    first = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    following = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    return first, following - timedelta(days=1)


def quarter_before(day: date) -> tuple[date, date]:
    """First and last day of the quarter before the one around `day`."""
    return quarter(quarter(day)[0] - timedelta(days=1))


def on_time(item: ActionItem, done: date | None, today: date) -> bool | None:
    """Whether an item was done by its due date; None if unknown or not due yet.

    `done`: the day that git knows; what the item itself says wins.
    """
    if item.due is None or item.status == "wont_do":
        return None
    done = item.done_at or done
    if item.is_open:
        return False if item.due < today else None
    return None if done is None else done <= item.due


def _length(chosen: Sequence[Postmortem], key: str, known: Milestones) -> Length:
    points = [
        Point(p.id, int(length.total_seconds() // 60), p.date, p.severity)
        for p in chosen
        if (length := p.time_to(key, known.published.get(p.id))) is not None
    ]
    return Length(tuple(points), len(chosen) - len(points))


def _found_by(chosen: Sequence[Postmortem], methods: frozenset[str]) -> Share:
    known = [p.detection_method for p in chosen if p.detection_method]
    return Share(sum(method in methods for method in known), len(known), len(chosen) - len(known))


def _on_time(chosen: Sequence[Postmortem], today: date, known: Milestones) -> Share:
    judged, unknown = [], 0
    for p in chosen:
        for item in p.action_items:
            verdict = on_time(item, known.done.get((p.id, item.id)), today)
            if verdict is not None:
                judged.append(verdict)
            elif item.status == "done" or (item.is_open and item.due is None):
                unknown += 1  # neither won't do nor still within its time
    return Share(sum(judged), len(judged), unknown)


def _covered(chosen: Sequence[Postmortem]) -> Share:
    severe = [p for p in chosen if p.severity in {"P0", "P1"}]
    unknown = sum(p.severity not in SEVERITIES for p in chosen)
    return Share(sum(p.status in PUBLISHED for p in severe), len(severe), unknown)


def _counts(values: Iterable[str], order: Sequence[str] = ()) -> dict[str, int]:
    found = Counter(value or "unknown" for value in values)
    rest = sorted(
        (k for k in found if k not in order), key=lambda k: (k == "unknown", -found[k], k)
    )
    return {key: found[key] for key in (*order, *rest)}
