"""`incident actions chase`: remind those who have overdue action items."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import click

from incident.commands import Settings
from incident.commands.actions import _shared


@click.command()
@_shared.options
@_shared.today
@click.pass_context
def command(
    ctx: click.Context,
    /,
    repo: str | None,
    file: Path | None,
    dry_run: bool,
    yes: bool,
    limit: int | None,
    output: str,
    today: date | None,
) -> None:
    """Chase overdue action items, also of incidents that were closed long ago.

    Labels overdue issues, comments before the due date and weekly after it (one comment, which is
    rewritten), keeps one digest issue for each owner, and opens the follow-up checks of P0 and P1
    postmortems after two weeks and three months. `incident actions sync` comes first.
    """
    from incident.actions import apply, sync
    from incident.actions.desired_issues import Problem, Renderer
    from incident.actions.trackers import choice

    settings: Settings = ctx.obj
    _shared.may_write(dry_run, yes)
    config = settings.archive()
    tracker = choice.tracker(file, repo, config, os.environ)
    plan = sync.chased(config, tracker, today or datetime.now(UTC).date())
    _shared.show(ctx, plan, output)
    extra = [Problem("", note) for note in tracker.notes]
    outcomes = []
    if not dry_run and _shared.agreed(settings, plan, yes, tracker.name):
        steps = apply.apply(plan, tracker, Renderer(config), limit)
        outcomes = _shared.taken(steps, len(plan.steps))
    _shared.finish(ctx, _shared.report(settings, plan, outcomes, extra))
