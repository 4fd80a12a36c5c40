"""Lines and columns as an editor counts them: from 0, in units of its encoding."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from incident.diagnostic import Span


def span_range(span: Span, lines: Sequence[str], encoding: str) -> types.Range:
    """A span of ours as a range of the editor's."""

    def position(line: int, column: int) -> types.Position:
        text = lines[line - 1] if line <= len(lines) else ""
        return types.Position(line - 1, units(text[: column - 1], encoding))

    return types.Range(position(span.line, span.column), position(span.end_line, span.end_column))


def line_of(text: str, line: int) -> str:
    """A line (0-based) of a text, "" below its end."""
    lines = text.split("\n")
    return lines[line].rstrip("\r") if line < len(lines) else ""


def units(text: str, encoding: str) -> int:
    """The length of a text in the units that the editor counts in."""
    if encoding == "utf-32":
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "replace"))
    return len(text) + sum(character > "\uffff" for character in text)


def column_of(line: str, count: int, encoding: str) -> int:
    """The column in characters of a position that the editor counts in units."""
    seen = 0
    for column, character in enumerate(line):
        if seen >= count:
            return column
        seen += units(character, encoding)
    return len(line)
