"""The one table on a terminal: aligned columns, two spaces apart."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Collection, Sequence

import click

from incident.formats._ansi import width
from incident.text import untrusted_text


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
    shorten: Sequence[int] = (),
) -> None:
    """Print rows below a header; no header without `columns`, nothing without rows.

    `line` builds a line from a row's number and padded cells. `minimum`: minimum widths.
    `right`: right-aligned columns. `shorten`: columns to shorten with "…" if the table is wider
    than the terminal, in this order.
    """
    if not rows:
        return
    rows = [[untrusted_text.shown_line(cell) for cell in row] for row in rows]
    lines = [*([columns] if columns else []), *rows]
    least = [*minimum, *[0] * (len(rows[0]) - len(minimum))]
    widths = [max(least[i], *(width(row[i]) for row in lines)) for i in range(len(rows[0]))]
    if sys.stdout.isatty():
        _fit(widths, shorten, shutil.get_terminal_size().columns)

    def padded(row: Sequence[str]) -> list[str]:
        cells = zip(row, widths, strict=True)
        return [_cell(text, size, i in right) for i, (text, size) in enumerate(cells)]

    if columns:
        head = joined(0, padded([name.upper() for name in columns]))
        click.echo(click.style(head, bold=True), color=color)
    for place, row in enumerate(rows):
        click.echo(line(place, padded(row)), color=color)


_LEAST = 8  # a shortened column keeps this width


def _fit(widths: list[int], shorten: Sequence[int], available: int) -> None:
    """Narrow columns, in the order of `shorten`, until the table fits."""
    excess = sum(widths) + 2 * (len(widths) - 1) - available
    for column in shorten:
        cut = min(excess, max(0, widths[column] - _LEAST))
        if cut > 0:
            widths[column] -= cut
            excess -= cut


def _cell(text: str, size: int, is_right: bool) -> str:
    """`text` in exactly `size` terminal columns, shortened with an ellipsis if needed."""
    if width(text) > size:
        while width(text) > size - 1:
            text = text[:-1]
        text += "\u2026"
    gap = " " * (size - width(text))
    return gap + text if is_right else text + gap
