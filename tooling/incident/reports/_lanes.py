"""Incidents and promised checks of an asset over time: a check should follow an incident.

Positions are percentages of the time from the first incident to the last due date or today.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from incident.archive.trust import Trust
from incident.postmortem.model import Postmortem

_NEAR = 5.0  # percent: marks closer than this are stacked
_LEVELS = 3


class Mark(NamedTuple):
    """Something at `place` percent, `level` rows from the top. `state`: of a check."""

    place: float
    level: int
    said: str
    state: str = ""
    incident: Postmortem | None = None


class Tick(NamedTuple):
    """A label on the axis."""

    place: float
    label: str


class Lanes(NamedTuple):
    """What is drawn; `rows`: how many levels each lane needs."""

    incidents: tuple[Mark, ...]
    checks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    today: float
    rows: tuple[int, int]


def read(trust: Trust, today: date) -> Lanes | None:
    """The lanes; None where they would show a single point."""
    dated = [(p.date, p) for p in trust.incidents if p.date and p.date <= today]
    if not dated:
        return None
    checks = []
    for check in trust.checks:
        item = check.one.item
        state = "ok" if check.exists else "bad" if check.is_missing else ""
        at = (item.done_at or item.due) if check.exists else today if check.is_missing else item.due
        if at:
            said = {"ok": "in place", "bad": "overdue", "": "promised"}[state]
            checks.append((at, f"{item.title}, {said}", state))
    begin = min(day for day, _ in dated) - timedelta(days=15)
    last = max([today, *(day for day, _, _ in checks)])
    if len(dated) + len(checks) < 2 or (today - begin).days < 45:
        return None
    end = min(last, today + (today - begin) / 4) + timedelta(days=5)
    whole = (end - begin).days

    def place(day: date) -> float:
        return round(100 * min(1, max(0, (day - begin).days / whole)), 2)

    incidents = _stacked([(place(day), p.title or p.id, "", p) for day, p in sorted_by_day(dated)])
    shown = _stacked([(place(day), said, state, None) for day, said, state in sorted(checks)])
    rows = (_rows(incidents), _rows(shown))
    return Lanes(incidents, shown, _ticks(begin, end, today, place), place(today), rows)


def sorted_by_day(dated: Sequence[tuple[date, Postmortem]]) -> list[tuple[date, Postmortem]]:
    """The oldest first."""
    return sorted(dated, key=lambda one: (one[0], one[1].id))


def _stacked(
    marks: Sequence[tuple[float, str, str, Postmortem | None]],
) -> tuple[Mark, ...]:
    found: list[Mark] = []
    for place, said, state, p in marks:
        taken = {mark.level for mark in found if abs(mark.place - place) < _NEAR}
        level = next((n for n in range(_LEVELS) if n not in taken), _LEVELS - 1)
        found.append(Mark(place, level, said, state, p))
    return tuple(found)


def _rows(marks: Sequence[Mark]) -> int:
    return max((mark.level for mark in marks), default=0) + 1


def _ticks(begin: date, end: date, today: date, place: Callable[[date], float]) -> tuple[Tick, ...]:
    """January and July of each year; only years where these would be too many."""
    months = (1, 7) if (end - begin).days < 1500 else (1,)
    found = []
    for year in range(begin.year, end.year + 1):
        for month in months:
            day = date(year, month, 1)
            if begin <= day <= end and abs(place(day) - place(today)) > _NEAR:
                found.append(Tick(place(day), f"{day:%b} {year}" if month == 1 else f"{day:%b}"))
    return tuple(found)
