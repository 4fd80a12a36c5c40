"""The links of a Markdown text: where they lead, and where that is written."""

from __future__ import annotations

import re
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
    """The links and pictures that lead inside, of a text without code and comments."""
    found = []
    for match in _DESTINATION().finditer(text):
        group = "bare" if match["bare"] is not None else "angle"
        link = Link(_ESCAPED().sub(r"\1", match[group]), *match.span(group))
        if link.is_inside:
            found.append(link)
    return found
