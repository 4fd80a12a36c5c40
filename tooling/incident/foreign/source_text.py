"""A foreign text as lines of Markdown that know where they came from.

Exports of word processors and wikis are brought to plain Markdown; `<br>` ends a line. What is
code or a comment is asked of `postmortem`, never decided here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from incident.postmortem.markdown import rendering, source
from incident.text.lazy_regex import lazy

_CONTROL = lazy(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BREAK = lazy(r"<br\s*/?>", re.IGNORECASE)
_BREAK_AT_END = lazy(r"(?:\s*<br\s*/?>)+\s*$", re.IGNORECASE)
_ESCAPE = lazy(r"(?<=[^\s\\])\\([-.:/~+()#>=])|(?<=[\s*_])\\([-~:>])(?=[\s\d])")
_BOX = lazy(r"\\\[([^\[\]\\\n]{0,40})\\\]")
_ANCHOR = lazy(r"\s*\{#[^{}\s]*\}\s*$|<a\s+(?:name|id)=[^<>]*>(?:\s*</a>)?|\[\]\{#[^{}\s]*\}")
_HTML_HEADING = lazy(r"^\s*<h([1-6])[^<>]*>(.*?)</h\1>\s*$", re.IGNORECASE)
_WIKI_HEADING = lazy(r"^(={2,6})\s*([^=].*?)\s*\1\s*$")
_JIRA_HEADING = lazy(r"^h([1-6])\.\s+(.*)$")
_JIRA_CODE = lazy(r"^\s*\{(?:code|noformat)(?::[^{}]*)?\}\s*$")
_JIRA_LINK = lazy(r"\[([^\[\]|\n]+)\|([^\[\]|\s]+)\]")
_JIRA = lazy(r"^h[1-6]\.\s", re.MULTILINE)
_ATTRIBUTES = lazy(r"^\s*\{:.*\}\s*$|^\s*(?:\\\s*)+$")
_COMMENT = lazy(r"^[ \t]*<!--.*-->[ \t]*$")
_FENCE = lazy(r"^[> \t]*(`{3,}(?=[^`]*$)|~{3,})")


class Line(NamedTuple):
    """`text` as written; `plain` without code and comments ("" inside of them).

    `number`: of the line in the file, from 1.
    """

    text: str
    plain: str
    number: int = 0

    @property
    def said(self) -> str:
        """The text without a line break in HTML at its end."""
        return _BREAK_AT_END().sub("", self.text)


class Body:
    """The text below the frontmatter in lines; `masked` has blanks for code and comments."""

    def __init__(self, lines: Iterable[tuple[int, str]]) -> None:
        pairs = list(lines)
        self.text = "\n".join(text for _, text in pairs)
        self.numbers = [number for number, _ in pairs]
        self.masked = source.mask_blocks(self.text)
        self._starts = [0]
        for _, text in pairs:
            self._starts.append(self._starts[-1] + len(text) + 1)

    def lines(self) -> list[Line]:
        """All lines."""
        texts, plains = self.text.split("\n"), self.masked.split("\n")
        found = zip(texts, plains, self.numbers, strict=True)
        return [Line(text.rstrip(), plain.rstrip(), number) for text, plain, number in found]

    def index_at(self, offset: int) -> int:
        """Which of the lines an offset of the text is in, from 0."""
        return bisect_right(self._starts, offset) - 1


def clean(text: str) -> str:
    """A text with plain line ends, without control characters."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL().sub("", text).replace("\u00a0", " ").replace("\u2028", " ")


def body_of(text: str, first: int = 1) -> Body:
    """The body of a document, whose first line is the line `first` of its file."""
    numbered = list(enumerate(text.split("\n"), first))
    if _JIRA().search(text):
        numbered = [(number, _from_jira(line)) for number, line in numbered]
        numbered = _with_rulers(numbered)
    body = _fenced(Body(_closed(numbered)))
    out: list[tuple[int, str]] = []
    for line in body.lines():
        if not line.plain.strip():
            is_comment = bool(_COMMENT().match(line.text))  # guidance for writers
            out.append((line.number, "" if is_comment else line.text))
            continue
        out += [(line.number, piece) for piece in _pieces(_markdown(line.text))]
    return Body(out)


