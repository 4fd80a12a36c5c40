"""The position of the cursor in the frontmatter, even if its YAML is invalid.

While you type, the YAML is invalid most of the time, so this only looks at lines and indentation.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ENTRY = re.compile(
    r"(?P<indent>[ ]*)(?P<dashes>(?:-[ ]+)*)(?:(?P<key>[A-Za-z_][\w-]*)[ ]*:(?=\s|$))?"
)
_FENCE = re.compile(r"-{3,}[ \t]*")


class Place(NamedTuple):
    """A place in the frontmatter.

    `path`: the keys down to it, without list positions. `typed`: what stands before the cursor of
    the key (`is_value` False) or of the value. `start`: the column (0-based) where it begins.
    """

    path: tuple[str, ...]
    typed: str
    start: int
    is_value: bool


def in_frontmatter(lines: list[str], line: int) -> bool:
    """Whether the line (0-based) is between the two `---` lines."""
    if not lines or not _FENCE.fullmatch(lines[0].lstrip("\ufeff").rstrip()) or line < 1:
        return False
    return not any(_FENCE.fullmatch(text.rstrip()) for text in lines[1 : line + 1])


def place(lines: list[str], line: int, column: int) -> Place | None:
    """The place at a line and column (0-based, in characters), or None in a comment."""
    before = lines[line][:column]
    entry = _ENTRY.match(before)
    assert entry is not None
    begin = entry.end("dashes")
    stack, key, start = _inline(before, begin)
    if start < 0:
        return None
    dash = entry.end("indent") if entry["dashes"] else None
    parents = _parents(lines, line, begin, dash)
    path = (*parents, *stack)
    text = before[start:]
    return Place((*path, key), text, start, True) if key else Place(path, text, start, False)


def _inline(text: str, begin: int) -> tuple[list[str], str, int]:
    """The open keys of a line's flow mappings, the key of the value at its end, and its column.

    The column is -1 within a comment.
    """
    stack: list[str] = []
    open_keys: list[str] = []
    key, start, quote = "", begin, ""
    for at in range(begin, len(text)):
        character = text[at]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and not text[start:at].strip():
            quote = character
        elif character == "#" and text[at - 1 : at] in {" ", ""}:
            return stack, key, -1
        elif character == ":" and text[at + 1 : at + 2] in {" ", ""} and not key:
            key, start = text[start:at].strip(), at + 1
        elif character in "{[" and not text[start:at].strip():
            open_keys.append(key)
            stack += [key] if key else []
            key, start = "", at + 1
        elif character in "}]" and open_keys:
            stack = stack[:-1] if open_keys.pop() else stack
            key, start = "", at + 1
        elif character == "," and open_keys:
            key, start = "", at + 1
    start += len(text[start:]) - len(text[start:].lstrip())
    return stack, key, start


def _parents(lines: list[str], line: int, column: int, dash: int | None) -> tuple[str, ...]:
    """The keys above a line whose own starts at `column`, in a list item at `dash` if given."""
    found: list[str] = []
    limit = column if dash is None else dash + 1
    for text in reversed(lines[1:line]):
        entry = _ENTRY.match(text)
        assert entry is not None
        rest = text[entry.end() :].strip()
        if not text.strip() or text.lstrip().startswith("#") or (not entry["key"] and rest):
            continue
        at = entry.end("dashes")
        if at < limit and entry["key"]:
            found.append(entry["key"])
            limit = entry.end("indent") + 1 if entry["dashes"] else at
        elif at == limit and entry["dashes"]:
            limit = entry.end("indent") + 1  # the first key of this list item
        if limit == 0:
            break
    return tuple(reversed(found))
