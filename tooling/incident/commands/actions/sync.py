"""`incident actions sync`: synchronize action items and issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from incident.actions.tracker import IssueTracker, PullRequests
from incident.commands import Settings, examples
from incident.commands.actions import _shared
from incident.errors import UsageError

if TYPE_CHECKING:
    from incident.actions.apply import Outcome
    from incident.actions.desired_issues import Problem
    from incident.actions.plan import Plan
    from incident.repository.config import Config


@click.command(
    epilog=examples(
        "incident actions sync --dry-run",
        "incident actions sync --yes --write-back branch",
    )
)
@_shared.options
@click.option("--reopen", is_flag=True, help="Reopen closed issues whose item is open again.")
@click.option(
    "--write-back",
    type=click.Choice(["files", "branch", "none"]),
    default="files",
    show_default=True,
    help="Write issue numbers and states to the working files, or open a pull request.",
)
@click.option("--base", default="main", show_default=True, help="Base of that pull request.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    options: _shared.Options,
    reopen: bool,
    write_back: str,
    base: str,
) -> None:
    """Synchronize action items with issues, both ways.

    Opens an issue for each action item that is committed or in progress, updates it when the
    Markdown changes, closes it when the item is closed, and never overwrites what a person changed
    on GitHub. Issue numbers, and items closed on GitHub, are written back to the frontmatter.

    Exits 3 if any item was skipped; the others are still processed.
    """
    from incident.actions import sync

    settings: Settings = ctx.obj

    def planned(config: Config, tracker: IssueTracker) -> Plan:
        if write_back == "branch" and not isinstance(tracker, PullRequests):
            raise UsageError("--write-back branch requires GitHub", "use files, and commit them")
        return sync.prepare(config, tracker, reopen)

    def written(
        plan: Plan, outcomes: list[Outcome], config: Config, tracker: IssueTracker
    ) -> list[Problem]:
        where = base if write_back == "branch" else ""
        done = sync.write_back(plan, outcomes, config, tracker, where)
        for note in done.notes:
            settings.say(f"write-back: {note}")
        return list(done.problems)

    _shared.run(ctx, options, planned, written if write_back != "none" else None)
