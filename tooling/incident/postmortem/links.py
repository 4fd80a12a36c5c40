"""The links of a Markdown text: where they lead, and where that is written.

Code is none: spans, and indented lines that belong to no list. What is masked already (fences,
comments, frontmatter) stays so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from incident.text.lazy_regex import lazy

_DESTINATION = lazy(
    r"\]\([ \t]*+\n?[ \t]*+"
    r"(?:<(?P<angle>[^<>\n]{0,2000}+)>"
    # brackets in pairs, one inside of another at most; no target holds the beginning of a link
    r"|(?P<bare>(?:[^\s()<>\\\]]|\](?!\()|\\[^\s]|\((?:[^\s()\\]|\\[^\s]){0,500}+\)){1,2000}+))"
    r"(?:[ \t]*+\n?[ \t]*+(?<=\s)(?:\"[^\"]{0,500}+\"|'[^']{0,500}+'|\([^()]{0,500}+\)))?"
    r"\s{0,20}+\)"
)
_ESCAPED = lazy(r"\\([!-/:-@\[-`{-~])")
_SCHEME = lazy(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_TICKS = lazy(r"`+|\n(?=[ \t]*+\r?\n)")
_LINE = lazy(
    r"^(?P<indent>[ \t]*)(?P<item>(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<first>\S)?[^\n]*\n?", re.M
)


class Link(NamedTuple):
    """`target` without escapes, but with its query and anchor, written at [start, end)."""

    target: str
    start: int
    end: int

    @property
    def is_inside(self) -> bool:
        """Whether it leads to a place beside this text: no scheme, no host."""
        return _SCHEME().match(self.target) is None

    @property
    def path(self) -> str:
        """The file it names, without query, anchor and %20; "" for a place in the same text."""
        return unquote(re.split(r"[?#]", self.target, maxsplit=1)[0])

    @property
    def anchor(self) -> str:
        """What stands after the #, or ""."""
        return self.target.partition("#")[2]


def find(text: str) -> list[Link]:
    """The links and pictures that lead inside, of a text whose fences and comments are masked."""
    if "](" not in text or not _inside(text):
        return []  # what is code is asked only where it matters
    return _inside(without_code(text))


def _inside(text: str) -> list[Link]:
    found = []
    for match in _DESTINATION().finditer(text):
        group = "bare" if match["bare"] is not None else "angle"
        link = Link(_ESCAPED().sub(r"\1", match[group]), *match.span(group))
        if link.is_inside:
            found.append(link)
    return found


def without_code(text: str) -> str:
    """`text` with code spans and indented code blanked; same offsets."""
    parts, done = [], 0
    for start, end in sorted([*_spans(text), *_indented(text)]):
        if end > done:
            start = max(start, done)
            parts += [text[done:start], re.sub(r"[^\n]", " ", text[start:end])]
            done = end
    return "".join([*parts, text[done:]])


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Code spans: from some backticks to as many, in one paragraph."""
    if "`" not in text:
        return
    run: list[tuple[int, int]] = []
    for match in _TICKS().finditer(text):
        if match[0][0] == "`":
            run.append(match.span())
        else:
            yield from _pairs(run)
            run = []
    yield from _pairs(run)


def _pairs(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    closing: dict[int, list[int]] = defaultdict(list)
    for index in reversed(range(len(runs))):
        closing[runs[index][1] - runs[index][0]].append(index)
    at = 0
    while at < len(runs):
        start, end = runs[at]
        same = closing[end - start]
        while same and same[-1] <= at:
            same.pop()
        if same:
            at = same[-1]
            yield start, runs[at][1]
        at += 1


def _indented(text: str) -> Iterator[tuple[int, int]]:
    """Lines of indented code: four columns in, after a blank line, and not the text of a list."""
    if "    " not in text and "\t" not in text:
        return
    after_blank, in_code, depth = True, False, 0
    for match in _LINE().finditer(text):
        if match.end() == match.start():
            return
        if match["first"] is None and match["item"] is None:
            after_blank = True
            continue
        columns = len(match["indent"].expandtabs(4))
        if columns >= depth + 4 and (after_blank or in_code):
            in_code = True
            yield match.span()
        else:
            in_code = False
            if match["item"]:
                depth = columns + len(match["item"].expandtabs(4))
            elif after_blank and columns < depth:
                depth = 0 if columns < 2 else columns
        after_blank = False
