"""One time in a cell, a field or a sentence, as people and programs write them.

Read as the importer reads them. What is not certain (no zone, an unclear day, a time in the
future) is not an instant: the reason is given instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from incident.text import stamps, zones
from incident.text.dates import Order
from incident.text.instants import from_unix, parse_utc
from incident.text.lazy_regex import lazy
from incident.text.zones import Zone

NO_TIME = "without a time"
NO_DAY = "with a time but without a day"
UNCLEAR = "with an unclear day and month"
IMPLAUSIBLE = "with a time before 2000 or in the future"
SEVERAL = "with several times"

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH = lazy(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}|\d{15,16}")
_WORD = lazy(r"(?<![\w/.:+-])\w")
_SPAN = 400


@dataclass(frozen=True)
class Assumptions:
    """What a time that leaves something out means.

    `now`: aware; what is more than a day later is in the future. `zone`: where none is written.
    `order`: of a day and a month in digits.
    """

    now: datetime
    zone: Zone | None = None
    order: Order | None = None


def whole(value: object, assumed: Assumptions) -> datetime | str:
    """The instant, in UTC, that a text or a number is as a whole, or what is wrong with it."""
    if isinstance(value, bool) or value is None:
        return NO_TIME
    text = str(value).strip() if isinstance(value, (str, int, float)) else ""
    if _EPOCH().fullmatch(text):
        return _plausible(_epoch(text), assumed)
    if at := parse_utc(text):
        return _plausible(at, assumed)
    found = stamps.leading(text[:_SPAN], 0, assumed.order)
    if found is None or found.clock is None:
        return NO_TIME
    if (zone := _zone_of_rest(text[found.end :])) is None and text[found.end :].strip():
        return NO_TIME
    return _instant(found, found.zone or zone, text, assumed)


def within(text: str, assumed: Assumptions) -> datetime | str:
    """The only instant, in UTC, in a sentence, or what is wrong with it."""
    found: dict[datetime, None] = {}
    problem, at = NO_TIME, 0
    text = text[:_SPAN]
    while start := _WORD().search(text, at):
        stamp = stamps.leading(text, start.start(), assumed.order)
        if stamp is None or stamp.clock is None:
            at = start.end()
            continue
        rest = _REST().match(text, stamp.end)
        zone = stamp.zone or (_zone_of_rest(rest[0]) if rest else None)
        instant = _instant(stamp, zone, text, assumed)
        if isinstance(instant, datetime):
            found[instant] = None
        else:
            problem = instant
        at = max(stamp.end, start.end())
    if problem != NO_TIME:
        return problem
    return SEVERAL if len(found) > 1 else next(iter(found), problem)


_REST = lazy(r"\s{0,2}\(?(?:pacific|eastern|central|mountain)\b", re.IGNORECASE)


def _epoch(text: str) -> datetime | None:
    digits = len(text.partition(".")[0])
    divisor = {12: 1e3, 13: 1e3, 15: 1e6, 16: 1e6}.get(digits, 1)
    return from_unix(float(text) / divisor)


def _zone_of_rest(rest: str) -> Zone | None:
    """A zone without the word time: Pacific."""
    word = rest.strip(" ()")
    return zones.named(f"{word} Time") if _REST().fullmatch(f" {word}") else None


def _instant(
    stamp: stamps.Stamp, zone: Zone | None, text: str, assumed: Assumptions
) -> datetime | str:
    if stamp.clock is None:
        return NO_TIME
    if stamp.day is None or stamp.day.year is None:
        return NO_DAY
    if stamp.day.is_ambiguous:
        return UNCLEAR
    zone = zone or assumed.zone
    if zone is None:
        return zones.NO_ZONE
    day = date(stamp.day.year, stamp.day.month, stamp.day.day)
    seconds = _SECONDS().search(text[stamp.start : stamp.end])
    second = int(seconds[1]) if seconds and int(seconds[1]) < 60 else 0
    found = zone.instant(datetime.combine(day, time(*stamp.clock, second)))
    if isinstance(found, str):
        return f"with a time {found}"
    return _plausible(found, assumed)


_SECONDS = lazy(r"\b\d{1,2}:\d{2}:(\d{2})\b")


def _plausible(at: datetime | None, assumed: Assumptions) -> datetime | str:
    if at is None:
        return NO_TIME
    try:
        at = at.astimezone(UTC)
    except (OverflowError, ValueError):
        return IMPLAUSIBLE
    is_plausible = _EARLIEST <= at <= assumed.now + timedelta(days=1)
    return at if is_plausible else IMPLAUSIBLE
