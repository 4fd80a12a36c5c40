"""`incident actions`: what was promised, and whether it gets done."""

from __future__ import annotations

import click

from incident.commands import LazyGroup


@click.group(cls=LazyGroup, package=__name__)
def command() -> None:
    """Keep action items in step with issues, and chase them."""
