"""Suppressions: which rules a document asks to leave alone, where, and why.

    <!-- incident-ignore: never-again, INC412 -- a quotation from the vendor -->
    <!-- incident-ignore-section: human-error until 2026-12-31 -- under review with the vendor -->
    owner: tbd  # incident-ignore: owner-placeholder -- the team is being founded

At the end of a line it covers that line; on a line of its own, the paragraph after it.
`-section` covers the section it stands in, `-file` and the frontmatter's `lint.ignore` the file.
Each needs a reason, and may say until which day it holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from incident import model
from incident.clock import Clock
from incident.document import Document
from incident.patterns import lazy

_COMMENT = lazy(
    r"(?:<!--|#)[ \t]*incident-ignore(?P<scope>-section|-file)?\b:?[ \t]*"
    r"(?P<words>(?:[ \t]*[^\s])*?)"
    r"(?:[ \t]+until[ \t]+(?P<until>\d{4}-\d{2}-\d{2}))?"
    r"(?:[ \t]+(?:--(?!>)|\u2014|\u2013)[ \t]*(?P<reason>[^\n]*?))?[ \t]*(?:-->|\r?$)",
    re.MULTILINE,
)
_BLANK_LINE = lazy(r"\n[ \t]*\r?\n")


@dataclass
class Suppression:
    """`words`: rule names or codes. Covers the offsets [start, end); written at [at, at_end)."""

    words: tuple[str, ...]
    reason: str
    start: int
    end: int
    at: int
    at_end: int
    used: set[str] = field(default_factory=set)


def read(document: Document, clock: Clock) -> list[Suppression]:
    """The suppressions of a document; those that have expired are left out."""
    found: list[Suppression] = []
    if "incident-ignore" in document.text:
        for match in _COMMENT.finditer(document.text):
            until = model.parse_date(match["until"])
            if (match["until"] and until is None) or _is_shown(document, match.start()):
                continue  # a day that does not exist, an example in code
            if until is None or not clock.is_over(until):
                found.append(_comment(document, match))
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
        found.append(Suppression(words, reason, 0, len(document.text) + 1, at, at_end))
    return found


def _comment(document: Document, match: re.Match[str]) -> Suppression:
    text = document.text
    line_start = text.rfind("\n", 0, match.start()) + 1
    line_end = text.find("\n", match.end())
    line_end = len(text) if line_end < 0 else line_end
    start, end = line_start, line_end
    if match["scope"]:
        start, end = _scope(document, match)
    beside = text[line_start : match.start()] + text[match.end() : line_end]
    if not match["scope"] and not beside.strip():
        while (following := text.find("\n", end + 1)) >= 0 and not text[
            end + 1 : following
        ].strip():
            end = following
        blank = _BLANK_LINE.search(text, end + 1)
        end = blank.start() if blank else len(text)
    words = tuple(word for word in re.split(r"[\s,]+", match["words"] or "") if word)
    reason = (match["reason"] or "").strip()
    return Suppression(words, reason, start, end + 1, match.start(), match.end())


def _scope(document: Document, match: re.Match[str]) -> tuple[int, int]:
    """The section that a comment stands in, else the file."""
    if match["scope"] == "-section":
        around = [s for s in document.sections if s.start <= match.start() < s.end]
        if around:
            return around[-1].start, around[-1].end
    return 0, len(document.text)


def _is_shown(document: Document, at: int) -> bool:
    """Whether a comment is shown as code: in a code span, or in a fence."""
    text = document.text
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if at < document.meta.body or text.startswith("#", at):
        return line.count('"') % 2 == 1 or line.count("'") % 2 == 1
    return line.count("`") % 2 == 1 or document.is_fenced(at)
