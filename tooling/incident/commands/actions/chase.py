"""`incident actions chase`: remind those who have overdue action items."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from incident.commands.actions import _shared


@click.command()
@_shared.options
@_shared.today
@click.pass_context
def command(ctx: click.Context, /, options: _shared.Options, today: date | None) -> None:
    """Chase overdue action items, also of incidents that were closed long ago.

    Labels overdue issues, comments before the due date and weekly after it (one comment, which is
    rewritten), keeps one digest issue for each owner, and opens the follow-up checks of P0 and P1
    postmortems after two weeks and three months. `incident actions sync` comes first.
    """
    from incident.actions import sync

    day = today or datetime.now(UTC).date()
    _shared.run(ctx, options, lambda config, tracker: sync.chased(config, tracker, day))
