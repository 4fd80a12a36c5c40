"""Where the parts of a timeline entry are."""

from datetime import datetime

from incident.postmortem.document import Document
from incident.postmortem.timeline_entries import TimelineEntry


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
