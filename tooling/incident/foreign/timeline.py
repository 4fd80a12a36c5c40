"""Timelines of all kinds: lists, tables, a heading for each time, times at the end of lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from incident.foreign import accounting, tables
from incident.foreign.accounting import Ledger
from incident.foreign.reader import LONG_NIGHT, SHORT_NIGHT, Reader
from incident.foreign.source_text import Line
from incident.text import stamps, zones
from incident.text.lazy_regex import lazy
from incident.text.stamps import Stamp

_HEADING = lazy(r"(?P<marks>#{1,6})\s+(?P<title>.*)")
_BULLET = lazy(r"(?P<indent>[ \t]*)(?:[-*+\u2022]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?P<body>\S.*)")
_TIME_HEAD = lazy(
    r"\W*(?:(?:date|start|event)\b\W*)?(?:time ?stamp|time|date|day|when|hour|utc|at)\b",
    re.IGNORECASE,
)
_CLOCK_HEAD = lazy(r"\W*(?:time|hour|utc|when|at)\b", re.IGNORECASE)
_LOOSE = lazy(
    r"[~\u2248]|approx|about|around|circa|early|late|mid|morning|afternoon|evening|night"
    r"|\d\s*(?:-|\u2013|to|until)\s*~?\d{1,2}:|\d[^(]*\(\s*~?\d|\d[^/]*\s/\s*~?\d{1,2}:|\d/\s?\d{1,2}:",
    re.IGNORECASE,
)
_DAYS = lazy(r"(?<![\d/.-])\d{1,2}(?:st|nd|rd|th)?\s?(?:-{1,2}|\u2013|&)\s?\d{1,2}(?![\d/.-])")
# what status pages write before a time
LABEL = lazy(
    r"[\s*_\[(]*(?P<label>updated?|edit(?:ed)?|resolved|monitoring|identified|investigating"
    r"|completed|scheduled|in progress)\b[\])*_:,\s\u2013\u2014-]*",
    re.IGNORECASE,
)
_SILENTLABELS = ("update", "edit")
_NO_PROSE = lazy(r"\s*(?:!\[|<img|<video|>|```|\[\^)")
_MARKUP = lazy(r"[*_`]+")


@dataclass
class Entry:
    """One line of a timeline: `at`, or the `local` time without its zone, or only its `day`.

    With none of them `text` is the line as written. `written`: a time that says more.
    `problem`: why there is no instant. `number`: of the line in the file.
    """

    at: datetime | None
    day: date | None
    text: str
    written: str = ""
    local: datetime | None = None
    problem: str = ""
    number: int = 0


def read(
    title: str, lines: Sequence[Line], reader: Reader, ledger: Ledger
) -> tuple[list[Entry], list[str]]:
    """The entries under the heading `title`, and the lines that are none."""
    reader.zone = zones.find(title)
    if day := stamps.first_day(title, reader.order, with_year=True):
        reader.move(day)
    lines = _without_preface(list(lines), reader, ledger)
    _learn_clock(lines, reader)
    walk = _Walk(reader, ledger)
    if "approx" in title.lower():
        walk.rest.append("All times are approximate.")
    at = 0
    while at < len(lines):
        end = tables.end_of(lines, at)
        if end > at:
            walk.table(lines[at:end])
            at = end
        else:
            walk.line(lines[at])
            at += 1
    for line in lines:
        if line.plain and line.number not in ledger.taken and accounting.has_time(line.plain):
            is_inside = _HEADING().match(line.plain) is None and line.number in walk.joined
            reason = accounting.MENTIONED if is_inside else accounting.NOT_UNDERSTOOD
            ledger.leave(line.number, reason)
    entries = [entry for entry in walk.entries if entry.text or entry.local]
    timed = [entry.local for entry in entries if entry.local]
    steps = [b >= a for a, b in pairwise(timed)]
    if len(steps) > 1 and sum(steps) <= len(steps) / 4:
        entries.reverse()  # newest first
    reader.zone, reader.is_half_clock = None, False
    return entries, walk.rest


def _without_preface(lines: list[Line], reader: Reader, ledger: Ledger) -> list[Line]:
    """The lines but for one that says on which day, or in which zone, all of it was."""
    for i, line in enumerate(lines[:8]):
        stamp = stamps.leading(_body(line), 0, reader.order)
        if stamp and stamp.clock:
            break
        zone = zones.stated(line.plain)
        day = stamps.first_day(line.plain, reader.order)
        opens = line.plain.rstrip(" *_").endswith((":", ")")) and len(line.plain) < 120
        is_text = "|" not in line.plain and not _BULLET().match(line.plain)
        if is_text and (zone or (opens and day and not stamp)):
            reader.zone = zone or reader.zone
            if day and opens:
                reader.move(day)
            if accounting.has_time(line.plain):
                ledger.take(line.number)
            return [*lines[:i], *lines[i + 1 :]] if len(line.plain) < 60 else lines
    return lines


def _learn_clock(lines: Sequence[Line], reader: Reader) -> None:
    """Find out whether times run to 12 or to 24, and whether they go forward."""
    found = [stamps.leading(_body(line), 0, reader.order) for line in lines if line.plain]
    clocks = [s.clock for s in found if s and s.clock and not s.day and not s.has_half]
    back = [(a, b) for a, b in pairwise(clocks) if b < a]
    is_forward = len(back) * 3 <= len(clocks)
    reader.night = SHORT_NIGHT if is_forward else LONG_NIGHT
    after_noon = [b for a, b in back if a[0] >= 9 and 1 <= b[0] <= 8]
    reader.is_half_clock = bool(is_forward and after_noon and all(0 < c[0] <= 12 for c in clocks))


def _body(line: Line) -> str:
    bullet = _BULLET().match(line.plain)
    return bullet["body"] if bullet else line.plain.strip()


class _Walk:
    """Goes through the lines. `whole`: the entry's time stood alone, so paragraphs belong to it.

    `joined`: numbers of lines that became part of an entry's text.
    """

    def __init__(self, reader: Reader, ledger: Ledger) -> None:
        self.reader, self.ledger = reader, ledger
        self.entries: list[Entry] = []
        self.rest: list[str] = []
        self.joined: set[int] = set()
        self.entry: Entry | None = None
        self.whole = False
        self.blank = True
        self.indent = 0
        self.pending: date | None = None
        self.number = 0

    def line(self, line: Line) -> None:
        self.number = line.number
        if not line.plain.strip():
            if line.text.strip():
                self.rest.append(line.text)
            elif self.rest and self.rest[-1]:
                self.rest.append("")
            self.blank = True
            return
        if heading := _HEADING().match(line.plain):
            self._heading(line.text, heading["title"])
        elif bullet := _BULLET().match(line.said):
            self._bullet(line.said, len(bullet["indent"].expandtabs(4)), bullet["body"])
        else:
            self._paragraph(line.said)
        self.blank = False

    def _leading(self, text: str) -> tuple[Stamp | None, str]:
        """The stamp of a line, and the label of a status page before it."""
        stamp = stamps.leading(text, 0, self.reader.order)
        label = LABEL().match(text) if stamp is None else None
        if label:
            stamp = stamps.leading(text, label.end(), self.reader.order)
            if stamp is None or not stamp.clock:
                return None, ""
            word = label["label"]
            return stamp, "" if word.lower().startswith(_SILENTLABELS) else f"**{word}**: "
        return stamp, ""

    def _heading(self, text: str, title: str) -> None:
        stamp = stamps.leading(title, 0, self.reader.order)
        self.entry = None
        if stamp and stamp.clock and self._add(stamp, title[stamp.end :], title):
            self.whole = True
            return
        if stamp and stamp.day and not title[stamp.end :].strip():
            self._move(stamp)
        elif (weekday := stamps.weekday(title)) is not None:
            self.reader.move_to(weekday)
        elif day := stamps.first_day(title, self.reader.order):
            self.reader.move(day)
            self._took(self.reader.understand(day) is not None)
        if not stamp or title[stamp.end :].strip():
            self.rest += ["", text, ""]

    def _bullet(self, text: str, indent: int, body: str) -> None:
        nested = self.entry is not None and indent > self.indent
        stamp, label = self._leading(body)
        if stamp and (stamp.clock or not nested) and self._dated(stamp, body, label):
            self.indent, self.whole = (self.indent if nested else indent), False
            return
        if nested and self.entry:
            self._append(body, "; ")
            return
        end = stamps.trailing(body, self.reader.order)
        if end and self._add(end, body[: end.start], body):
            self.indent, self.whole = indent, False
        elif self.whole and self.entry:
            self._append(body, "; ")
        elif self.pending:
            self._open(self.pending, body)
            self.indent, self.whole = indent, False
        else:
            self.entry = None
            self.rest.append(text)

    def _paragraph(self, text: str) -> None:
        body = text.strip()
        if body[:1] == "-" and body[1:2].isdigit():
            body = body[1:]  # a slip: "-4/25/23_"
        stamp, label = self._leading(body)
        if self.blank and (weekday := stamps.weekday(body)) is not None:
            self.reader.move_to(weekday)
            self.entry = None
            self.rest += ["", text, ""]
            return
        follows = self.entry is not None and not self.blank
        if stamp and (stamp.clock or not follows) and self._dated(stamp, body, label):
            self.indent = 0
            return
        if _NO_PROSE().match(text):
            self.rest.append(text)
        elif self.entry is not None and (self.whole or not self.blank or text[:2] == "  "):
            self._append(body, " ")
        elif self.pending and not self.rest_goes_on():
            self._open(self.pending, body)
            self.whole, self.pending = True, None
        elif (
            self.blank
            and (end := stamps.trailing(body, self.reader.order))
            and len(body) < 300
            and self._add(end, body[: end.start], body)
        ):
            self.whole = False
        else:
            self.entry = None
            self.rest.append(text)

    def rest_goes_on(self) -> bool:
        """Whether the line before belongs to text that isn't an entry."""
        return not self.blank and bool(self.rest) and bool(self.rest[-1])

    def _dated(self, stamp: Stamp, body: str, label: str = "") -> bool:
        """Take a line that begins with a stamp: an entry, or a day that holds for what follows."""
        text = label + body[stamp.end :]
        if stamp.clock:
            added = self._add(stamp, text, body)
            self.whole = added and not text.strip()
            return added
        if not text.strip(" _*.:"):
            self._move(stamp)
            return True
        day = self.reader.understand(stamp.day) if stamp.day else None
        if day is None:
            return self._as_written(stamp, body)
        self._move(stamp)
        written = body[: stamp.end]
        is_loose = stamp.is_vague or _DAYS().search(written)
        self._open(day, text.strip(), written if is_loose else "")
        self.whole, self.pending = False, None
        return True

    def _as_written(self, stamp: Stamp, body: str) -> bool:
        """Keep a line whose time cannot be relied on, as it is."""
        moment = self.reader.moment(stamp)
        if not moment.problem:
            return False
        self.ledger.leave(self.number, moment.problem)
        self.entry = Entry(None, None, body.strip(), problem=moment.problem, number=self.number)
        self.entries.append(self.entry)
        self.whole, self.pending = False, None
        return True

    def _move(self, stamp: Stamp) -> None:
        if stamp.day:
            self.reader.move(stamp.day)
            self.pending = self.reader.understand(stamp.day)
            self._took(self.pending is not None)
            self.entry = None

    def _took(self, understood: bool) -> None:
        if understood:
            self.ledger.take(self.number)

    def _open(self, day: date, text: str, written: str = "") -> None:
        self.entry = Entry(None, day, text, _written(written), number=self.number)
        self.entries.append(self.entry)
        self._took(True)

    def _add(self, stamp: Stamp, text: str, body: str) -> bool:
        moment = self.reader.moment(stamp)
        if moment.local is None:
            return self._as_written(stamp, body)
        loose = _LOOSE().search(body[stamp.start : stamp.end])
        written = _written(body[stamp.start : stamp.end]) if loose else ""
        self.entry = Entry(
            moment.at,
            moment.local.date(),
            text.strip(),
            written,
            moment.local,
            moment.problem,
            self.number,
        )
        self.entries.append(self.entry)
        self.pending = None
        if moment.problem:
            self.ledger.leave(self.number, moment.problem)
        self._took(moment.at is not None)
        return True

    def _append(self, text: str, joint: str) -> None:
        if self.entry is not None:
            before = self.entry.text.rstrip()
            text = text.removeprefix(": ")  # a definition
            self.entry.text = f"{before}{joint}{text}" if before else text
            self.joined.add(self.number)

    def table(self, rows: Sequence[Line]) -> None:
        self.entry, self.blank = None, True
        head = tables.head_of(rows)
        written = tables.cells(rows[0].plain) if head else []
        when = [i for i, name in enumerate(head) if _TIME_HEAD().match(name)]
        zoned = [zone for i in when if (zone := zones.find(written[i]))]
        self.reader.zone = zoned[0] if zoned else self.reader.zone
        for name in (written[i] for i in when):
            self.reader.year = stamps.year_of(name) or self.reader.year
        compact = any(_CLOCK_HEAD().match(head[i]) for i in when)
        left = [row for row in tables.body_of(rows) if not self._row(row, when, compact)]
        if left:
            heads = [row.text for row in rows[:2]] if head else []
            self.rest += ["", *heads, *(row.text for row in left), ""]
        self.entry, self.pending, self.reader.year = None, None, None

    def _row(self, row: Line, when: list[int], compact: bool) -> bool:
        self.number = row.number
        found = tables.cells(row.plain)
        columns = when or list(range(min(2, len(found))))
        written = " ".join(found[i] for i in columns if i < len(found))
        stamp = stamps.leading(written, 0, self.reader.order, compact=compact)
        if stamp is None:
            return not any(found)
        texts = [cell for i, cell in enumerate(found) if i not in columns and cell]
        if written[stamp.end :]:
            texts.insert(len(texts) if when else 0, written[stamp.end :].strip())
        text = " \u2013 ".join(texts)
        if stamp.clock:
            return self._add(stamp, text, written if texts == [] else f"{written} {text}")
        day = self.reader.understand(stamp.day) if stamp.day else None
        if day is None:
            return self._as_written(stamp, f"{written} {text}")
        self._move(stamp)
        if text:
            self._open(day, text)
        return True


def _written(text: str) -> str:
    return _MARKUP().sub("", text).strip(" :-\u2013\u2014|")
