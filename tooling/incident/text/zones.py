"""Time zones as people write them: UTC+7, GMT+1, +0530, PST, PST/PDT, US/Pacific, Pacific Time.

A `Zone` turns a local time into an instant only where that is certain: not with an abbreviation
of several zones (IST), with one that is not in force on that day (PST in July), or in the hour
that a change of clocks skips or repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from incident.text.lazy_regex import lazy

UNKNOWN = "in an unknown time zone"
NO_ZONE = "without a time zone"

# Offsets in hours, and a place that tells when the abbreviation is in force ("": always).
_ABBREVIATIONS: dict[str, tuple[float, str]] = {
    **dict.fromkeys(("UTC", "GMT", "Z", "UCT", "ZULU"), (0, "")),
    **dict.fromkeys(("WET",), (0, "Europe/Lisbon")),
    **dict.fromkeys(("WEST",), (1, "Europe/Lisbon")),
    "BST": (1, "Europe/London"),
    **dict.fromkeys(("CET", "MEZ"), (1, "Europe/Berlin")),
    **dict.fromkeys(("CEST", "MESZ"), (2, "Europe/Berlin")),
    "EET": (2, "Europe/Helsinki"),
    "EEST": (3, "Europe/Helsinki"),
    "MSK": (3, ""),
    "SAST": (2, ""),
    "PKT": (5, ""),
    "NPT": (5.75, ""),
    "ICT": (7, ""),
    "WIB": (7, ""),
    **dict.fromkeys(("SGT", "HKT", "AWST", "PHT"), (8, "")),
    **dict.fromkeys(("JST", "KST"), (9, "")),
    "ACST": (9.5, ""),
    "ACDT": (10.5, "Australia/Adelaide"),
    "AEST": (10, ""),
    "AEDT": (11, "Australia/Sydney"),
    "NZST": (12, "Pacific/Auckland"),
    "NZDT": (13, "Pacific/Auckland"),
    **dict.fromkeys(("BRT", "ART"), (-3, "")),
    "EDT": (-4, "America/New_York"),
    "EST": (-5, "America/New_York"),
    "CDT": (-5, "America/Chicago"),
    "MDT": (-6, "America/Denver"),
    "MST": (-7, ""),
    "PDT": (-7, "America/Los_Angeles"),
    "PST": (-8, "America/Los_Angeles"),
    "AKST": (-9, "America/Anchorage"),
    "AKDT": (-8, "America/Anchorage"),
    "HST": (-10, ""),
}
# They mean several zones, or one that is not on the list.
_AMBIGUOUS = frozenset(["IST", "CST", "AST", "GST", "SST", "AMT", "ECT", "ADT"])
_NAMED = {
    **dict.fromkeys(("PT", "PST/PDT", "PDT/PST", "pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("ET", "EST/EDT", "EDT/EST", "eastern"), "America/New_York"),
    **dict.fromkeys(("CT", "CST/CDT", "CDT/CST", "central"), "America/Chicago"),
    **dict.fromkeys(("MT", "MST/MDT", "MDT/MST", "mountain"), "America/Denver"),
    **dict.fromkeys(("CET/CEST", "CEST/CET", "central european"), "Europe/Berlin"),
    **dict.fromkeys(("GMT/BST", "BST/GMT", "uk", "british"), "Europe/London"),
    **dict.fromkeys(("EET/EEST", "EEST/EET", "eastern european"), "Europe/Helsinki"),
    **dict.fromkeys(("AEST/AEDT", "AEDT/AEST"), "Australia/Sydney"),
    **dict.fromkeys(("indian", "india"), "Asia/Kolkata"),
    "japan": "Asia/Tokyo",
    **dict.fromkeys(("coordinated universal", "universal", "greenwich mean"), "UTC"),
}
_NO_ZONES = frozenset(
    ["POST", "TEST", "HOST", "MUST", "LAST", "JUST", "BEST", "REST", "LIST", "COST", "FAST"]
)
_OFFSET = (
    r"(?:(?:\b|(?<=\d))(?P<base>UTC|GMT)[ ]?)?(?P<sign>[+\u2212-]|(?<=[UG][TM][CT])[ ]?\u2013)"
)
_TOKEN = (
    rf"(?:{_OFFSET}(?(base)[ ]?)(?P<hours>\d{{1,2}})(?::?(?P<minutes>\d\d))?(?!\d|:\d)"
    r"|(?P<place>(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific|US"
    r"|Canada|Etc)(?:/[A-Za-z_+-]+\d{0,2}){1,2})"
    r"|\b(?P<pair>[A-Z]{2,4}/[A-Z]{2,4})\b"
    r"|\b(?P<words>[A-Za-z]+(?:[ ](?!(?i:standard|daylight|summer|winter)\b)[A-Za-z]+)?)[ ]"
    r"(?:(?P<half>(?i:standard|daylight|summer|winter))[ ])?(?:(?i:savings?)[ ])?(?i:time)\b"
    r"|(?:\b|(?<=\d))(?P<name>[A-Z]{1,5}|utc|gmt|[pmce][sd]t|ces?t|bst)(?![A-Za-z0-9]|/\w))"
)
_AT = lazy(rf"[ ]{{0,2}}[(\[]?{_TOKEN}[)\]]?")
_ANYWHERE = lazy(_TOKEN)
_CLOCK = lazy(r"\b\d{1,2}:\d{2}(?::\d\d)?(?:[ ]?[ap]m\b)?", re.IGNORECASE)
_SAID = lazy(r"(?i:\btimes?\b|\btime ?zones?\b|\btimestamps?\b|\bclock\b|\btz\b)")
_MEANS = lazy(
    r"\b(?P<short>[A-Z]{2,5})\b[ ]?(?:[(=,]|is|means)[ ]?(?:[A-Za-z ]{0,40},? ?)?"
    r"(?P<offset>(?:UTC|GMT)[ ]?[+\u2212\u2013-][ ]?\d{1,2}(?::?\d\d)?)"
    r"|(?P<offset2>(?:UTC|GMT)[ ]?[+\u2212\u2013-][ ]?\d{1,2}(?::?\d\d)?)[ ]?[,(=][ ]?"
    r"(?P<short2>[A-Z]{2,5})\b"
)


@dataclass(frozen=True)
class Zone:
    """A zone as written. `tz` is None where it is not known which one it is.

    `season`: a place that tells on which days it is in force. `is_summer`: whether only the
    half of the year with daylight saving time is meant, or only the other half.
    """

    name: str
    tz: tzinfo | None = None
    season: str = ""
    is_summer: bool | None = None

    def instant(self, local: datetime) -> datetime | str:
        """A local time with its offset, or what is wrong with it: "in PST, which is not …"."""
        if self.tz is None:
            return UNKNOWN
        try:
            if not self._is_in_force(local):
                return f"in {self.name}, which is not in force on that day"
            early, late = (self._offset(local, fold) for fold in (0, 1))
        except (OverflowError, ValueError):
            return "on a day that no calendar has"
        if early != late:
            return "in the hour in which the clocks change"
        return local.replace(tzinfo=timezone(early))

    def _offset(self, local: datetime, fold: int) -> timedelta:
        assert self.tz is not None
        return self.tz.utcoffset(local.replace(fold=fold)) or timedelta(0)

    def may_be(self, other: Zone) -> bool:
        """Whether `other` can be what this name means: EST, for America/New_York."""
        if other.tz is None:
            return False
        halves = [datetime(2025, month, 1, tzinfo=other.tz) for month in (1, 7)]
        if self.tz is None:
            return self.name in {half.tzname() for half in halves}
        return bool(self.season) and self._offset(halves[0], 0) in {h.utcoffset() for h in halves}

    def _is_in_force(self, local: datetime) -> bool:
        if self.is_summer is not None and self.tz is not None:
            return bool(self.tz.dst(local)) == self.is_summer
        if not self.season:
            return True
        place = ZoneInfo(self.season)
        offsets = [place.utcoffset(local.replace(fold=fold)) for fold in (0, 1)]
        return self._offset(local, 0) in offsets


def named(text: str) -> Zone | None:
    """The zone that `text` is, as a whole: for an option."""
    found = _ANYWHERE().fullmatch(text.strip())
    zone = _zone(found) if found else None
    if zone is None and text.strip() in _places():
        zone = Zone(text.strip(), ZoneInfo(text.strip()))
    if zone is None and text.strip().upper() in _ABBREVIATIONS:
        zone = _abbreviation(text.strip().upper())
    return zone


def match(text: str, at: int) -> tuple[Zone, int] | None:
    """The zone written at an offset, as after a clock time, and where it ends."""
    found = _AT().match(text, at)
    if found is None or (found["sign"] and not found["base"] and not found["minutes"]):
        return None  # "10:00 -2" is a range
    zone = _zone(found)
    return (zone, found.end()) if zone else None


def find(text: str) -> Zone | None:
    """The first zone in a heading or similar text: `Timeline (all times in PST/PDT)`."""
    for found in _ANYWHERE().finditer(text):
        if found["sign"] and not found["base"]:
            is_range = found.start() > 0 and text[found.start() - 1].isalnum()
            if ":" not in found[0] or is_range or not found["minutes"]:
                continue
        if found["name"] and found["name"] != "Z" and (zone := _zone(found)):
            return zone
        if not found["name"] and (zone := _zone(found)):
            return zone
    return None


def stated(text: str) -> Zone | None:
    """The zone of a line that is about times: "All times are US/Pacific"."""
    return find(text) if len(text) < 200 and _SAID().search(text) else None


def implied(texts: Iterable[str]) -> Zone | None:
    """The only zone that clock times of a document have, if it is only one."""
    found: dict[str, Zone] = {}
    for text in texts:
        for clock in _CLOCK().finditer(text):
            is_range = text[clock.end() : clock.end() + 1] in {"-", "\u2013"}
            if not is_range and (here := match(text, clock.end())) and here[0].tz:
                found[here[0].name] = here[0]
    return next(iter(found.values())) if len(found) == 1 else None


def explained(texts: Iterable[str]) -> dict[str, Zone]:
    """Abbreviations that a document explains: "GST (UTC+4)"."""
    meanings: dict[str, Zone] = {}
    for text in texts:
        for found in _MEANS().finditer(text):
            short = found["short"] or found["short2"]
            zone = named((found["offset"] or found["offset2"]).replace("\u2013", "-"))
            if zone and short not in {"UTC", "GMT"}:
                meanings.setdefault(short, Zone(short, zone.tz))
    return meanings


def _zone(found: re.Match[str]) -> Zone | None:
    written = found[0].strip(" ()[]")
    if found["sign"]:
        hours, minutes = int(found["hours"]), int(found["minutes"] or 0)
        if len(found["hours"]) == 1 and found["minutes"] and ":" not in found[0]:
            hours, minutes = int(found[0][-3:-2]), minutes
        if hours > 14 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return Zone(written, timezone(offset if "+" in found["sign"] else -offset))
    if found["place"]:
        known = found["place"] in _places()
        return Zone(written, ZoneInfo(found["place"])) if known else Zone(written)
    if found["pair"]:
        place = _NAMED.get(found["pair"])
        return Zone(written, ZoneInfo(place)) if place else None
    if found["words"]:
        half = (found["half"] or "").lower()
        is_summer = half in {"summer", "daylight"} if half else None
        return _worded(written, found["words"], is_summer)
    return _abbreviation(found["name"])


def _abbreviation(name: str) -> Zone | None:
    upper = name.upper()
    if name.upper() in _NAMED and name.isupper():
        return Zone(name, ZoneInfo(_NAMED[upper]))
    if upper in _ABBREVIATIONS:
        hours, season = _ABBREVIATIONS[upper]
        return Zone(upper, timezone(timedelta(hours=hours)), season)
    looks = re.fullmatch(r"[A-Z]{1,3}[SD]T", name) and name not in _NO_ZONES
    return Zone(name) if name in _AMBIGUOUS or looks else None


def _worded(written: str, words: str, is_summer: bool | None) -> Zone | None:
    plain = words.lower()
    for name in (plain, plain.rpartition(" ")[2]):
        place = _NAMED.get(name) or _cities().get(name.replace(" ", "_"))
        if place:
            return Zone(written, ZoneInfo(place), is_summer=is_summer)
    return _abbreviation(words.rpartition(" ")[2])


@cache
def _places() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _cities() -> dict[str, str]:
    """Places by the lower-case name of their city."""
    found: dict[str, str] = {}
    for place in sorted(_places()):
        area, slash, city = place.partition("/")
        if slash and area not in {"US", "Etc", "posix", "right"}:
            found.setdefault(city.rpartition("/")[2].lower(), place)
    return found
