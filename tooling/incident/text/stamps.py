"""Dates and times at the beginning or the end of a line, as one stamp.

`12:45 PM PST Saturday Oct 30th: `, `**16:58 UTC** - `, `[2021-05-09 ~18:10]`, `13.41`, `(09:40)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from incident.text import dates, zones
from incident.text.dates import Day, Order
from incident.text.lazy_regex import lazy
from incident.text.zones import Zone

_CLOCK = (
    r"(?:(?P<h>\d{1,2})\\?:(?P<min>\d{2})(?::(?P<sec>\d{2})(?:[.,]\d{1,9})?)?(?!\d|:\d)"
    r"(?:\s{0,2}(?P<half>[ap]\.?m\b\.?)|\s?(?:h|hrs|hours|uhr)\b)?"
    r"|(?P<h2>\d{1,2})\s{0,2}(?P<half2>[ap]\.?m\b\.?)"
    r"|(?P<h3>\d{1,2})(?P<dot>[.h])(?P<min3>\d{2})(?![\d.])(?=[\s:)\]*_|,\u2013\u2014-]|$))"
)
# without a colon: only where nothing but a time can be meant, for years look the same
_COMPACT = r"(?P<h4>[01]\d|2[0-3])(?P<min4>[0-5]\d)(?![\d/]|[.:]\d)"
_DAY_NAME = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b[.,]?"

_CLOCKS = lazy(_CLOCK, re.IGNORECASE)
_COMPACTS = lazy(_COMPACT + r"(?:\s?(?:h|hrs|hours)\b)?", re.IGNORECASE)
_MARKED = lazy(
    rf"{_COMPACT}(?=\s?(?:h|hrs|hours)\b|\s?(?:UTC|GMT|Z)\b|\s?[)\]]?[*_`]*\s?[:|\u2013\u2014]"
    r"|\s?[)\]]?[*_`]*\s-\s)",
    re.IGNORECASE,
)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_YEARS = range(1985, 2060)
_DAY_NAMES = lazy(_DAY_NAME, re.IGNORECASE)
_LEAD = lazy(
    r"[\s*_`~\u2248\[({<>,@\"'\\]+|(?:at|on|of|around|about|circa|ca|approx(?:imately)?|from"
    r"|(?:early|late|mid)[ -]?(?:morning|afternoon|evening|night)?|morning|afternoon|evening)\b\.?"
    r"|T(?=\d)",
    re.IGNORECASE,
)
_HALF = lazy(r"\d\s?[ap]\.?m\b", re.IGNORECASE)
_VAGUE = lazy(r"\b(?:early|late|mid|morning|afternoon|evening|night)", re.IGNORECASE)
_JOIN = lazy(r"[\s*_`)\]}\\]*[-\u2013\u2014/|:;][\s*_`(\[{~\u2248]*")
_RANGE = lazy(
    rf"\s{{0,2}}(?:-{{1,2}}|\u2013|\u2014|to|until)\s{{0,2}}~?(?:{_CLOCK}|[012]\d[0-5]\d\b)",
    re.IGNORECASE,
)
_SPAN = lazy(r":\d\d\D{0,6}(?:-|\u2013|to|until)\s*~?\d{1,2}[:.]\d\d")
_ALSO = lazy(
    r"\s{0,2}\(\s{0,2}~?\d{1,2}:\d{2}[^()\n]{0,24}\)"
    r"|\s{0,2}/\s{0,2}~?\d{1,2}:\d{2}(?:\s?[ap]m\b)?(?:\s?[A-Z]{2,5}\b)?"
)
_TAIL = lazy(
    r"(?:[\s~)\]}>\"'|:;,.\u2013\u2014-]|(?<=\S)[*_`]+|[*_`]+(?=[\s:;,.)\]|\u2013\u2014-]|$)"
    r"|\\(?=[-~:|>\]]))*"
)
_ENDS = lazy(r"(?:[(\[|\u2013\u2014-]|,|\bat\b|@)(?=[\s*_`~]{0,4}\w)")


@dataclass(frozen=True)
class Stamp:
    """What stands between `start` and `end`: a day, a clock time (hour, minute), a zone.

    `is_vague`: "early morning" or similar, is part of it. `has_half`: am or pm is.
    """

    start: int
    end: int
    day: Day | None
    clock: tuple[int, int] | None
    zone: Zone | None = None
    is_vague: bool = False
    has_half: bool = False


def leading(
    text: str, at: int = 0, order: Order | None = None, *, compact: bool = False
) -> Stamp | None:
    """The stamp with which `text` begins, decoration and separators included, else None.

    `compact`: a time without a colon ("0730") is expected.
    """
    day: Day | None = None
    clock: tuple[int, int] | None = None
    zone: Zone | None = None
    is_vague = False
    start, end = at, at
    while at < len(text):
        if lead := _LEAD().match(text, at):
            at = lead.end()
            is_vague = is_vague or bool(_VAGUE().search(lead[0]))
            continue
        found = dates.match(text, at, order) if day is None else None
        if found and not _is_clock(text, at, found[1]):
            day, at = found
        elif (weekday := _DAY_NAMES().match(text, at)) and weekday.end() > at:
            at = weekday.end()
            if day is None and clock is None:
                continue  # a weekday alone is not a stamp
        elif clock is None and (hour := _hour(text, at, compact or day is not None)):
            clock, at = hour
            if to := _RANGE().match(text, at):
                at = to.end()
            if also := _ALSO().match(text, at):
                at = also.end()
        elif clock and zone is None and (named := zones.match(text, at)):
            zone, at = named
            if (also := _ALSO().match(text, at)) and "/" in also[0]:
                at = also.end()
        elif (
            (day or clock)
            and (join := _JOIN().match(text, at))
            and (more := _more(text, join.end(), day, clock, order))
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
    end = tail.end() if tail else end
    half = _HALF().search(text, start, end) is not None
    return Stamp(start, end, day, clock, zone, is_vague and not clock, half)


def _is_clock(text: str, at: int, end: int) -> bool:
    """Whether what looks like a day without a year is rather a range of times: "10-12:30"."""
    return text[end : end + 1] == ":" and text[end + 1 : end + 3].isdigit()


def trailing(text: str, order: Order | None = None) -> Stamp | None:
    """The stamp with a clock time with which `text` ends: `… (13:41)`, `… at 13:41 UTC.`."""
    floor = max(0, len(text) - 60)
    for found in _ENDS().finditer(text, floor):
        stamp = leading(text, found.start(), order)
        if stamp and stamp.clock and stamp.end >= len(text.rstrip()):
            # "(10:45 - 16:11)" is how long something took
            return None if _SPAN().search(text, found.start()) else stamp
    return None


def first_day(text: str, order: Order | None = None, *, with_year: bool = False) -> Day | None:
    """The first day in `text`, a heading for instance; `with_year`: only one that has its year."""
    return next((day for day in dates.find(text, order) if day.year or not with_year), None)


def year_of(text: str) -> int | None:
    """A year that stands alone in `text`: `Date (2022)`."""
    found = re.search(r"(?<![\d/.-])(20\d\d)(?![\d/.-])", text)
    return int(found[1]) if found else None


def weekday(text: str) -> int | None:
    """The day of the week that `text` is and nothing else, from 0 for Monday."""
    plain = text.strip(" *_#:.()-").lower()
    return _WEEKDAYS.index(plain) if plain in _WEEKDAYS else None


def _hour(text: str, at: int, compact: bool) -> tuple[tuple[int, int], int] | None:
    if (found := _CLOCKS().match(text, at)) and (clock := _clock(found)):
        return clock, found.end()
    found = (_COMPACTS() if compact else _MARKED()).match(text, at)
    if found and (compact or int(found["h4"] + found["min4"]) not in _YEARS):
        return (int(found["h4"]), int(found["min4"])), found.end()
    return None


def _more(
    text: str, at: int, day: Day | None, clock: tuple[int, int] | None, order: Order | None
) -> int:
    """Where the next part of the stamp begins, after a dash or a bar; 0 if none does."""
    while lead := _LEAD().match(text, at):
        at = lead.end()
    if weekday := _DAY_NAMES().match(text, at):
        at = weekday.end()
        while lead := _LEAD().match(text, at):
            at = lead.end()
    if day is None and dates.match(text, at, order):
        return at
    hour = _CLOCKS().match(text, at)
    return at if clock is None and hour and _clock(hour) else 0


def _clock(found: re.Match[str]) -> tuple[int, int] | None:
    hour = int(found["h"] or found["h2"] or found["h3"])
    minute = int(found["min"] or found["min3"] or 0)
    half = (found["half"] or found["half2"] or "")[:1].lower()
    if half and 1 <= hour <= 12:  # 13:55 PM is 13:55
        hour = hour % 12 + (12 if half == "p" else 0)
    if found["h3"] and len(found["h3"]) < 2 and found["dot"] == ".":
        return None  # 3.14
    return (hour, minute) if hour < 24 and minute < 60 else None
