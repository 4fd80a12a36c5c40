"""The links that the wiki shows: Python-Markdown itself decides, by means of marks in the targets.

A rare letter goes to the beginning of everything that could be a target; if it comes out in an
address, that is a link, and the letter says where it was written. Slow: only for texts in which
`links.is_certain` does not hold.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from incident.postmortem.markdown.links import Link
from incident.postmortem.markdown.rendering import addresses, unused_letters
from incident.postmortem.markdown.source import Block
from incident.text.lazy_regex import lazy

_TARGET = lazy(
    r"\]\((?:\s{0,20}+<(?=[^<>]{0,2000}+>)|[ \t]*+)"
    r"|^[ >\t]*+\[[^\[\]]{0,200}+\]:[ ]*+(?:\n[ >]*+)?<?",
    re.MULTILINE,
)
_PATTERNS = (  # the last one first
    *("html", "automail", "autolink", "short_image_ref", "short_reference", "image_reference"),
    *("image_link", "link", "reference", "footnote", "escape", "backtick"),
)
# Python-Markdown looks for the end of a link from every bracket on
_MAX_STEPS = 4_000_000


def find(text: str, body: int, blocks: Sequence[Block]) -> list[Link] | None:
    """The links below the first `body` characters of a text with these fences and comments.

    Without those in HTML elements. None where the text is too long to ask.
    """
    paragraphs = re.split(r"\n[ \t]*\n", text[body:])
    if sum(part.count("[") * len(part) for part in paragraphs) > _MAX_STEPS:
        return None
    letters = unused_letters(text)
    marks: dict[str, int] = {}
    parts: list[str] = []

    def mark(start: int, end: int) -> None:
        done = start
        for match in _TARGET().finditer(text, start, end):
            if letter := next(letters, ""):
                marks[letter] = match.end()
                parts.extend([text[done : match.end()], letter])
                done = match.end()
        parts.append(text[done:end])

    done = body
    for block in blocks:
        mark(done, block.start)
        done = block.end
        if block.fenced:
            parts.append(text[block.start : block.end])
    mark(done, len(text))
    found = {}
    for target in addresses("".join(parts), _PATTERNS):
        if target[:1] in marks and (written := target[1:].strip()):
            start = marks[target[0]]
            start += len(text[start:]) - len(text[start:].lstrip())
            found[start] = Link(html.unescape(written), start, _end(text, start, written))
    return [found[start] for start in sorted(found) if found[start].is_inside]


def _end(text: str, at: int, target: str) -> int:
    """Where a target that begins at an offset ends: written with escapes, it is longer."""
    for letter in target:
        at += text[at : at + 1] == "\\" != letter
        at += 1
    return min(at, len(text))
