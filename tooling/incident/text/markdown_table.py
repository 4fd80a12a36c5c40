"""The one table in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence


def cell(text: str) -> str:
    """A text as one cell: on one line, with bars escaped."""
    return " ".join(text.split()).replace("|", "\\|")


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], shown: Callable[[str], str] = cell
) -> str:
    """The lines of a table, without a line end; `shown` makes each value of a row safe."""
    lines = [_row(head), f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(_row([shown(value) for value in row]) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
