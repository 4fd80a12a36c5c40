"""Text helpers that several rules share: placeholders, words, offsets of frontmatter values."""

import re
from collections.abc import Iterator
from typing import Any

from incident.postmortem.document import Document
from incident.postmortem.markdown import source
from incident.text.lazy_regex import lazy

_PLACEHOLDER = lazy(
    r"[\s<\[{(*_.?-]*(?:tbd|tba|tbc|todo|fixme|xxx+|unknown|unassigned|nobody|none|n/?a|"
    r"someone|somebody|name|owner|team-name|your[- ]team|change-?me|replace-?me|\?+|)"
    r"[\s>\]})*_.?-]*",
    re.IGNORECASE,
)
LETTERS = lazy(r"[^\W\d_]+")
# all ASCII but letters becomes a space; the bytes of other characters stay
_SPACED = bytes(at if at > 127 or chr(at).isalpha() else 32 for at in range(256))

# Where people write sentences in the frontmatter; None stands for every item of a list.
PROSE_VALUES: tuple[tuple[str | None, ...], ...] = (
    ("title",),
    ("impact", "summary"),
    ("impact", "consumers", None, "use"),
    ("detection", "source"),
    ("detection", "should_have_been"),
    ("action_items", None, "title"),
    ("action_items", None, "done_when"),
    ("action_items", None, "reason"),
    ("evidence", None, "title"),
    ("evidence", None, "result"),
    ("evidence", None, "result"),
    ("closed_reason",),
)

Path = tuple[str | int, ...]


def vocabulary(text: str) -> frozenset[str]:
    """The words of a text: its runs of letters."""
    words = set(text.encode("utf-8", "replace").translate(_SPACED).decode().split())
    for word in [word for word in words if not word.isascii()]:
        words.remove(word)
        words.update(LETTERS().findall(word))
    return frozenset(words)


def any_of(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


_NUMBERS = "one two three four five six seven eight nine ten eleven twelve"
_COUNTS = {word: n for n, word in enumerate(_NUMBERS.split(), 1)} | {"a": 1, "an": 1}


def count(written: str) -> float:
    """A number in digits or as a word up to twelve: `2.5`, `three`, `an`."""
    return _COUNTS.get(written.lower()) or float(written)


def is_placeholder(text: str) -> bool:
    """Whether `text` is a placeholder for a value: TBD, <owner>, ???."""
    return _PLACEHOLDER().fullmatch(text) is not None


def strings(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a frontmatter value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from strings(item, (*path, index))


def place(document: Document, path: Path) -> tuple[int, int]:
    """Offsets of a frontmatter value as written, even across lines."""
    found = document.meta.nearest(path)
    return found.start, found.end


def passages(document: Document) -> str:
    """The prose of the body and of the frontmatter at its offsets, without code.

    It has the length of the document, so offsets agree. Everything else is blank; a NUL on both
    sides of a frontmatter value keeps patterns from reading across values.
    """
    parts, done, text = [], 0, document.text
    prose = document.prose
    for start, end in sorted(_sentences(document)):
        if text[start : start + 1] in {'"', "'"}:
            start, end = start + 1, end - 1
        if start <= done or end <= start:
            continue
        parts += [prose[done : start - 1], "\0", source.mask_inline(text[start:end]), "\0"]
        done = end + 1
    return "".join([*parts, prose[done:]])[: len(text)]


def _sentences(document: Document) -> Iterator[tuple[int, int]]:
    for pattern in PROSE_VALUES:
        for path in _paths(document.data, pattern, ()):
            yield place(document, path)


def is_quoted(text: str, start: int) -> bool:
    """Whether a quotation is open at `start` of passages, or its line is a block quote."""
    before = text[max(0, start - 400) : start].rpartition("\0")[2]
    paragraph = re.split(r"\n[ \t]*\r?\n", before)[-1]
    if paragraph.rpartition("\n")[2].lstrip()[:1] == ">":
        return True
    straight = paragraph.count('"') % 2 == 1
    return straight or paragraph.count("\u201c") > paragraph.count("\u201d")


def _paths(value: Any, pattern: tuple[str | None, ...], path: Path) -> Iterator[Path]:
    if not pattern:
        if isinstance(value, str) and value:
            yield path
        return
    step, rest = pattern[0], pattern[1:]
    if step is None and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, rest, (*path, index))
    elif step is not None and isinstance(value, dict) and step in value:
        yield from _paths(value[step], rest, (*path, step))
