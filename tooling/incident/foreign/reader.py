"""Turns stamps into instants: what one leaves out comes from the document and the lines before.

Whatever is uncertain stays uncertain: a `Moment` without `at` says what is wrong with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from incident.text import zones
from incident.text.dates import FIRST_YEAR, Day, Order
from incident.text.stamps import Stamp
from incident.text.zones import Zone

NO_DAY = "without a day"
UNCLEAR_DAY = "with day and month unclear"
TOO_EARLY = f"before {FIRST_YEAR}"
FUTURE = "in the future"
NO_HALF = "without am or pm"
LONG_NIGHT, SHORT_NIGHT = timedelta(hours=12), timedelta(hours=5)


class Moment(NamedTuple):
    """When something happened. `at`: aware; `local`: without its zone; `problem`: why no `at`."""

    at: datetime | None
    local: datetime | None
    problem: str = ""


@dataclass
class Reader:
    """`day`: of the entry before, else of the document; None if that one is not certain.

    `now`: aware; later is implausible. `reference`: a day near which days without a year are.
    `night`: a clock that goes back further than this is that of the next day. `is_half_clock`:
    times run from 1 to 12, so that one without am or pm is not clear.
    `assumed`: how often a zone was taken that was not written for it.

    The zone of a time is the one written with it, else `zone` (of its section), else
    `document_zone`, else `implied` (the only one that the document names), else `fallback`.
    """

    now: datetime
    order: Order | None = None
    day: date | None = None
    reference: date | None = None
    year: int | None = None
    zone: Zone | None = None
    document_zone: Zone | None = None
    implied: Zone | None = None
    fallback: Zone | None = None
    meanings: dict[str, Zone] = field(default_factory=dict)
    last: datetime | None = None
    night: timedelta = LONG_NIGHT
    is_half_clock: bool = False
    assumed: Counter[str] = field(default_factory=Counter)

    def resolve(self, day: Day) -> date | None:
        """A day with its year: the written one, else the one that is nearest to the day before."""
        if day.is_ambiguous:
            return None
        if year := day.year or self.year:
            return _date(year, day)
        reference = self.day or self.reference
        if reference is None:
            return None
        near = [_date(reference.year + step, day) for step in (0, -1, 1)]
        known = [one for one in near if one]
        return min(known, key=lambda one: abs(one - reference), default=None)

    def problem(self, day: date) -> str:
        """Why a day is implausible, or ""."""
        if day.year < FIRST_YEAR:
            return TOO_EARLY
        return FUTURE if day > self.now.date() + timedelta(days=1) else ""

    def understand(self, day: Day) -> date | None:
        """A day that is certain and plausible, with its year; else None."""
        found = self.resolve(day)
        return found if found and not self.problem(found) else None

    def move(self, day: Day) -> None:
        """What follows happened on that day, if it is certain which one it is."""
        self.reference = self.day or self.reference
        self.day = self.understand(day)
        self.last = None

    def move_to(self, weekday: int) -> None:
        """What follows happened on that day of the week: the next one, or near the first."""
        if self.day:
            ahead = (weekday - self.day.weekday()) % 7
            self.day += timedelta(days=ahead if self.last or ahead <= 3 else ahead - 7)
        self.last = None

    def moment(self, stamp: Stamp) -> Moment:
        """The instant of a stamp with a clock time."""
        if stamp.day:
            found = self.resolve(stamp.day)
            problem = UNCLEAR_DAY if stamp.day.is_ambiguous else NO_DAY if found is None else ""
            problem = problem or (self.problem(found) if found else "")
            if problem:
                self.move(stamp.day)
                return Moment(None, None, problem)
            self.move(stamp.day)
        if stamp.clock is None or self.day is None:
            return Moment(None, None, NO_DAY)
        local = datetime.combine(self.day, time(*stamp.clock))
        if self.is_half_clock and not stamp.has_half:
            return Moment(None, None, NO_HALF)
        # 23:50, then 00:10: the next day
        if not stamp.day and self.last and self.last - local > self.night:
            try:
                local += timedelta(days=1)
            except OverflowError:
                return Moment(None, local, FUTURE)
            self.day = local.date()
        self.last = local
        zone = self._zone(stamp)
        if zone is None:
            return Moment(None, local, zones.NO_ZONE)
        at = zone.instant(local)
        if isinstance(at, str) and self.fallback and zone.may_be(self.fallback):
            at = self.fallback.instant(local)
        if isinstance(at, str):
            return Moment(None, local, at)
        return Moment(None, local, FUTURE) if _is_after(at, self.now) else Moment(at, local)

    def _zone(self, stamp: Stamp) -> Zone | None:
        zone = stamp.zone or self.zone or self.document_zone
        if zone is None and (zone := self.implied or self.fallback):
            self.assumed[zone.name] += 1
        return self.meanings.get(zone.name, zone) if zone else None


def _date(year: int, day: Day) -> date | None:
    try:
        return date(year, day.month, day.day)
    except ValueError:
        return None


def _is_after(at: datetime, now: datetime) -> bool:
    """Whether an instant is in the future; an offset may move year 9999 past the last one."""
    try:
        return at.astimezone(UTC) > now
    except OverflowError:
        return at.year > now.year
