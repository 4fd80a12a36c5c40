"""How the wiki renders a text: Python-Markdown itself decides, by means of marks in the text.

It keeps no offsets. So a rare letter goes into the first word of every stretch in which code can't
start or end (between line ends, backticks and tags); if that letter comes out in code, so is the
stretch. Anything unclear counts as prose, so it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.postmortem.markdown.source import Block
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from markdown import Markdown

# as in mkdocs.yml; a test compares them
EXTENSIONS: dict[str, dict[str, Any]] = {
    "admonition": {},
    "footnotes": {},
    "tables": {},
    "toc": {"permalink": True},
    "pymdownx.details": {},
    "pymdownx.highlight": {},
    "pymdownx.superfences": {},
    "pymdownx.tasklist": {"custom_checkbox": True},
}
# Beyond these limits rendering takes too long, and no postmortem comes near: then all is prose.
_MAX_LENGTH = 200_000
_MAX_BLOCK = 20_000  # between blank lines
_LONG_BLOCK = 4_000  # from here on many headings in it take long
_MAX_HEADINGS = 500
_MAX_HEADING = 400

_FIRST_MARK, _LAST_MARK = 0x20000, 0x2A6D0  # letters, so that a word with one stays a word
_TAG = r"</?[A-Za-z][\w-]*(?:[ \t][^<>\n]*)?>"
_CUT = lazy(rf"(\n|`+|{_TAG})")
_WORD = lazy(r"[^\W\d_]")
_WHOLE_TAG = lazy(_TAG)
_QUESTION = lazy(r"\?")
_LOOSE = lazy(rf"<(?!{_TAG[1:]})")
_LOOSE_INSIDE = lazy(rf"<(?!{_TAG[1:]}|[\U00020000-\U0002a6df])")  # not before a mark
_AFTER_HEADING = lazy(r"(?<=\n)(#[^\n]*)\n(?=[^\n])")
_BETWEEN_BLOCKS = lazy(r"\n[ \t]*\n")
_RENDERED = lazy(r"<(?P<end>/?)(?P<tag>[a-zA-Z][\w-]*)[^<>]*>|(?P<mark>[\U00020000-\U0002a6df])")
_ID = lazy(r"\b(?:id|name)=[\"']([^\"'\s<>]{1,200}+)[\"']")
_HEADING_ID = lazy(r"<h[1-6] id=\"([^\"]*)\"")


class Code(NamedTuple):
    """Code in [start, end). `is_block`: a separate block, not inside a line of prose."""

    start: int
    end: int
    is_block: bool


def find_code(text: str, body: int, blocks: Sequence[Block]) -> list[Code]:
    """All code below the first `body` characters of a text with these fences and comments."""
    probe = _Probe(text, body, blocks)
    shown = _shown_as_code(probe.text, probe.marks)
    found = [Code(*probe.marks[mark], is_block) for mark, is_block in shown.items()]
    return sorted(found)


def shown_comments(
    text: str, body: int, blocks: Sequence[Block], asked: Collection[int]
) -> list[int]:
    """Which of the comments at the offsets `asked` the wiki shows, as code."""
    probe = _Probe(text, body, blocks, asked)
    shown = _shown_as_code(probe.text, probe.marks)
    return sorted(probe.marks[mark][0] for mark in shown if probe.marks[mark][0] in asked)


class _Probe:
    """A text with marks; `marks` has the offsets [start, end) of each."""

    def __init__(
        self, text: str, body: int, blocks: Sequence[Block], asked: Collection[int] = ()
    ) -> None:
        self.marks: dict[str, tuple[int, int]] = {}
        self._parts: list[str] = []
        self._letters = unused_letters(text)
        done = body
        for block in blocks:
            self._mark(text, done, block.start)
            done = block.end
            if block.fenced:
                # without the text after the opening, which must not be marked
                opening = text[block.start : block.inner]
                self._parts.append(re.sub(r"(?<=[`~])[^`~].*", "", opening, count=1, flags=re.S))
                self._mark(text, block.inner, block.end)
            elif block.start in asked and (letter := next(self._letters, "")):
                self.marks[letter] = block.start, block.end
                self._parts.append(letter)
        self._mark(text, done, len(text))
        self.text = "".join(self._parts)

    def _mark(self, text: str, start: int, end: int) -> None:
        at = start
        for piece in _CUT().split(text[start:end]):
            word = None
            if piece and piece[0] not in "\n`" and not _WHOLE_TAG().fullmatch(piece):
                word = _WORD().search(piece) or _QUESTION().search(piece)
            if word and (letter := next(self._letters, "")):
                self.marks[letter] = at, at + len(piece)
                self._parts += [piece[: word.end()], letter, piece[word.end() :]]
            else:
                self._parts.append(piece)
            at += len(piece)


def unused_letters(text: str) -> Iterator[str]:
    """Letters that are not in a text, to mark places in it."""
    used = frozenset(text)
    return (letter for code in range(_FIRST_MARK, _LAST_MARK) if (letter := chr(code)) not in used)


def _shown_as_code(text: str, marks: Collection[str]) -> dict[str, bool]:
    """The marks that come out in code every time, and whether in a block."""
    found: dict[str, bool] = {}
    elsewhere: set[str] = set()
    waiting: list[str] = []
    open_tags: list[str] = []
    for match in _RENDERED().finditer(_render(text)):
        tag, mark = (match["tag"] or "").lower(), match["mark"]
        if mark in marks:
            if open_tags:
                waiting.append(mark)
                found[mark] = "pre" in open_tags
            else:
                elsewhere.add(mark)
        elif tag in {"pre", "code"} and not match["end"]:
            open_tags.append(tag)
        elif tag in open_tags:
            while open_tags.pop() != tag:
                pass
            waiting = waiting if open_tags else []
    # code that is never closed does not count
    return {mark: block for mark, block in found.items() if mark not in {*waiting, *elsewhere}}


def _render(text: str) -> str:
    prepared = _prepare(text)
    return _convert(_blocks_only(), prepared) if prepared else ""


def _prepare(text: str) -> str:
    """`text` without parts that are slow to parse and never affect code; "" if too long."""
    return _short(_LOOSE().sub("(", text.replace("\r", "")))


def _short(text: str) -> str:
    """`text` with its headings apart from what is below them; "" if it is too long."""
    longest = max(map(len, _BETWEEN_BLOCKS().split(text)))
    if longest > _LONG_BLOCK:
        text = _AFTER_HEADING().sub(r"\1\n\n", text)
        longest = max(map(len, _BETWEEN_BLOCKS().split(text)))
    return "" if len(text) > _MAX_LENGTH or longest > _MAX_BLOCK else text


def _blocks_only(inline_names: Sequence[str] = ("html", "backtick")) -> Markdown:
    """Code, headings, lists and quotes as in the wiki; links and emphasis stay as written.

    Backticks are parsed first within a paragraph, so the rest never affects code.
    """
    from markdown.inlinepatterns import Pattern
    from markdown.treeprocessors import InlineProcessor
    from markdown.util import Registry

    configs: dict[str, dict[str, Any]] = {
        **EXTENSIONS,
        "pymdownx.highlight": {"use_pygments": False},
    }
    made = _markdown([name for name in EXTENSIONS if name != "toc"], configs)
    inline = made.treeprocessors["inline"]
    assert isinstance(inline, InlineProcessor)
    kept: Registry[Pattern] = Registry()
    for priority, name in enumerate(inline_names):
        kept.register(made.inlinePatterns[name], name, priority)
    inline.inlinePatterns = kept  # type: ignore[assignment]
    return made


def addresses(text: str, inline_names: Sequence[str]) -> list[str]:
    """The addresses of links and pictures, if these inline patterns apply, the last one first."""
    from markdown.treeprocessors import Treeprocessor

    found: list[str] = []

    class Collect(Treeprocessor):
        def run(self, root: Element) -> None:
            found.extend(
                address
                for element in root.iter()
                if element.tag in {"a", "img"}
                and (address := element.get("href") or element.get("src"))
            )

    made = _blocks_only(inline_names)
    made.treeprocessors.register(Collect(made), "collect", -1)
    angle = next(unused_letters(text), "(")
    prepared = _short(_LOOSE_INSIDE().sub(angle, text.replace("\r", "")))
    if prepared:
        _convert(made, prepared)
    return [address.replace(angle, "<") for address in found]


def _markdown(extensions: list[str], configs: dict[str, dict[str, Any]]) -> Markdown:
    import markdown

    return markdown.Markdown(extensions=extensions, extension_configs=configs)


def _convert(made: Markdown, text: str) -> str:
    try:
        return made.convert(text)
    except Exception:  # errors in the parser, such as RecursionError: the wiki shows nothing
        return ""


def slug(title: str, separator: str) -> str:
    """The anchor of a heading before duplicates are numbered; the wiki is configured to use it."""
    from markdown.extensions.toc import slugify_unicode

    return slugify_unicode(title, separator)


def anchors(text: str) -> frozenset[str]:
    """The anchors of a text without frontmatter and comments: headings and HTML ids."""
    import html

    found = {"top", *_ID().findall(text)}
    made = _blocks_only()
    # only the headings: links and emphasis in long paragraphs take too long to parse
    titles = "\n\n".join(f"# {title} #" for title in _titles(made, _prepare(text)))
    configs: dict[str, dict[str, Any]] = {**EXTENSIONS, "toc": {"slugify": slug}}
    alone = _markdown(list(EXTENSIONS), configs)
    alone.references = made.references
    found.update(map(html.unescape, _HEADING_ID().findall(_convert(alone, titles))))
    return frozenset(found)


def _titles(made: Markdown, text: str) -> list[str]:
    """The headings of the rendered page, as written."""
    try:
        lines = text.split("\n")
        for step in made.preprocessors:
            lines = step.run(lines)
        tree = made.parser.parseDocument(lines)
    except Exception:
        return []
    texts = (el.text or "" for el in tree.iter() if re.fullmatch(r"h[1-6]", el.tag))
    return [title[:_MAX_HEADING] for title in texts][:_MAX_HEADINGS]
