"""`incident resolve`: when an issue was closed, as its postmortem's `resolved_at`."""

from __future__ import annotations

from pathlib import Path

import click

from incident.actions import resolved_by_issue
from incident.commands import Settings, show


@click.command(hidden=True)
@click.option(
    "--from-issue",
    "issue",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The issue as GitHub's API gives it, in a file.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.pass_context
def command(ctx: click.Context, /, issue: Path, dry_run: bool) -> None:
    """Write when an incident was resolved, from the issue that declared it.

    For a workflow. Prints the path of the postmortem that was changed; nothing where the issue was
    not closed as completed, or where the postmortem has the time already.
    """
    settings: Settings = ctx.obj
    done = resolved_by_issue.run(issue, settings.config(Path.cwd()), dry_run)
    if done.path:
        show(done.path)
    settings.say(done.said)
