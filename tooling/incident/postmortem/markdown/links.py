"""The links of a Markdown text: their targets and offsets."""

from __future__ import annotations

import html
import re
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
# [words]: target, below the text; a footnote is none
_REFERENCE = lazy(
    r"^ {0,3}\[(?!\^)[^\[\]\n]{1,200}+\]:[ \t]*+\n?[ \t]*+"
    r"(?:<(?P<angle>[^<>\n]{0,2000}+)>|(?P<bare>[^\s<>]{1,2000}+))",
    re.MULTILINE,
)
ELEMENT = lazy(r"<[A-Za-z](?:[^<>\"']|\"[^\"]{0,2000}+\"|'[^']{0,2000}+'){0,2000}+>")
_ATTRIBUTE = lazy(
    r"(?<=[\s\"'])(?P<name>href|src|srcset|poster|data|xlink:href)\s{0,5}+=\s{0,5}+"
    r"(?:\"(?P<double>[^\"]{0,2000}+)\"|'(?P<single>[^']{0,2000}+)'|(?P<bare>[^\s\"'>]{1,2000}+))",
    re.IGNORECASE,
)
# what Markdown can escape; elsewhere a backslash stays in the target
_ESCAPED = lazy(r"\\([\\`*_{}\[\]()>#+.!|-])")
# links that every reader of Markdown sees as such, whatever is around them
_PLAIN = lazy(
    r"(?:!\[|\[)(?<!\\\[)(?<!\\!\[)[^\[\]\\`<>|\n]{0,1000}+\]"
    r"\((?:[^\s()<>\\\"'&`|]|\([^\s()<>\\\"'&`|]{0,500}+\)){1,2000}+"
    r"(?: \"[^\"\\()`|\n]{0,500}+\")?\)(?![\[(])"
)
# links to another host, after those were replaced: whatever they are shown as, none leads inside
_ELSEWHERE = lazy(r"\[[^\[\]\0]{0,1000}+\]\(https?://[^\s()<>\"'`\[\]\0]{1,2000}+\)")
_UNCERTAIN = lazy(r"\]\(|\]\[|^[ >\t]*\[[^\[\]]{0,200}+\]:|^[ >\t]*</?[A-Za-z]", re.MULTILINE)
_SCHEME = lazy(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Link(NamedTuple):
    """`target` without escapes, but with its query and anchor, written at [start, end)."""

    target: str
    start: int
    end: int

    @property
    def is_inside(self) -> bool:
        """Whether the target is relative: no scheme, no host."""
        return _SCHEME().match(self.target) is None

    @property
    def path(self) -> str:
        """The file it names, without query, anchor and %20; "" for a place in the same text."""
        return unquote(self.target[: self._end])

    @property
    def rest(self) -> str:
        """The query and the anchor, as written."""
        return self.target[self._end :]

    @property
    def _end(self) -> int:
        at = (self.target.find(sign) for sign in "?#")
        return min((found for found in at if found >= 0), default=len(self.target))

    @property
    def anchor(self) -> str:
        """The part after the #, or ""."""
        return self.target.partition("#")[2]


def find(text: str) -> list[Link]:
    """The links and pictures that lead inside, of a text without code and comments.

    Markdown's two forms, and the attributes of elements.
    """
    found = []
    if "](" in text:
        found += [_link(match, "bare", "angle") for match in _DESTINATION().finditer(text)]
    if "]:" in text:
        references = (_link(match, "bare", "angle") for match in _REFERENCE().finditer(text))
        # readers don't see "[AI-1]: done" as a link
        found += [link for link in references if any(mark in link.target for mark in "./#")]
    if "=" in text and "<" in text:
        found += (link for _, link in in_elements(text))
    return sorted((link for link in found if link.is_inside), key=lambda link: link.start)


def in_elements(text: str) -> Iterator[tuple[str, Link]]:
    """The links and pictures in the attributes of HTML elements, with the attribute's name."""
    for element in ELEMENT().finditer(text):
        for match in _ATTRIBUTE().finditer(text, *element.span()):
            link = _link(match, "bare", "double", "single")
            name = match["name"].lower()
            written = text[link.start : link.end].strip()
            target = html.unescape(written.split(" ", 1)[0] if name == "srcset" else written)
            yield name, link._replace(target=target)


def is_certain(text: str) -> bool:
    """Whether the wiki shows exactly the links that `find` finds in this text."""
    rest = _PLAIN().sub(lambda match: "" if match[0][0] == "!" else "\0", text)
    rest = _ELSEWHERE().sub("", rest)
    may_be_one = any(sign in rest for sign in ("](", "][", "]:", "<"))
    return not may_be_one or _UNCERTAIN().search(rest) is None


def may_have(text: str) -> bool:
    """Whether a text may have a link, for a cheap first look."""
    return "](" in text or "]:" in text or ("<" in text and "=" in text)


def _link(match: re.Match[str], *groups: str) -> Link:
    group = next(name for name in groups if match[name] is not None)
    return Link(unescaped(match[group]), *match.span(group))


def unescaped(target: str) -> str:
    """A target without Markdown's escapes and without entities."""
    return html.unescape(_ESCAPED().sub(r"\1", target))
