"""Code, comments and headings, as far as the text alone is conclusive.

Every masked text has the length of the original, so an offset in one is an offset in the other.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from incident.text.lazy_regex import lazy

# A fence as the wiki's superfences reads it: at any indentation, also in quotes, followed by one
# word or attributes. Others are paragraphs there.
_OPENING = lazy(
    r"^(?P<prefix>[> \t]*)(?P<fence>`{3,}|~{3,})(?P<info>(?:[ \t]*\.?[\w#.+-]+(?=[ \t\r\n]|\Z))?"
    r"(?:[ \t]*\{[^\n]*\}|(?:[ \t]*(?:hl_lines|linenums|title|title_mode)"
    r"=(?:\"[^\"\n]*\"|'[^'\n]*')(?=[ \t\r\n]|\Z))*))[ \t]*\r?$|<!--",
    re.MULTILINE,
)
_SIGN = lazy(r"[`~<](?:(?<=`)``|(?<=~)~~|(?<=<)!--)")
_SPAN = lazy(r"(?P<tick>`(?<!\\`)(?<!``)`*)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`)")
# a pattern that begins with a set of characters is searched faster
_TARGET = lazy(
    r"[\]\[<h](?:"
    r"(?<=\])\((?:[^)\]\n]++|\](?!\()){0,2000}+\)"  # up to the next link: many are read once
    r"|(?<=h)ttps?://[^\s)>\]]+>?"
    r"|(?<=<)(?:https?://[^\s)>\]]+>?|/?[A-Za-z][^<>\n]{0,500}>)"
    r"|(?:(?<=^\[)|(?<=^ \[)|(?<=^  \[)|(?<=^   \[))[^\]\n]{1,200}\]:[^\n]*)",
    re.MULTILINE,
)
_DETAILS = lazy(r"^[ \t]*\?{3}\+?(?= ?[\w\"-][^\n]*\n(?:[ \t]*\n)?(?: {4}|\t))", re.MULTILINE)
_MARKED = lazy(r"(?P<marks>#(?<![^\n]#)#{0,5})(?:[ \t]+(?P<title>[^\n]*))?$", re.MULTILINE)
_UNDERLINED = lazy(
    r"^(?!#{1,6}(?:[ \t]|$)|[ \t]{4}|[ \t]*[-*+>#|] |[ \t]*\d+[.)] )"
    r"(?P<title>[ \t]*[^\s][^\n]*)\n"
    r"(?P<line>={2,}|-{2,})[ \t]*\r?$",
    re.MULTILINE,
)
_BLANK_LINE = lazy(r"\n[ \t]*(?=\r?\n)")
_LINE = lazy(r"^(?P<indent>[ \t]*)(?P<first>[^\s]?)[^\n]*\n?", re.MULTILINE)
_DEEP = lazy(r"^(?:>[^\n]*)?(?: {4}| {0,3}\t)[ \t]*[^\s]", re.MULTILINE)
_WORD = lazy(r"\w")
_INDENTED = lazy(r"^(?:[ >]*>)?(?: {4}|[ ]*\t)", re.MULTILINE)
_ANY_CODE = lazy(r"<(?:pre|code)\b|^[> \t]*(?:```|~~~)", re.IGNORECASE | re.MULTILINE)
# after such a line, indented text need not belong to a paragraph
_OPENS = ("#", "!!!", "???", "[^", "===", "---", "<", ">")


class Block(NamedTuple):
    """A code fence or a comment at [start, end). `inner`: where the fence's text begins."""

    start: int
    end: int
    fenced: bool
    inner: int = 0


class Heading(NamedTuple):
    """A heading at [start, end)."""

    title: str
    level: int
    start: int
    end: int


def find_blocks(text: str, body: int = 0, shown: Collection[int] = ()) -> list[Block]:
    """The code fences and comments below the first `body` characters, in order.

    `shown`: offsets of apparent comments that are in code.
    """
    found, at = [], body
    no_fence_before = body
    is_below_indent = False
    while opening := _OPENING().search(text, _next_sign(text, at)):
        is_below_indent = _is_below_indent(text[at : opening.start()], is_below_indent)
        start, at = opening.span()
        if opening["fence"] is None:
            if start in shown:
                continue
            if after := _after_span(text, start):
                at = after
                continue
            end = text.find("-->", at)
            at = len(text) if end < 0 else end + 3
            found.append(Block(start, at, False))
        elif start >= no_fence_before:
            end, is_closed = _fence_end(text, opening)
            if is_closed:
                # such a fence counts as text of the indented code above it
                if not (is_below_indent and _is_outside(opening["prefix"])):
                    found.append(Block(start, end, True, opening.end()))
                at = end
            else:  # prose; but the text below was searched for its end
                no_fence_before = end
            is_below_indent = is_below_indent or _INDENTED().match(opening[0]) is not None
    return found


