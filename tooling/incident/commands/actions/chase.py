"""`incident actions chase`: remind owners of overdue action items."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from incident.commands import examples
from incident.commands.actions import _shared


@click.command(
    epilog=examples("incident actions chase --dry-run", "incident actions chase --yes --limit 50")
)
@_shared.options
@_shared.today
@click.pass_context
def command(ctx: click.Context, /, options: _shared.Options, today: date | None) -> None:
    """Chase overdue action items, also those of closed incidents.

    Labels overdue issues, comments before the due date and weekly after it (one comment, updated
    in place), keeps one digest issue per owner, and opens the follow-up checks of P0 and P1
    postmortems after two weeks and three months. Run `incident actions sync` first.
    """
    from incident.actions import sync

    day = today or datetime.now(UTC).date()
    _shared.run(
        ctx,
        options,
        lambda config, tracker: sync.chased(config, tracker, day),
        idle="no reminders are due",
    )