def _closed(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The lines, with the end of a code fence that is never closed: it is code all the same."""
    fence = ""
    for _, text in lines:
        found = _FENCE().match(text)
        if not found:
            continue
        if not fence:
            fence = found[0]
        elif found[1].startswith(fence.strip("> \t")) and not text.strip("> \t`~"):
            fence = ""
    return [*lines, (lines[-1][0], fence)] if fence else lines


def _fenced(body: Body) -> Body:
    """The same, with fences around indented code, so that it stays code wherever it goes."""
    blocks = source.find_blocks(body.text)
    doubtful = source.doubtful(source.mask_spans(body.masked, body.text, blocks))
    if not doubtful:
        return body
    code = {
        body.index_at(found.start)
        for found in rendering.find_code(body.text, 0, blocks)
        if found.is_block and source.covers(doubtful, found.start)
    }
    out: list[tuple[int, str]] = []
    indent = ""
    for index, line in enumerate(body.lines()):
        if index in code:
            if index - 1 not in code:
                indent = line.text[: len(line.text) - len(line.text.lstrip())][4:]
                out.append((line.number, f"{indent}```"))
            out.append((line.number, line.text.replace("    ", "", 1)))
            if index + 1 not in code:
                out.append((line.number, f"{indent}```"))
        else:
            out.append((line.number, line.text))
    return Body(out)


def _markdown(text: str) -> str:
    """One line of prose without what exports leave behind."""
    text = re.sub(r"^ {1,3}(?=#{1,6}\s)", "", text)
    if _ATTRIBUTES().match(text):
        return ""
    if heading := _HTML_HEADING().match(text):
        text = f"{'#' * int(heading[1])} {re.sub('<[^<>]*>', '', heading[2])}"
    elif heading := _WIKI_HEADING().match(text):
        text = f"{'#' * len(heading[1])} {heading[2]}"
    if "\\" in text:
        text = _BOX().sub(r"[\1]", text)
        text = _ESCAPE().sub(lambda found: found[1] or found[2], text)
    if text.lstrip().startswith("#") or "{#" in text or "<a " in text:
        text = _ANCHOR().sub("", text)
    return text


def _pieces(text: str) -> list[str]:
    """The lines that `<br>` makes of one; a row of a table stays whole."""
    if "<" not in text or text.lstrip().startswith("|"):
        return [text]
    found = list(_BREAK().finditer(text))
    ends = [0, *(match.end() for match in found), len(text)]
    pieces = [text[start:end] for start, end in pairwise(ends)]
    kept = [pieces[0], *(piece.lstrip() for piece in pieces[1:])]
    return [piece for piece in kept if piece.strip()] or [""]


def _from_jira(line: str) -> str:
    """A line of the markup of Jira and Confluence as Markdown."""
    if heading := _JIRA_HEADING().match(line):
        return f"{'#' * int(heading[1])} {heading[2]}"
    if _JIRA_CODE().match(line):
        return "```"
    line = _JIRA_LINK().sub(r"[\1](\2)", line).replace("(/)", "\u2705")
    line = re.sub(r"^(#+)\s", lambda found: "   " * (len(found[1]) - 1) + "1. ", line)
    return re.sub(r"^(\*{2,})\s", lambda found: "  " * (len(found[1]) - 1) + "* ", line)


def _with_rulers(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Tables with a head (`||Time||Event||`) as those of Markdown."""
    out = []
    for number, line in lines:
        if line.lstrip().startswith("||"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("||")]
            out += [(number, f"| {' | '.join(cells)} |"), (number, "|" + "---|" * len(cells))]
        else:
            out.append((number, line))
    return out
