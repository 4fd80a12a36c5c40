"""What several rules ask of a text: placeholders, words, and the place of frontmatter texts."""

import re
from collections.abc import Iterator
from typing import Any

from incident import sections
from incident.document import Document
from incident.patterns import lazy

_PLACEHOLDER = lazy(
    r"[\s<\[{(*_.?-]*(?:tbd|tba|tbc|todo|fixme|xxx+|unknown|unassigned|nobody|none|n/?a|"
    r"someone|somebody|name|owner|team-name|your[- ]team|change-?me|replace-?me|\?+|)"
    r"[\s>\]})*_.?-]*",
    re.IGNORECASE,
)
_CODE = lazy(r"(?<!`)(`{1,3})(?!`)[^\n]{0,400}?[^`\n]\1(?!`)")
_WORD = lazy(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")

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
)

Path = tuple[str | int, ...]


def is_placeholder(text: str) -> bool:
    """Whether `text` stands for a value that nobody has given yet: TBD, <owner>, ???."""
    return _PLACEHOLDER.fullmatch(text) is not None


def words(text: str) -> list[str]:
    """The words of a text; numbers are words, marks are none."""
    return _WORD.findall(text)


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
    """Offsets of a frontmatter value as it is written, over several lines too."""
    found = document.meta.nearest(path)
    return found.start, found.end


def without_code(text: str) -> str:
    """`text` with code spans blanked, but with addresses and link targets; same offsets."""
    return _CODE.sub(lambda match: " " * len(match[0]), text)


def passages(document: Document) -> list[tuple[int, str]]:
    """Offset and text of the body's prose, then of each sentence of the frontmatter; no code."""
    found = [(0, document.prose)]
    for pattern in PROSE_VALUES:
        for path in _paths(document.data, pattern, ()):
            start, end = place(document, path)
            found.append((start, sections.mask_inline(document.text[start:end])))
    return found


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