def _next_sign(text: str, at: int) -> int:
    """Where to search for the next fence or comment: the line with the next sign of one."""
    sign = _SIGN().search(text, at)
    return max(at, text.rfind("\n", at, sign.start()) + 1) if sign else len(text)


def _is_below_indent(text: str, before: bool) -> bool:
    """Whether the paragraph at the end of `text` has a line indented by four columns."""
    blanks = [match.end() for match in _BLANK_LINE().finditer(text)]
    if _INDENTED().search(text, blanks[-1] if blanks else 0):
        return True
    return before and not blanks


def _is_outside(prefix: str) -> bool:
    """Whether a fence after this prefix is not itself indented by four columns."""
    return ">" in prefix or len(prefix.expandtabs(4)) < 4


def _after_span(text: str, at: int) -> int:
    """The end of the one-line code span that covers an offset; 0 if there is none."""
    start = text.rfind("\n", 0, at) + 1
    if text.find("`", start, at) < 0:
        return 0
    for span in _SPAN().finditer(text, start):
        if span.start() > at:
            break
        if span.end() > at:
            return span.end()
    return 0


def _fence_end(text: str, opening: re.Match[str]) -> tuple[int, bool]:
    """The end of a fence and whether it is closed; otherwise how far the wiki searched for it."""
    prefix = opening["prefix"].expandtabs(4)
    if not prefix:
        closing = re.compile(rf"^{opening['fence']}[ \t]*\r?$", re.MULTILINE)
        found = closing.search(text, opening.end())
        return (found.end(), True) if found else (len(text), False)
    quotes, blank = prefix.count(">"), False
    for match in _LINE().finditer(text, min(opening.end() + 1, len(text))):
        line = match[0].rstrip("\r\n").expandtabs(4).rstrip(" ")
        inner = line.lstrip(" >")
        width = min(len(line) - len(inner), len(prefix))
        before, content = line[:width], line[width:]
        depth = before.count(">")
        if content.strip() == "" and depth <= quotes:
            blank = True
            continue
        is_out = width < len(prefix) or (blank and depth < quotes) or depth > quotes
        if is_out or match.end() == match.start():
            return match.end(), False
        if content == opening["fence"]:
            return match.start() + len(match[0].rstrip("\r\n")), True
        blank = False
    return len(text), False


def mask_blocks(text: str, body: int = 0, blocks: Iterable[Block] | None = None) -> str:
    """`text` without its first `body` characters (frontmatter), code fences and comments."""
    found = find_blocks(text, body) if blocks is None else blocks
    return mask(text, [(0, body), *((block.start, block.end) for block in found)])


def mask_spans(text: str, whole: str = "", blocks: Collection[Block] = ()) -> str:
    """`text` without code spans. `whole`: the same with its `blocks`, which are masked in `text`.

    In a paragraph where they do not pair up line by line, none is certain and all stay.
    """
    if "`" not in text:
        return text
    masked = _SPAN().sub(lambda match: " " * len(match[0]), text)
    at = masked.find("`")
    if at < 0:
        return masked
    parts, done = [], 0
    ends = [0, *_paragraph_ends(whole or text, blocks), len(text)]
    while at >= 0:
        after = bisect_right(ends, at)
        start, end = max(done, ends[after - 1]), ends[min(after, len(ends) - 1)]
        parts += [masked[done:start], text[start:end]]
        done = end
        at = masked.find("`", done)
    return "".join([*parts, masked[done:]])


def code_spans(text: str, masked: str) -> list[str]:
    """The contents of the code spans of a text; `masked` is the text without them."""
    spans = (match for match in _SPAN().finditer(text) if masked[match.start()] != "`")
    return [match[0].strip("` ") for match in spans]


