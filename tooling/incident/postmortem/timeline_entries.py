"""The entries of the Timeline section: times, labels and texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from incident.postmortem.document import Document
from incident.postmortem.timestamps import LABELS
from incident.text import instants
from incident.text.lazy_regex import lazy
from incident.text.values import mapping

DECISION = "decision"  # the label of an entry that records one
_BULLET = lazy(r"^[ \t]{0,3}(?:[-*+]|\|)[ \t]+(?P<rest>[^\n]*\S)", re.MULTILINE)
_TIME = lazy(
    r"[*_`~\[(]{0,3}"
    r"(?P<written>(?:(?P<date>\d{4}-\d{2}-\d{2})(?:[T ][ \t]*|,[ \t]*))?"
    r"(?P<time>\d{1,2}:\d{2}(?::\d{2})?)[ \t]?(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?)"
    r"[*_`~\])]{0,3}(?!\s?\(zone unknown)(?=[\s|:,\u2013\u2014-]|$)[\s|:,\u2013\u2014-]*"
)
_LABEL = lazy(r"\*\*(?P<label>[A-Za-z ]{3,20})[.:]?\*\*[:.]?\s*|(?P<word>[a-z]{5,12}):\s+")
_RULE = lazy(r"[\s|:-]*")
_SOURCE = lazy(r"<!--[ \t]*source:[ \t]*(?P<name>[a-z][a-z0-9_-]{0,30})[ \t]*-->")


class TimelineEntry(NamedTuple):
    """A line of the timeline. `start`, `end`: its offsets in the document.

    `at` is None if the time is unreadable; `clock` is the timestamp that its label names, such as
    `detected_at`, or "". `origin`: the source that knew it (`dbt`), "" for memory. `text_start`:
    the offset of its text, after time and label. `is_row`: in a table.
    """

    start: int
    end: int
    written: str
    at: datetime | None
    clock: str
    text: str
    origin: str = ""
    text_start: int = 0
    is_row: bool = False

    @property
    def decision(self) -> str:
        """What was decided, where the entry has the label **decision**; else ""."""
        label = _LABEL().match(self.text)
        if label is None or (label["label"] or label["word"]).strip().lower() != DECISION:
            return ""
        return self.text[label.end() :].strip()


def read(document: Document) -> list[TimelineEntry]:
    """The entries of the Timeline section: list items, or rows of a table.

    A time without a date takes the date of the entry before it (the first one, that of
    `started_at`), and moves to the next day where it would go back; a time without an offset
    takes the one before it, else UTC.
    """
    return list(_entries(document))


def provenance(document: Document) -> tuple[int, int]:
    """How many entries with a time came from machines, and how many there are."""
    timed = [entry for entry in read(document) if entry.at]
    return sum(1 for entry in timed if entry.origin), len(timed)


def rewritten(
    document: Document, head: Callable[[TimelineEntry], str], source: Callable[[str], str]
) -> str:
    """The document's text with other heads and sources of its entries; tables stay as they are.

    An entry with a time begins with `head(entry)` instead of its time and label; the comment that
    names its source is `source(name)`.
    """
    section, text = document.by_key.get("timeline"), document.text
    if section is None:
        return text
    for entry in reversed(read(document)):
        found = _source(document, entry.start)
        if found and found.start() >= section.heading_end:
            text = text[: found.start()] + source(found["name"]) + text[found.end() :]
        if entry.at and not entry.is_row:
            text = text[: entry.start] + head(entry) + text[entry.text_start :]
    return text


def marked(text: str, origin: str) -> str:
    """The text of an entry with the comment that names its source."""
    return f"{text} <!-- source: {origin} -->" if origin else text


def _source(document: Document, start: int) -> re.Match[str] | None:
    """The comment of the entry that begins at an offset; one that is shown as code is none."""
    end = document.text.find("\n", start)
    end = len(document.text) if end < 0 else end
    found = _SOURCE().search(document.text, start, end)
    return found if found and not document.blocks[found.start() : found.end()].strip() else None


def _entries(document: Document) -> Iterator[TimelineEntry]:
    section = document.by_key.get("timeline")
    if section is None:
        return
    stamps = mapping(document.data.get("timestamps"))
    before = instants.parse(stamps.get("started_at")) or instants.parse(stamps.get("detected_at"))
    begun = False
    for match in _BULLET().finditer(document.blocks, section.heading_end, section.end):
        rest = match["rest"]
        is_row = match[0].lstrip().startswith("|")
        if is_row and (_RULE().fullmatch(rest) or (not begun and not _TIME().match(rest))):
            continue  # a table's head and the line under it
        start, end = match.start("rest"), match.end("rest")
        comment = _source(document, start)
        origin = comment["name"] if comment else ""
        found = _TIME().match(rest)
        if found is None:
            yield TimelineEntry(start, end, "", None, "", rest, origin, start, is_row)
            continue
        at = _instant(found, before, begun)
        before, begun = at or before, True
        text_start = start + found.end()
        text = rest[found.end() :].strip().rstrip("|").strip()
        label = _LABEL().match(text)
        clock = ""
        if label:
            clock = LABELS.get((label["label"] or label["word"]).strip().lower(), "")
        if label and clock:
            text = text[label.end() :]
            text_start += label.end()
        written = found["written"].strip()
        yield TimelineEntry(start, end, written, at, clock, text, origin, text_start, is_row)


def _instant(found: re.Match[str], before: datetime | None, begun: bool) -> datetime | None:
    zone = found["zone"] or ""
    offset = "+00:00" if zone in {"Z", "UTC"} else zone
    if not offset:
        offset = before.strftime("%z") if before else "+00:00"
    day = found["date"] or (before.date().isoformat() if before else "")
    time = found["time"].zfill(8 if found["time"].count(":") == 2 else 5)
    try:
        at = datetime.fromisoformat(f"{day}T{time}{offset}")
        # 23:50, then 00:10: the next day. A few minutes back is wrong order, not a new day.
        if not found["date"] and begun and before and before - at > timedelta(hours=12):
            at += timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return at
