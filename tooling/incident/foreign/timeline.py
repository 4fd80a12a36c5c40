"""Timelines of all kinds: lists, tables, a heading for each time, times at the end of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from incident.foreign import timestamps
from incident.foreign.sections import Line
from incident.foreign.timestamps import Reader, Stamp
from incident.text.lazy_regex import lazy

_HEADING = lazy(r"(?P<marks>#{1,6})\s+(?P<title>.*)")
_BULLET = lazy(r"(?P<indent>[ \t]*)(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?P<body>\S.*)")
_ROW = lazy(r"\s*\|(?P<cells>.*)")
_RULER = lazy(r"\s*\|?[\s:|-]*-{2,}[\s:|-]*")
_TIME_HEAD = lazy(
    r"\W*(?:(?:date|start|event)\b\W*)?(?:time ?stamp|time|date|day|when|hour|utc|at)\b",
    re.IGNORECASE,
)
_LOOSE = lazy(
    r"[~\u2248]|approx|about|around|circa|\d\s*(?:-|\u2013|to|until)\s*~?\d{1,2}:|\d[^(]*\(\s*~?\d",
    re.IGNORECASE,
)
_NO_PROSE = lazy(r"\s*(?:!\[|<img|<video|>|```|\[\^)")
_MARKUP = lazy(r"[*_`]+")
_SAYS_ZONE = lazy(r"\btimes?\b|\btime ?zone\b", re.IGNORECASE)


@dataclass
class Entry:
    """One line of a timeline: `at`, or only its `day`. `written`: a time that says more."""

    at: datetime | None
    day: date | None
    text: str
    written: str = ""


def read(title: str, lines: Sequence[Line], reader: Reader) -> tuple[list[Entry], list[str]]:
    """The entries under the heading `title`, and the lines that are none."""
    reader.zone = timestamps.zone_of(title) or reader.zone
    if day := timestamps.first_day(title, reader.day_first, with_year=True):
        reader.move(day)
    for i, line in enumerate(lines[:8]):
        if _SAYS_ZONE().search(line.plain) and (zone := timestamps.zone_of(line.plain)):
            reader.zone = zone
            if len(line.plain) < 40:
                lines = [*lines[:i], *lines[i + 1 :]]
            break
    walk = _Walk(reader)
    if "approx" in title.lower():
        walk.rest.append("All times are approximate.")
    at = 0
    while at < len(lines):
        line = lines[at]
        if _ROW().match(line.plain) or (at + 1 < len(lines) and _is_table(lines, at)):
            end = at
            while end < len(lines) and "|" in lines[end].plain:
                end += 1
            walk.table([row.plain for row in lines[at:end]])
            at = end
            continue
        walk.line(line)
        at += 1
    entries = [entry for entry in walk.entries if entry.text or entry.at]
    timed = [entry.at for entry in entries if entry.at]
    steps = [b >= a for a, b in pairwise(timed)]
    if len(steps) > 1 and sum(steps) <= len(steps) / 4:
        entries.reverse()  # newest first
    return entries, walk.rest


def _is_table(lines: Sequence[Line], at: int) -> bool:
    return "|" in lines[at].plain and bool(_RULER().fullmatch(lines[at + 1].plain))


def cells(row: str) -> list[str]:
    """The cells of a table's row."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def is_ruler(row: str) -> bool:
    """Whether a row is the line between a table's head and its body."""
    return bool(_RULER().fullmatch(row))