def _paragraph_ends(text: str, blocks: Collection[Block] = ()) -> Iterator[int]:
    starts = [block.start for block in blocks]
    ends = [block.end for block in blocks]
    for match in _BLANK_LINE().finditer(text):
        before = bisect_left(starts, match.start()) - 1
        if before < 0 or match.start() >= ends[before]:
            yield match.start()


def mask_targets(text: str) -> str:
    """`text` without link targets, addresses, HTML tags, and the ??? that opens a block."""
    masked = text
    if "](" in text or "]:" in text or "://" in text or "<" in text:
        masked = _TARGET().sub(lambda match: " " * len(match[0]), text)
    return _DETAILS().sub(lambda match: " " * len(match[0]), masked) if "???" in text else masked


def mask_inline(text: str) -> str:
    """`text` without code spans, link targets, addresses and HTML tags."""
    return mask_targets(mask_spans(text))


def _blank(text: str) -> str:
    return "\n".join(" " * len(line) for line in text.split("\n"))


def mask(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """`text` with some stretches [start, end) blanked, except for line ends."""
    parts, done = [], 0
    for start, end in sorted(stretches):
        if end > done:
            start = max(start, done)
            parts += [text[done:start], _blank(text[start:end])]
            done = end
    return "".join([*parts, text[done:]])


def without_comments(text: str, body: int, blocks: Iterable[Block]) -> str:
    """The source of the wiki page: `text` below `body`, without comments."""
    parts, done = [], body
    for block in blocks:
        if not block.fenced:
            parts.append(text[done : block.start])
            done = block.end
    return "".join([*parts, text[done:]])


def headings(masked: str) -> list[Heading]:
    """The headings of a text whose fences and comments are masked, in order."""
    found = []
    for match in _MARKED().finditer(masked):
        title = (match["title"] or "").strip().rstrip("#").strip()
        found.append(Heading(title, len(match["marks"]), *match.span()))
    if "\n==" in masked or "\n--" in masked:
        found += _underlined(masked)
        found.sort(key=lambda heading: heading.start)
    return found


def _underlined(masked: str) -> Iterator[Heading]:
    for match in _UNDERLINED().finditer(masked):
        above = masked[masked.rfind("\n", 0, max(0, match.start() - 1)) + 1 : match.start()]
        if above.strip() and above[0] != "#":
            continue  # only the first line of a paragraph can be one
        level = 1 if match["line"][0] == "=" else 2
        yield Heading(match["title"].strip(), level, *match.span())


def doubtful(masked: str, body: int = 0) -> list[tuple[int, int]]:
    """Stretches [start, end) where only rendering can tell whether there is code, in order.

    `masked`: a text without its first `body` characters, fences, comments, and certain code spans.
    """
    found: list[tuple[int, int]] = []
    if "`" in masked:
        ends = [0, *_paragraph_ends(masked), len(masked)]
        at = masked.find("`")
        while at >= 0:
            after = bisect_right(ends, at)
            found.append((ends[after - 1], ends[min(after, len(ends) - 1)]))
            at = masked.find("`", max(found[-1][1], at + 1))
    if any(masked.find(sign, body) >= 0 for sign in ("    ", "\t")) and _DEEP().search(
        masked, body
    ):
        found += _indented(masked)
    if any(sign in masked for sign in "<`~") and (tag := _ANY_CODE().search(masked, body)):
        found.append((tag.start(), len(masked)))
    return merge(found)


def _indented(text: str) -> Iterator[tuple[int, int]]:
    """Lines that may be indented code: four columns in, and not part of a paragraph."""
    is_open = True
    for match in _LINE().finditer(text):
        if match["first"] == "":
            is_open = True
        elif match["first"] == ">":
            if "    " in match[0] or "\t" in match[0]:
                yield match.span()
            is_open = True
        elif len(match["indent"].expandtabs(4)) >= 4:
            if is_open:
                yield match.span()
        else:
            is_open = match[0].startswith(_OPENS) or not _WORD().search(match[0])
        if match.end() == len(text):
            return


def merge(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches [start, end) in order, adjacent ones merged."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def covers(merged: list[tuple[int, int]], at: int) -> bool:
    """Whether one of some merged stretches covers an offset."""
    before = bisect_right(merged, at, key=lambda stretch: stretch[0]) - 1
    return before >= 0 and at < merged[before][1]
