"""Tables in the terminal: aligned columns, two spaces apart, no wider than the terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Collection, Sequence

import click

from incident.formats._ansi import width
from incident.text import untrusted_text

_LEAST_WRAPPED = 24  # a wrapped column is never narrower


def joined(_row: int, cells: Sequence[str]) -> str:
    """A line of padded cells; callers may color it or some of its cells."""
    return "  ".join(cells).rstrip()


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    color: bool,
    line: Callable[[int, list[str]], str] = joined,
    *,
    minimum: Sequence[int] = (),
    right: Collection[int] = (),
    fit: Sequence[tuple[int, int]] = (),
    wrap: bool = False,
) -> None:
    """Print rows below a header; no header without `columns`, nothing without rows.

    `line` builds a line from a row's number and padded cells. `minimum`: minimum widths.
    `right`: right-aligned columns. On a terminal, `fit` are steps to make the table fit: a column
    and the width to which it may be shortened, or 0 to leave it out; `wrap` wraps the last column.
    """
    if not rows:
        return
    rows = [[untrusted_text.shown_line(cell) for cell in row] for row in rows]
    lines = [*([columns] if columns else []), *rows]
    least = [*minimum, *[0] * (len(rows[0]) - len(minimum))]
    widths = [max(least[i], *(width(row[i]) for row in lines)) for i in range(len(rows[0]))]
    if sys.stdout.isatty():
        if fit:  # leave out empty columns
            widths = [size * any(row[i] for row in rows) for i, size in enumerate(widths)]
        _shrink(widths, fit, shutil.get_terminal_size().columns)
    kept = [i for i, size in enumerate(widths) if size or not fit]

    def padded(row: Sequence[str]) -> list[str]:
        return [_cell(row[i], widths[i], i in right) for i in kept]

    if columns:
        head = joined(0, padded([name.upper() for name in columns]))
        click.echo(click.style(head, bold=True), color=color)
    for place, row in enumerate(rows):
        for part in _wrapped(row, widths) if wrap and sys.stdout.isatty() else (row,):
            click.echo(line(place, padded(part)), color=color)


def _shrink(widths: list[int], steps: Sequence[tuple[int, int]], available: int) -> None:
    """Take the steps one by one until the table fits; then use what room is left."""
    natural = [*widths]

    def excess() -> int:
        return sum(widths) + 2 * (sum(map(bool, widths)) - 1) - available

    for column, least in steps:
        if excess() <= 0:
            break
        if column < len(widths):
            widths[column] = max(least, widths[column] - excess()) if least else 0
    for column, _ in reversed(steps):
        if column < len(widths) and widths[column] and excess() < 0:
            widths[column] = min(natural[column], widths[column] - excess())


def _cell(text: str, size: int, is_right: bool) -> str:
    """`text` in exactly `size` terminal columns, shortened with an ellipsis if needed."""
    if width(text) > size:
        head, slash, item = text.rpartition("/")  # of an id, the item's number stays
        tail = slash + item if slash and len(item) < 7 < size else ""
        text = head if tail else text
        while width(text) + width(tail) > size - 1:
            text = text[:-1]
        text = f"{text}\u2026{tail}"
    gap = " " * (size - width(text))
    return gap + text if is_right else text + gap


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """The row with its last cell over several lines."""
    room = shutil.get_terminal_size().columns - sum(widths[:-1]) - 2 * (len(widths) - 1)
    first, *more = textwrap.wrap(row[-1], max(_LEAST_WRAPPED, room)) or [""]
    return [[*row[:-1], first], *([*[""] * (len(row) - 1), part] for part in more)]
