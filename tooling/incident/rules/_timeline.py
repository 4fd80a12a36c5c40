"""Where the parts of a timeline entry are."""

import re
from collections import Counter
from datetime import date, datetime, timedelta

from incident.postmortem.document import Document
from incident.postmortem.model import parse_date
from incident.postmortem.timeline_entries import TimelineEntry
from incident.text.lazy_regex import lazy

_DAY = lazy(r"[*_`~\[(]{0,3}(?P<day>\d{4}-\d{2}-\d{2})(?!\d)")
_NOTE = lazy(
    r"[*_(\[]{0,3}(?:(?:foot|side)?notes?|n\.?b\.?|remarks?|caveats?|comments?|context|background|"
    r"sources?|references?|disclaimer)[*_)\]]{0,3}\s*:",
    re.IGNORECASE,
)
_MANY_DAYS = timedelta(days=3)


def written_at(document: Document, entry: TimelineEntry) -> tuple[int, int]:
    """Offsets of the time of an entry."""
    at = document.text.find(entry.written, entry.start, entry.end)
    return (at, at + len(entry.written)) if at >= 0 else (entry.start, entry.end)


def indent(document: Document, entry: TimelineEntry) -> int:
    """How far the mark of an entry is indented."""
    line = document.text[document.text.rfind("\n", 0, entry.start) + 1 : entry.start]
    return len(line) - len(line.lstrip())


def timed(entries: list[TimelineEntry]) -> list[tuple[datetime, TimelineEntry]]:
    """The entries whose time is known, with it."""
    return [(entry.at, entry) for entry in entries if entry.at is not None]


def is_note(entry: TimelineEntry) -> bool:
    """Whether an entry without a time is about the timeline, not an event: "**Note:** ..."."""
    return not entry.written and _NOTE().match(entry.text) is not None


def days_are_enough(entries: list[TimelineEntry]) -> frozenset[int]:
    """Where the entries begin that have a date, no time, and the day to themselves.

    None in a timeline of a few days: there the hours count.
    """
    dated = {entry.start: day for entry in entries if (day := _day(entry))}
    if not dated or max(dated.values()) - min(dated.values()) <= _MANY_DAYS:
        return frozenset()
    entries_on = Counter(dated.values())
    timeless = {entry.start for entry in entries if not entry.written}
    return frozenset(at for at, day in dated.items() if at in timeless and entries_on[day] == 1)


def _day(entry: TimelineEntry) -> date | None:
    if entry.at is not None:
        return entry.at.date()
    found = _DAY().match(entry.text)
    return parse_date(found["day"]) if found else None
