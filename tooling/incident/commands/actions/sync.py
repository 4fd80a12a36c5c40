"""`incident actions sync`: issues for action items, and back."""

from __future__ import annotations

import os
from pathlib import Path

import click

from incident.commands import Settings
from incident.commands.actions import _shared
from incident.errors import IncidentError, UsageError


@click.command()
@_shared.options
@click.option("--reopen", is_flag=True, help="Reopen closed issues whose item is open again.")
@click.option(
    "--write-back",
    type=click.Choice(["files", "branch", "none"]),
    default="files",
    show_default=True,
    help="Numbers and states into the working files, or as a pull request.",
)
@click.option("--base", default="main", show_default=True, help="Branch of that pull request.")
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
    reopen: bool,
    write_back: str,
    base: str,
) -> None:
    """Bring the issues in step with the archive, and the archive with the issues.

    Opens an issue for each action item that is committed, updates it where the Markdown changed,
    closes it when the item is settled, and never touches what a person changed on GitHub. Numbers,
    and what people closed, are written back into the frontmatter.

    Exit code 3 where anything was refused; the rest is done all the same.
    """
    from incident.actions import apply, sync
    from incident.actions.desired_issues import Problem, Renderer
    from incident.actions.trackers import choice
    from incident.actions.trackers.github import GitHub

    settings: Settings = ctx.obj
    _shared.may_write(dry_run, yes)
    config = settings.archive()
    tracker = choice.tracker(file, repo, config, os.environ)
    if write_back == "branch" and not isinstance(tracker, GitHub):
        raise UsageError("--write-back branch needs GitHub", "use files, and commit them")
    plan = sync.prepare(config, tracker, reopen)
    _shared.show(ctx, plan, output)
    extra = [Problem("", note) for note in tracker.notes]
    if dry_run or not _shared.agreed(settings, plan, yes, tracker.name):
        _shared.finish(ctx, _shared.report(settings, plan, (), extra))
        return
    steps = apply.apply(plan, tracker, Renderer(config), limit)
    outcomes = _shared.taken(steps, len(plan.steps))
    records = apply.records(plan, outcomes, tracker) if write_back != "none" else []
    try:
        if records and write_back == "branch" and isinstance(tracker, GitHub):
            token = choice.token(os.environ)
            edits, address = sync.write_branch(records, config, tracker, token, base)
            extra += edits.problems
            settings.say(f"write-back: {address}" if address else "write-back: proposed already")
        elif records:
            edits = sync.write_files(records, config)
            extra += edits.problems
            settings.say(f"write-back: {len(edits.texts)} file(s) changed; commit them")
    except IncidentError as error:
        extra.append(Problem("", f"write-back: {error.message}", error.hint))
    _shared.finish(ctx, _shared.report(settings, plan, outcomes, extra))
