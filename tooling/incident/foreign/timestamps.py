"""Dates and times as people write them at the beginning or the end of a line.

`12:45 PM PST Saturday Oct 30th: `, `**16:58 UTC** - `, `[2021-05-09 ~18:10]`, `13.41`, `(09:40)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from incident.text.lazy_regex import lazy

# Offsets of the abbreviations that postmortems use. CST, IST and BST mean other places too.
ZONES = {
    **dict.fromkeys(("UTC", "GMT", "Z", "utc", "gmt", "WET"), "+00:00"),
    **dict.fromkeys(("BST", "CET", "WEST", "MEZ"), "+01:00"),
    **dict.fromkeys(("CEST", "EET", "MESZ", "SAST"), "+02:00"),
    **dict.fromkeys(("EEST", "MSK"), "+03:00"),
    "IST": "+05:30",
    **dict.fromkeys(("SGT", "HKT", "AWST"), "+08:00"),
    **dict.fromkeys(("JST", "KST"), "+09:00"),
    **dict.fromkeys(("AEST",), "+10:00"),
    **dict.fromkeys(("AEDT",), "+11:00"),
    **dict.fromkeys(("NZST",), "+12:00"),
    **dict.fromkeys(("BRT", "ART", "ADT"), "-03:00"),
    **dict.fromkeys(("EDT", "AST"), "-04:00"),
    **dict.fromkeys(("EST", "CDT", "ET"), "-05:00"),
    **dict.fromkeys(("CST", "MDT", "CT"), "-06:00"),
    **dict.fromkeys(("MST", "PDT", "MT"), "-07:00"),
    **dict.fromkeys(("PST", "PT", "AKDT"), "-08:00"),
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DATE = (
    r"(?:(?P<y1>\d{4})(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})(?![\d])"
    r"|(?P<a>\d{1,2})(?P<s2>[-/.])(?P<b>\d{1,2})(?P=s2)(?P<y2>\d{4}|\d{2})(?!\d)"
    rf"|(?P<n3>{_MONTH})\s{{0,2}}(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?!\d|:\d)"
    r"(?:\s{0,2}[-\u2013]\s{0,2}\d{1,2}\b(?!:\d))?(?:,?\s{1,2}(?P<y3>\d{4})\b(?!:\d))?"
    r"|(?P<d4>\d{1,2})(?:st|nd|rd|th)?\s{1,2}(?:of\s{1,2})?"
    rf"(?P<n4>{_MONTH})(?:,?\s{{1,2}}(?P<y4>\d{{4}})\b(?!:\d))?)"
)
_CLOCK = (
    r"(?:(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<sec>\d{2})(?:[.,]\d{1,9})?)?(?!\d|:\d)"
    r"(?:\s{0,2}(?P<half>[ap]\.?m\b\.?))?"
    r"|(?P<h2>\d{1,2})\s{0,2}(?P<half2>[ap]\.?m\b\.?)"
    r"|(?P<h3>\d{1,2})(?P<dot>[.h])(?P<min3>\d{2})(?![\d.])(?=[\s:)\]*_|,\u2013\u2014-]|$))"
)
_NAMES = "|".join(sorted(ZONES, key=len, reverse=True))
_ZONE = rf"\(?(?:(?P<name>{_NAMES})\b|(?P<offset>[+-]\d{{2}}:?\d{{2}})(?!\d))\)?"
_DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?"

_DATES = lazy(_DATE, re.IGNORECASE)
_CLOCKS = lazy(_CLOCK, re.IGNORECASE)
_ZONES = lazy(_ZONE)
_DAY_NAMES = lazy(_DAY_NAME, re.IGNORECASE)
_LEAD = lazy(
    r"[\s*_`~\u2248\[({<>,@\"']+|(?:at|on|of|around|about|circa|ca|approx(?:imately)?|from)\b\.?"
    r"|T(?=\d)",
    re.IGNORECASE,
)
_JOIN = lazy(r"[\s*_`)\]}]*[-\u2013\u2014/|:;][\s*_`(\[{~\u2248]*")
_RANGE = lazy(r"\s{0,2}(?:-|\u2013|\u2014|to|until)\s{0,2}~?" + _CLOCK, re.IGNORECASE)
_SPAN = lazy(r":\d\d\D{0,6}(?:-|\u2013|to|until)\s*~?\d{1,2}[:.]\d\d")
_ALSO = lazy(r"\s{0,2}[(/]\s{0,2}~?\d{1,2}:\d{2}[^()\n]{0,24}\)?")
_TAIL = lazy(
    r"(?:[\s~)\]}>\"'|:;,.\u2013\u2014-]|(?<=\S)[*_`]+|[*_`]+(?=[\s:;,.)\]|\u2013\u2014-]|$))*"
)
_ENDS = lazy(r"(?:[(\[|\u2013\u2014-]|,|\bat\b|@)(?=[\s*_`~]{0,4}\w)")
_SAYS_ZONE = lazy(rf"(?<![\w/])(?:{_NAMES})(?![\w/])")


class Day(NamedTuple):
    """A day; `year` is None where it was not written."""

    year: int | None
    month: int
    day: int


@dataclass(frozen=True)
class Stamp:
    """What stands between `start` and `end`: a day, a clock time (hour, minute), an offset."""

    start: int
    end: int
    day: Day | None
    clock: tuple[int, int] | None
    zone: str


def leading(text: str, at: int = 0, day_first: bool = False) -> Stamp | None:
    """The stamp with which `text` begins, decoration and separators included, else None."""
    day: Day | None = None
    clock: tuple[int, int] | None = None
    zone, start, end = "", at, at
    while at < len(text):
        if lead := _LEAD().match(text, at):
            at = lead.end()
            continue
        found = _DATES().match(text, at)
        if day is None and found and (read := _day(found, day_first)):
            day, at = read, found.end()
        elif (weekday := _DAY_NAMES().match(text, at)) and weekday.end() > at:
            at = weekday.end()
            if day is None and clock is None:
                continue  # a weekday alone is no stamp
        elif clock is None and (hour := _CLOCKS().match(text, at)) and (time := _clock(hour)):
            clock, at = time, hour.end()
            if to := _RANGE().match(text, at):
                at = to.end()
            if also := _ALSO().match(text, at):
                at = also.end()
        elif clock and not zone and (named := _ZONES().match(text, at)):
            zone, at = _offset(named), named.end()
        elif (
            (day or clock)
            and (join := _JOIN().match(text, at))
            and (more := _more(text, join.end(), day, clock, day_first))
        ):
            at = more
            continue
        else:
            break
        end = at
    if day is None and clock is None:
        return None
    tail = _TAIL().match(text, end)
    if end < len(text) and (text[end].isalnum() or text[end] == "%"):
        return None  # "3 May-flies", "10:30x"
    return Stamp(start, tail.end() if tail else end, day, clock, zone)


def trailing(text: str, day_first: bool = False) -> Stamp | None:
    """The stamp with a clock time with which `text` ends: `… (13:41)`, `… at 13:41 UTC.`."""
    floor = max(0, len(text) - 60)
    for match in reversed(list(_ENDS().finditer(text, floor))):
        found = leading(text, match.end(), day_first)
        before = text[: match.start()]
        if re.search(r"\d\s*$", before) or before.count("(") > before.count(")"):
            continue  # the end of a span of time
        if _SPAN().search(text, match.end()):
            continue
        if found and found.clock and found.end >= len(text):
            return Stamp(match.start(), len(text), found.day, found.clock, found.zone)
    return None


def first_day(text: str, day_first: bool = False, with_year: bool = False) -> Day | None:
    """The first date in `text`; only one that names its year, if so asked."""
    for match in _DATES().finditer(text):
        around = text[max(0, match.start() - 1) : match.start()]
        if around.isalnum() or (around in {"/", "."} and not match["n3"]):
            continue
        day = _day(match, day_first)
        if day and (day.year or not with_year):
            return day
    return None


def zone_of(text: str) -> str:
    """The offset of the first zone that `text` names, "" if none: `Timeline (all times PST)`."""
    found = _SAYS_ZONE().search(text)
    return ZONES[found[0]] if found else ""


def year_of(text: str) -> int | None:
    """A year that stands alone in `text`: `Date (2022)`."""
    found = re.search(r"(?<![\d/.-])(20\d\d)(?![\d/.-])", text)
    return int(found[1]) if found else None


def _more(
    text: str, at: int, day: Day | None, clock: tuple[int, int] | None, day_first: bool
) -> int:
    """Where the next part of the stamp begins, after a dash or a bar; 0 if none does."""
    while lead := _LEAD().match(text, at):
        at = lead.end()
    if weekday := _DAY_NAMES().match(text, at):
        at = weekday.end()
        while lead := _LEAD().match(text, at):
            at = lead.end()
    found = _DATES().match(text, at)
    if day is None and found and _day(found, day_first):
        return at
    hour = _CLOCKS().match(text, at)
    return at if clock is None and hour and _clock(hour) else 0


def _day(found: re.Match[str], day_first: bool) -> Day | None:
    year: int | None
    if found["y1"]:
        year, month, day = int(found["y1"]), int(found["m1"]), int(found["d1"])
    elif found["a"]:
        month, day = int(found["a"]), int(found["b"])
        if found["s2"] == "." or month > 12 or (day_first and day <= 12):
            month, day = day, month
        year = int(found["y2"])
        year += 2000 if year < 100 else 0
    else:
        name = found["n3"] or found["n4"]
        month = _MONTHS.index(name[:3].lower()) + 1
        day = int(found["d3"] or found["d4"])
        written = found["y3"] or found["y4"]
        year = int(written) if written else None
    try:
        date(year or 2024, month, day)  # a leap year, where none is known
    except ValueError:
        return None
    return Day(year, month, day) if year is None or 1980 <= year <= 2100 else None


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    hour = int(found["h"] or found["h2"] or found["h3"])
    minute = int(found["min"] or found["min3"] or 0)
    half = (found["half"] or found["half2"] or "")[:1].lower()
    if half and 1 <= hour <= 12:  # 13:55 PM is 13:55
        hour = hour % 12 + (12 if half == "p" else 0)
    if found["h3"] and len(found["h3"]) < 2 and found["dot"] == ".":
        return None  # 3.14
    return (hour, minute) if hour < 24 and minute < 60 else None


def _offset(found: re.Match[str]) -> str:
    if found["name"]:
        return ZONES[found["name"]]
    digits = found["offset"].replace(":", "")
    return f"{digits[:3]}:{digits[3:]}" if digits[1:3] < "15" and digits[3:] < "60" else "+00:00"


@dataclass
class Reader:
    """Turns stamps into instants: what one leaves out comes from those before it.

    `zone`: the offset where none is written, as a heading or an entry before says it, else
    `fallback`. `day`: of the entry before, else of the document.
    """

    zone: str
    day: date | None
    day_first: bool = False
    year: int | None = None
    fallback: str = "+00:00"
    last: datetime | None = None

    def date(self, day: Day) -> date | None:
        """A day with its year: the written one, else the table's, else that of the day before."""
        year = day.year or self.year or (self.day.year if self.day else None)
        if year is None:
            return None
        if day.year is None and self.day and self.day.month - day.month >= 10:
            year += 1  # December, then January
        try:
            return date(year, day.month, day.day)
        except ValueError:
            return None

    def move(self, day: Day) -> None:
        """What follows happened on that day."""
        self.day = self.date(day) or self.day
        self.last = None

    def instant(self, stamp: Stamp) -> datetime | None:
        """The instant of a stamp with a clock time; None while no day is known."""
        if stamp.day:
            self.move(stamp.day)
        if stamp.clock is None or self.day is None:
            return None
        hour, minute = stamp.clock
        self.zone = self.zone or stamp.zone
        zone = stamp.zone or self.zone or self.fallback
        at = datetime.fromisoformat(f"{self.day.isoformat()}T{hour:02}:{minute:02}{zone}")
        try:
            at.astimezone(UTC)
            # 23:50, then 00:10: the next day
            if not stamp.day and self.last and self.last - at > timedelta(hours=12):
                at += timedelta(days=1)
                self.day = at.date()
        except (OverflowError, ValueError):
            return None
        self.last = at
        return at
