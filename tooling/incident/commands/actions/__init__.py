"""`incident actions`: track action items until they are done."""

from __future__ import annotations

import click

from incident.commands import LazyGroup, examples

SECTION = "Act"


@click.group(
    cls=LazyGroup,
    package=__name__,
    epilog=examples(
        "incident actions list --overdue",
        "incident actions done revenue/AI-1 --proof https://git.example.com/pull/7",
        "incident actions sync --dry-run",
    ),
)
def command() -> None:
    """Track action items, in postmortems and as GitHub issues."""