class _Walk:
    """Goes through the lines. `whole`: the entry's time stood alone, so paragraphs belong to it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.entries: list[Entry] = []
        self.rest: list[str] = []
        self.entry: Entry | None = None
        self.whole = False
        self.blank = True
        self.indent = 0
        self.pending: date | None = None

    def line(self, line: Line) -> None:
        if not line.plain.strip():
            if line.text.strip():
                self.rest.append(line.text)
            elif self.rest and self.rest[-1]:
                self.rest.append("")
            self.blank = True
            return
        if heading := _HEADING().match(line.plain):
            self._heading(line.text, heading["title"])
        elif bullet := _BULLET().match(line.text):
            self._bullet(line.text, len(bullet["indent"].expandtabs(4)), bullet["body"])
        else:
            self._paragraph(line.text)
        self.blank = False

    def _heading(self, text: str, title: str) -> None:
        stamp = timestamps.leading(title, day_first=self.reader.day_first)
        self.entry = None
        if stamp and stamp.clock and self._add(stamp, title[stamp.end :], title):
            self.whole = True
            return
        if stamp and stamp.day and not title[stamp.end :].strip():
            self._move(stamp)
        elif day := timestamps.first_day(title, self.reader.day_first):
            self.reader.move(day)
        if not stamp or title[stamp.end :].strip():
            self.rest += ["", text, ""]

    def _bullet(self, text: str, indent: int, body: str) -> None:
        nested = self.entry is not None and indent > self.indent
        stamp = timestamps.leading(body, day_first=self.reader.day_first)
        if stamp and (stamp.clock or not nested) and self._dated(stamp, body):
            self.indent, self.whole = (self.indent if nested else indent), False
            return
        if nested and self.entry:
            self._append(body, "; ")
            return
        end = timestamps.trailing(body, self.reader.day_first)
        if end and self._add(end, body[: end.start], body):
            self.indent, self.whole = indent, False
        elif self.whole and self.entry:
            self._append(body, "; ")
        elif self.pending:
            self.entry = Entry(None, self.pending, body)
            self.entries.append(self.entry)
            self.indent, self.whole = indent, False
        else:
            self.entry = None
            self.rest.append(text)

    def _paragraph(self, text: str) -> None:
        body = text.strip()
        if body[:1] == "-" and body[1:2].isdigit():
            body = body[1:]  # a slip: "-4/25/23_"
        stamp = timestamps.leading(body, day_first=self.reader.day_first)
        follows = self.entry is not None and not self.blank
        if stamp and (stamp.clock or not follows) and self._dated(stamp, body):
            self.indent = 0
            return
        if _NO_PROSE().match(text):
            self.rest.append(text)
        elif self.entry is not None and (self.whole or not self.blank or text[:2] == "  "):
            self._append(body, " ")
        elif self.pending and not self.rest_goes_on():
            self.entry = Entry(None, self.pending, body)
            self.entries.append(self.entry)
            self.whole, self.pending = True, None
        elif (
            self.blank
            and (end := timestamps.trailing(body, self.reader.day_first))
            and len(body) < 300
            and self._add(end, body[: end.start], body)
        ):
            self.whole = False
        else:
            self.entry = None
            self.rest.append(text)

    def rest_goes_on(self) -> bool:
        """Whether the line before belongs to the text that is no entry."""
        return not self.blank and bool(self.rest) and bool(self.rest[-1])

    def _dated(self, stamp: Stamp, body: str) -> bool:
        """Take a line that begins with a stamp: an entry, or a day that holds for what follows."""
        text = body[stamp.end :]
        if stamp.clock:
            added = self._add(stamp, text, body)
            self.whole = added and not text.strip()
            return added
        if not text.strip(" _*.:"):
            self._move(stamp)
            return True
        if self.reader.date(stamp.day) is None if stamp.day else True:
            return False
        self._move(stamp)
        self.entry = Entry(None, self.reader.day, text.strip())
        self.entries.append(self.entry)
        self.whole, self.pending = False, None
        return True

    def _move(self, stamp: Stamp) -> None:
        if stamp.day:
            self.reader.move(stamp.day)
            self.pending = self.reader.day if self.reader.date(stamp.day) else None
            self.entry = None

    def _add(self, stamp: Stamp, text: str, body: str) -> bool:
        at = self.reader.instant(stamp)
        if at is None:
            return False
        raw = _MARKUP().sub("", body[stamp.start : stamp.end]).strip(" :-\u2013\u2014|")
        loose = _LOOSE().search(body[stamp.start : stamp.end])
        self.entry = Entry(at, at.date(), text.strip(), raw if loose else "")
        self.entries.append(self.entry)
        self.pending = None
        return True

    def _append(self, text: str, joint: str) -> None:
        if self.entry is not None:
            before = self.entry.text.rstrip()
            self.entry.text = f"{before}{joint}{text}" if before else text

    def table(self, rows: list[str]) -> None:
        self.entry, self.blank = None, True
        body = [row for row in rows if not is_ruler(row)]
        has_head = len(rows) > 1 and is_ruler(rows[1])
        head = cells(body[0]) if has_head and body else []
        when = [i for i, name in enumerate(head) if _TIME_HEAD().match(name)]
        for name in (head[i] for i in when):
            self.reader.zone = timestamps.zone_of(name) or self.reader.zone
            self.reader.year = timestamps.year_of(name) or self.reader.year
        left = []
        for row in body[1:] if has_head else body:
            if not self._row(row, when):
                left.append(row)
        if left:
            self.rest += ["", *(rows[:2] if has_head else []), *left, ""]
        self.entry, self.pending = None, None

    def _row(self, row: str, when: list[int]) -> bool:
        found = cells(row)
        columns = when or list(range(min(2, len(found))))
        written = " ".join(found[i] for i in columns if i < len(found))
        stamp = timestamps.leading(written, day_first=self.reader.day_first)
        if stamp is None:
            return not any(found)
        texts = [cell for i, cell in enumerate(found) if i not in columns and cell]
        if not when and written[stamp.end :]:
            texts.insert(0, written[stamp.end :])
        text = " \u2013 ".join(texts)
        if stamp.clock:
            return self._add(stamp, text, written)
        if stamp.day is None or self.reader.date(stamp.day) is None:
            return False
        self._move(stamp)
        if text:
            self.entries.append(Entry(None, self.reader.day, text))
        return True
