"""`incident actions digest`: open action items, for a chat."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from incident import archive
from incident.commands import Settings, echo, examples
from incident.commands._filters import Filter
from incident.commands.actions import _shared


@click.command(
    epilog=examples("incident actions digest --overdue", "incident actions digest --owner finance")
)
@click.option("--owner", cls=Filter, multiple=True, help="Only items of this owner.")
@click.option("--overdue", is_flag=True, help="Only overdue items.")
@_shared.today
@click.pass_context
def command(
    ctx: click.Context, /, owner: tuple[str, ...], overdue: bool, today: date | None
) -> None:
    """Print open action items by owner, to paste into a chat."""
    from incident.actions import reminders
    from incident.archive import board

    settings: Settings = ctx.obj
    config = settings.archive()
    found = board.items(
        archive.load(config, values_only=True).postmortems, today or datetime.now(UTC).date()
    )
    chosen = [
        line
        for line in found
        if (not owner or line.item.owner in owner) and (line.overdue or not overdue)
    ]
    if chosen:
        echo(reminders.chat_text(board.groups(chosen, "owner")))
    settings.say(f"{len(chosen)} open, {sum(line.overdue for line in chosen)} overdue")
