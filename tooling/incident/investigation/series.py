"""Which days of a series are unusual, compared with the same weekday of the weeks before.

No claim without history: a Sunday is compared with Sundays, and a day with only one earlier one is
unusual only if it is far outside of everything before. Noise is measured on the series itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

WEEKS = 4
FEW = 10  # rows on a day that usually has none
LEAST = 0.10  # a smaller share is never called a change
CLEAR = 5  # times the noise
FAR = 1.75  # times the farthest ordinary day
HALF = 0.69  # the distance between a count and half of it
FIRST = 5  # days before noise is known
MOST = 0.6  # of the days: more than that is not noise
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """Unusual days of one direction. `actual`, `expected`: sums over them; `days`: how many."""

    first: date
    last: date
    days: int
    actual: float
    expected: float

    @property
    def change(self) -> float:
        """The share: -0.18 for a fall of 18%; infinite where nothing was expected."""
        return (self.actual - self.expected) / self.expected if self.expected else math.inf


@dataclass(frozen=True)
class Judged:
    """`stretches`: the largest first. `count`: how many days could be compared at all."""

    stretches: tuple[Stretch, ...]
    count: int


def filled(values: Mapping[date, float], last: date) -> dict[date, float]:
    """Every day from the first one on; a missing day has no rows."""
    first = min(values)
    days = (max(last, max(values)) - first).days + 1
    return {first + n * _DAY: values.get(first + n * _DAY, 0) for n in range(days)}


def judge(values: Mapping[date, float]) -> Judged:
    """The unusual days of a series without gaps."""
    normal: dict[date, float] = {}
    noise = _Noise(values)
    unusual: list[tuple[date, float, float]] = []
    quiet: set[date] = set()  # days on which nothing is usual, or that can't be compared
    count = 0
    for day, value in values.items():
        expected = _expected(day, value, normal)
        if expected is None:
            quiet.add(day)
            normal[day] = value
            continue
        count += 1
        if _is_unusual(value, expected, noise.limit(day), normal):
            unusual.append((day, value, expected))
            continue
        normal[day] = value
        if expected:
            noise.add(day, _distance(value, expected))
        else:
            quiet.add(day)
    found = _stretches(unusual, quiet)
    found.sort(key=lambda one: (-abs(one.actual - one.expected), one.first))
    return Judged(tuple(found), count)


class _Noise:
    """How far ordinary days are from what is expected: working days, and weekends.

    Those before the day count. The first ones are measured on all of the series.
    """

    def __init__(self, values: Mapping[date, float]) -> None:
        every = []
        for day, value in values.items():
            same = _earlier(day, values)
            if len(same) >= 2 and (usual := median(same)):
                every.append(_distance(value, usual))
        self._start = sorted(every)[int(len(every) * MOST)] if every else 0.0
        self._seen: dict[bool, list[float]] = {False: [], True: []}

    def add(self, day: date, distance: float) -> None:
        """Count an ordinary day."""
        self._seen[day.weekday() > 4].append(distance)

    def limit(self, day: date) -> float:
        """The distance above which a day is unusual.

        A window has few weekends, so there half or double is the least.
        """
        work, rest = self._seen.values()
        if day.weekday() > 4:
            return max(HALF, _limit(work), _limit(rest))
        return _limit(work) if len(work) >= FIRST else CLEAR * max([self._start, *work, *rest])


def _limit(seen: list[float]) -> float:
    return max(CLEAR * _most(seen), FAR * max(seen, default=0.0))


def _most(values: list[float]) -> float:
    """What three of five stay below; of too few, the largest."""
    if not values:
        return 0.0
    return sorted(values)[int(len(values) * MOST)] if len(values) >= FIRST else max(values)


def _earlier(day: date, values: Mapping[date, float]) -> list[float]:
    """The same weekday of the weeks before, the nearest first."""
    days = (day - timedelta(weeks=n) for n in range(1, WEEKS + 3))
    return [values[one] for one in days if one in values][:WEEKS]


def _expected(day: date, value: float, normal: Mapping[date, float]) -> float | None:
    """What is usual for a day; None if that is not known."""
    same = _earlier(day, normal)
    if len(same) >= 2:
        return float(median(same))
    if not same or len(normal) < 7:
        return None
    low, high = min(normal.values()), max(normal.values())
    is_far = value < low - (high - low) or value > high + (high - low)
    return same[0] if is_far else None


def _is_unusual(value: float, expected: float, limit: float, normal: Mapping[date, float]) -> bool:
    if not expected:
        some = [one for one in normal.values() if one]
        return bool(some) and value > max(FEW, LEAST * median(some))
    rows = abs(value - expected)
    is_large = rows >= LEAST * expected and rows > 3 * math.sqrt(expected)
    return is_large and _distance(value, expected) >= limit


def _distance(value: float, expected: float) -> float:
    """How far apart two counts are, the same for half and double."""
    if not value or not expected:
        return 0.0 if value == expected else math.inf
    return abs(math.log(value / expected))


def _stretches(unusual: Sequence[tuple[date, float, float]], quiet: set[date]) -> list[Stretch]:
    """Days of one direction, joined over days that say nothing, such as weekends."""
    found: list[Stretch] = []
    for day, value, expected in unusual:
        one = Stretch(day, day, 1, value, expected)
        before = found[-1] if found else None
        if before and (before.change < 0) == (one.change < 0) and _joined(before.last, day, quiet):
            actual, usual = before.actual + value, before.expected + expected
            found[-1] = Stretch(before.first, day, before.days + 1, actual, usual)
        else:
            found.append(one)
    return found


def _joined(last: date, day: date, quiet: set[date]) -> bool:
    between = ((day - last).days - 1) if day > last else 0
    return all(last + n * _DAY in quiet for n in range(1, between + 1))
