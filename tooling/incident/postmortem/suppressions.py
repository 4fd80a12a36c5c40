"""Suppressions: which rules a document turns off, where, and why.

    <!-- incident-ignore: never-again, INC412 -- a quotation from the vendor -->
    <!-- incident-ignore-section: human-error until 2026-12-31 -- under review with the vendor -->
    owner: tbd  # incident-ignore: owner-placeholder -- the team is being founded

At the end of a line it covers that line; on its own line, the paragraph or heading after it.
`-section` covers the section around it, `-file` and the frontmatter's `lint.ignore` the file. Each
needs a reason, and may have an expiry date.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from incident.clock import Clock
from incident.postmortem import model
from incident.postmortem.document import Document
from incident.text.lazy_regex import lazy

_COMMENT = lazy(
    r"(?:<!--|#)[ \t]*incident-ignore(?P<scope>-section|-file)?\b:?[ \t]*"
    r"(?P<words>(?:[ \t]*[^\s])*?)"
    r"(?:[ \t]+until[ \t]+(?P<until>\d{4}-\d{2}-\d{2}))?"
    r"(?:[ \t]+(?:--(?!>)|\u2014|\u2013)[ \t]*(?P<reason>[^\n]*?))?[ \t]*(?:-->|\r?$)",
    re.MULTILINE,
)
_BLANK_LINE = lazy(r"\n[ \t]*(?=\r?\n)")
_BLANKS = lazy(r"[ \t]*")
_LINE_END = lazy(r"[ \t\r]*(?:\n|\Z)")
_GAP = lazy(r"(?:[ \t\r]*\n)*")


@dataclass
class Suppression:
    """`words`: rule names or codes. Covers the offsets [start, end); written at [at, at_end).

    `no_day`: an invalid expiry date.
    """

    words: tuple[str, ...]
    reason: str
    start: int
    end: int
    at: int
    at_end: int
    no_day: str = ""
    used: set[str] = field(default_factory=set)

    @property
    def holds(self) -> bool:
        """Whether it takes effect: it has a reason and a valid date."""
        return bool(self.reason) and not self.no_day


class IntervalIndex:
    """Intervals [start, end), indexed to find one that covers an offset."""

    def __init__(self, stretches: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(enumerate(stretches), key=lambda one: one[1][0])
        self._starts = [start for _, (start, _) in ordered]
        self._widest: list[tuple[int, int]] = []  # the end that reaches furthest so far, and whose
        furthest = (-1, -1)
        for index, (_, end) in ordered:
            furthest = (end, index) if end > furthest[0] else furthest
            self._widest.append(furthest)

    def find(self, place: int) -> int | None:
        """The index of an interval that covers `place`, or None."""
        before = bisect_right(self._starts, place) - 1
        end, index = self._widest[before] if before >= 0 else (-1, -1)
        return index if place < end else None


def read(document: Document, clock: Clock) -> list[Suppression]:
    """The suppressions of a document, without expired ones."""
    found: list[Suppression] = []
    if "incident-ignore" in document.text:
        places = _Places(document)
        for match in _COMMENT().finditer(document.text):
            until = model.parse_date(match["until"])
            if places.is_shown(match.start()) or (until and clock.is_over(until)):
                continue  # an example in code, or expired
            found.append(_comment(document, match, places))
    ignored = document.get("lint", "ignore")
    for index, item in enumerate(ignored if isinstance(ignored, list) else []):
        if not isinstance(item, dict):
            continue
        until = model.parse_date(item.get("until"))
        if until is not None and clock.is_over(until):
            continue
        at, at_end = document.at("lint", "ignore", index, "rule")
        words = (str(item.get("rule") or ""),)
        reason = str(item.get("reason") or "").strip()
        end = len(document.text) + 1
        no_day = "" if until else str(item.get("until") or "")
        found.append(Suppression(words, reason, 0, end, at, at_end, no_day))
    return found


class _Places:
    """The text around comments, each part read once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paragraph_ends = [match.start() for match in _BLANK_LINE().finditer(document.text)]
        self.headings = [section.start for section in document.sections]
        self.counted = self.line_start = 0
        self.marks: Counter[str] = Counter()

    def is_shown(self, at: int) -> bool:
        """Whether an apparent comment is in code or in a quoted value. Call in order."""
        text = self.document.text
        line = text.rfind("\n", self.counted, at) + 1
        if line:
            self.counted = self.line_start = line
            self.marks.clear()
        if at >= self.document.meta.body:
            return not self.document.is_comment(at)
        for mark in "\"'":
            self.marks[mark] += text.count(mark, self.counted, at)
        self.counted = at
        return self.marks['"'] % 2 == 1 or self.marks["'"] % 2 == 1

    def section(self, at: int) -> tuple[int, int]:
        """The section around a comment, else the file."""
        before = bisect_right(self.headings, at)
        if before == 0:
            return 0, len(self.document.text)
        section = self.document.sections[before - 1]
        return section.start, section.end

    def below(self, line_end: int) -> int:
        """The end of the heading or paragraph that follows a line."""
        text = self.document.text
        gap = _GAP().match(text, min(line_end + 1, len(text)))
        start = gap.end() if gap else line_end
        after = bisect_right(self.paragraph_ends, start - 1)
        end = self.paragraph_ends[after] if after < len(self.paragraph_ends) else len(text)
        heading = bisect_right(self.headings, start - 1)
        if heading < len(self.headings):
            section = self.document.sections[heading]
            end = min(end, section.heading_end if section.start == start else section.start - 1)
        return end


def _comment(document: Document, match: re.Match[str], places: _Places) -> Suppression:
    text = document.text
    start, end = places.line_start, text.find("\n", match.end())
    end = len(text) if end < 0 else end
    before = _BLANKS().match(text, start)
    if match["scope"]:
        start, end = (
            places.section(match.start()) if match["scope"] == "-section" else (0, len(text))
        )
    elif before and before.end() == match.start() and _LINE_END().match(text, match.end()):
        end = places.below(end)
    words = tuple(word for word in re.split(r"[\s,]+", match["words"] or "") if word)
    reason = (match["reason"] or "").strip()
    no_day = "" if model.parse_date(match["until"]) else match["until"] or ""
    return Suppression(words, reason, start, end + 1, match.start(), match.end(), no_day)
