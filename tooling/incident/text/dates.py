"""Days as people write them: 2025-05-14, 14.5.2025, 5/14/25, May 14th, 14 May 2025, 13/08.

A day and a month in digits can be read in two ways. Which one is meant is decided for a whole
document by `order_of`; until then such a day `is_ambiguous`, and nothing may be concluded from it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from incident.text.lazy_regex import lazy

FIRST_YEAR = 2000

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_YEAR = r"(?P<{0}>(?:19|20)\d\d)\b(?!:\d)"
# a day without a year stands before a clock time, or alone before a colon, dash or bracket
_SHORT_END = r"(?=\s{1,3}~?\d{1,2}[:.h]\d\d|\s{0,2}[:|\])]|\s{1,2}[-\u2013\u2014]\s|\.?\s*$)"
_SHORT = (
    rf"|(?P<a6>\d{{1,2}})[-/](?P<b6>\d{{1,2}}){_SHORT_END}"
    r"|(?P<d7>\d{1,2})\.(?P<m7>\d{1,2})\.(?=\s)"
)
_DATE = (
    r"(?:(?P<y1>\d{4})(?P<s1>[-/.\u2010\u2011])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})(?!\d)"
    r"|(?P<y5>20\d\d)(?P<m5>[01]\d)(?P<d5>[0-3]\d)(?!\d)"
    r"|(?P<a>\d{1,2})(?P<s2>[-/.])(?P<b>\d{1,2})(?P=s2)(?P<y2>\d{4}|\d{2})(?!\d)"
    rf"|(?P<n3>{_MONTH})\s{{0,2}}(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d|\.\d)"
    r"(?:\s{0,2}[-\u2013&]{1,2}\s{0,2}\d{1,2}(?:st|nd|rd|th)?\b(?!:\d))?"
    rf"(?:,?\s{{1,2}}(?:of\s)?{_YEAR.format('y3')})?"
    r"|(?P<d4>\d{1,2})(?:st|nd|rd|th)?(?:\s{0,2}[-\u2013]\s{0,2}\d{1,2}(?:st|nd|rd|th)?)?"
    rf"[\s/-]{{1,2}}(?:of\s{{1,2}})?(?P<n4>{_MONTH})(?:[,/-]?\s{{0,2}}(?<=[\s/-]){_YEAR.format('y4')})?"
)
_DATES = lazy(f"{_DATE}{_SHORT})", re.IGNORECASE)
# the look ahead is the cheapest test of a place
_ANYWHERE = lazy(rf"(?=[\dadfjmnos])(?<![^\W_])(?<![/.:+-]){_DATE})", re.IGNORECASE)
_NUMERIC = lazy(r"(?<![^\W_])(?<![/.:+-])(\d{1,2})([-/])(\d{1,2})(?:\2(\d{4}|\d{2}))?(?![^\W_]|/)")


class Order(StrEnum):
    """Which of the two comes first in a day in digits."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


class Day(NamedTuple):
    """A day; `year` is None where it was not written."""

    year: int | None
    month: int
    day: int
    is_ambiguous: bool = False

    @property
    def swapped(self) -> Day:
        """The other way to read it."""
        return self._replace(month=self.day, day=self.month)


def match(text: str, at: int, order: Order | None) -> tuple[Day, int] | None:
    """The day written at an offset, and where it ends; one in digits may lack its year."""
    found = _DATES().match(text, at)
    day = _day(found, order) if found else None
    return (day, found.end()) if found and day else None


def find(text: str, order: Order | None = None) -> Iterator[Day]:
    """All days in a text."""
    return (day for _, _, day in places(text, order))


def places(
    text: str, order: Order | None = None, start: int = 0, end: int = sys.maxsize
) -> Iterator[tuple[int, int, Day]]:
    """All days in a text, each after the offsets where it begins and ends."""
    for found in _ANYWHERE().finditer(text, start, end):
        if day := _day(found, order):
            yield found.start(), found.end(), day


def _day(found: re.Match[str], order: Order | None) -> Day | None:
    parts = found.groupdict()
    year: int | None = None
    is_ambiguous = False
    if parts["y1"] or parts["y5"]:
        year, month, day = (int(parts[f"{part}1"] or parts[f"{part}5"]) for part in "ymd")
    elif parts.get("d7"):
        month, day = int(parts["m7"]), int(parts["d7"])
    elif parts["n3"] or parts["n4"]:
        month = _MONTHS.index((parts["n3"] or parts["n4"])[:3].lower()) + 1
        day = int(parts["d3"] or parts["d4"])
        written = parts["y3"] or parts["y4"]
        year = int(written) if written else None
    else:
        first, second = (int(parts[part] or parts[f"{part}6"]) for part in "ab")
        month, day = (second, first) if first > 12 or parts["s2"] == "." else (first, second)
        if max(first, second) <= 12 and first != second and parts["s2"] != ".":
            is_ambiguous = order is None
            month, day = (second, first) if order is Order.DAY_FIRST else (first, second)
        if parts["y2"]:
            year = int(parts["y2"]) + (2000 if len(parts["y2"]) == 2 else 0)
            # 25-01-06 may begin with its year
            if first > 12 and parts["s2"] == "-" and len(parts["y2"]) == 2:
                is_ambiguous = True
    try:
        date(year or 2024, month, day)  # a leap year, where none is known
    except ValueError:
        return None
    return Day(year, month, day, is_ambiguous)


def order_of(texts: Iterable[str], anchors: Iterable[date]) -> Order | None:
    """How the numeric days of a document are meant, if that can be told.

    `anchors`: days that are certain: of the file's name, its folder, its first commit. A day
    above 12 decides; else the reading that is close to a certain day where the other is not.
    """
    certain = set(anchors)
    votes: set[Order] = set()
    doubtful: list[tuple[int, int, int | None]] = []
    for text in texts:
        certain.update(date(d.year, d.month, d.day) for d in find(text) if d.year and _known(d))
        for written, _, other, digits in _NUMERIC().findall(text):
            if not digits and not _starts(text, written):
                continue
            first, second = int(written), int(other)
            year = int(digits) + (2000 if len(digits) == 2 else 0) if digits else None
            if 12 < first <= 31 and 1 <= second <= 12:
                votes.add(Order.DAY_FIRST)
            elif 12 < second <= 31 and 1 <= first <= 12:
                votes.add(Order.MONTH_FIRST)
            elif min(first, second) >= 1 and max(first, second) <= 12 and first != second:
                doubtful.append((first, second, year))
    if votes:
        return votes.pop() if len(votes) == 1 else None
    near = {order for numbers in doubtful for order in Order if _is_near(numbers, order, certain)}
    return near.pop() if len(near) == 1 else None


def _starts(text: str, written: str) -> bool:
    """Whether a day without a year begins a line, as an entry of a timeline does."""
    return text.lstrip(" \t-*+|_[(~").startswith(written)


def _known(day: Day) -> bool:
    return not day.is_ambiguous and FIRST_YEAR <= (day.year or 0) <= 2100


def _is_near(numbers: tuple[int, int, int | None], order: Order, certain: set[date]) -> bool:
    first, second, year = numbers
    month, day = (second, first) if order is Order.DAY_FIRST else (first, second)
    for other in certain:
        try:
            at = date(year or other.year, month, day)
        except ValueError:
            continue
        if abs(at - other) <= timedelta(days=20):
            return True
    return False
