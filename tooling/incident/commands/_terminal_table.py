"""The one table on a terminal: aligned columns, two spaces apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import click

from incident.text import untrusted_text


def joined(_row: int, cells: Sequence[str]) -> str:
    """A line of padded cells; others may color it, or some of its cells."""
    return "  ".join(cells).rstrip()


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    color: bool,
    line: Callable[[int, list[str]], str] = joined,
    *,
    minimum: Sequence[int] = (),
    right: Collection[int] = (),
) -> None:
    """Print rows below a head; without `columns` no head, without rows nothing.

    `line` makes a line from the number of a row and its padded cells. `minimum`: least widths.
    `right`: columns that are aligned on the right.
    """
    if not rows:
        return
    rows = [[untrusted_text.shown_line(cell) for cell in row] for row in rows]
    lines = [*([columns] if columns else []), *rows]
    least = [*minimum, *[0] * (len(rows[0]) - len(minimum))]
    widths = [max(least[i], *(len(row[i]) for row in lines)) for i in range(len(rows[0]))]

    def padded(row: Sequence[str]) -> list[str]:
        cells = zip(row, widths, strict=True)
        return [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(cells)]

    if columns:
        head = joined(0, padded([name.upper() for name in columns]))
        click.echo(click.style(head, bold=True), color=color)
    for place, row in enumerate(rows):
        click.echo(line(place, padded(row)), color=color)
