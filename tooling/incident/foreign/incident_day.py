"""On which day the incident was: what the document names, before the day of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from incident.foreign.file_hints import Hints
from incident.foreign.metadata import Facts
from incident.foreign.reader import Reader
from incident.foreign.sections import Source
from incident.foreign.timeline import Entry
from incident.text import dates, stamps

_RECENT = timedelta(days=45)


class Found(NamedTuple):
    """A day; `is_sure` if the document names it as the incident's, `why` in words otherwise."""

    day: date | None
    is_sure: bool
    why: str = ""


def before_timeline(source: Source, facts: Facts, hints: Hints, reader: Reader) -> Found:
    """The day that is known without the timeline."""
    if facts.day:
        return Found(facts.day, True)
    titles = [text for text in (source.heading, facts.title) if "updat" not in text.lower()]
    if day := _first(titles, reader):
        return Found(day, True)
    page = facts.written_day or (hints.day if hints.is_post else None)
    if hints.day and not hints.is_post and hints.day != facts.written_day:
        return Found(hints.day, True)
    reader.reference = reader.reference or page or hints.month
    if day := _in_text(source, page or hints.month, reader):
        return Found(day, False, "the first that the text names")
    day = page or hints.day
    return Found(day, False, "that of the page: the text names none" if day else "")


def after_timeline(found: Found, entries: Sequence[Entry]) -> Found:
    """The same, seen together with the timeline."""
    days = [entry.day for entry in entries if entry.day]
    if found.is_sure or not days:
        return found
    first = min(days)
    if found.day is None:
        return Found(first, False, "that of the first timeline entry")
    timed = [entry.day for entry in entries if entry.local and entry.day]
    first = min(timed or days)
    if first < found.day and found.day - first <= _RECENT:
        return Found(first, False, "that of the first timeline entry")
    return found


def disagreement(
    day: date, hints: Hints, entries: Sequence[Entry], source: Source, reader: Reader
) -> str:
    """In words, that the file's name, the timeline or the text has other days; "" if none has."""
    days = {entry.day for entry in entries if entry.day}
    near = any(abs(day - other) <= timedelta(days=2) for other in days)
    if days and not near:
        return f"the day {day} is not in the timeline ({min(days)} to {max(days)})"
    first = min((e.day for e in entries if e.local and e.day), default=day)
    if first != day:
        return f"the incident is of {day}, its timeline begins on {first}"
    if hints.day and not hints.is_post and abs(hints.day - day) > timedelta(days=2):
        return f"the file's name has the day {hints.day}, the incident {day}"
    other = None if days else _in_text(source, day, reader)
    if other and other != day:
        return f"the incident is of {day}, the text names {other} first"
    return ""


def anywhere(texts: Iterable[str], reader: Reader) -> Found:
    """The first certain day with a year in a document."""
    return Found(_first(texts, reader), False, "the first that the document names")


def _first(texts: Iterable[str], reader: Reader) -> date | None:
    for text in texts:
        for day in dates.find(text, reader.order):
            if day.year and (found := reader.understand(day)):
                return found
    return None


def _in_text(source: Source, page: date | None, reader: Reader) -> date | None:
    """The first day in the text above the timeline; not long before the page was written."""
    for part in source.parts:
        if part.key in {"timeline", "action_items", "supporting_evidence"}:
            continue
        for line in part.lines:
            if not line.plain:
                continue
            for day in dates.find(line.plain, reader.order):
                found = reader.understand(day) if day.year or page else None
                if found and (page is None or timedelta(0) <= page - found <= _RECENT):
                    return found
    return None


def unclear(texts: Sequence[tuple[int, str]]) -> tuple[int, str] | None:
    """The first line with a day that can be read in two ways."""
    for number, text in texts:
        day = stamps.first_day(text)
        if day and day.is_ambiguous:
            return number, text
    return None
