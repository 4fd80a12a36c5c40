"""What `sync` and `chase` share: options, the plan on the screen, its steps, the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from incident.actions import trackers
from incident.commands import Settings, colored, complain, show_json
from incident.commands._param_types import Day
from incident.commands._terminal_table import joined, table
from incident.errors import EXIT_FAILURE, UsageError

if TYPE_CHECKING:
    from incident.actions.apply import Outcome
    from incident.actions.desired_issues import Problem
    from incident.actions.plan import Plan, Step
    from incident.actions.tracker import IssueTracker
    from incident.repository.config import Config

_COLORS = {"create": "green", "close": "yellow", "duplicate": "yellow", "reopen": "red"}


@dataclass(frozen=True)
class Options:
    """The options of every command that writes to a tracker."""

    repo: str | None
    tracker: str | None
    dry_run: bool
    yes: bool
    limit: int | None
    output: str


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Add those options; the command gets them as `options`."""

    @wraps(function)
    def command(*args: Any, **kwargs: Any) -> None:
        ours = {field.name: kwargs.pop(field.name) for field in fields(Options)}
        function(*args, options=Options(**ours), **kwargs)

    chosen = (
        click.option(
            "--repo", metavar="OWNER/NAME", help="Default: GITHUB_REPOSITORY, git remote."
        ),
        click.option(
            "--tracker",
            metavar="FILE|NAME[:TARGET]",
            help=f"A file (NDJSON) instead of GitHub, or one of {', '.join(trackers.names())}.",
        ),
        click.option("-n", "--dry-run", is_flag=True, help="Print the plan, do nothing."),
        click.option("-y", "--yes", is_flag=True, help="Do not ask."),
        click.option("--limit", type=click.IntRange(1), help="At most so many writes."),
        click.option(
            "--format",
            "output",
            type=click.Choice(["table", "json"]),
            default="table",
            show_default=True,
            help="Of the plan.",
        ),
    )
    decorated: Callable[..., None] = command
    for option in reversed(chosen):
        decorated = option(decorated)
    return decorated


def today(function: Callable[..., None]) -> Callable[..., None]:
    """The option that sets the day."""
    return click.option("--today", type=Day(), help="As if it were this day (default: now, UTC).")(
        function
    )


def run(
    ctx: click.Context,
    options: Options,
    planned: Callable[[Config, IssueTracker], Plan],
    written: Callable[[Plan, list[Outcome], Config, IssueTracker], list[Problem]] | None = None,
) -> None:
    """Plan, show, ask, take the steps, and report; `written` follows, and has problems, too.

    Exits 3 where anything could not be done.
    """
    from incident.actions import apply
    from incident.actions.desired_issues import Problem, Renderer

    settings: Settings = ctx.obj
    if not options.dry_run and not options.yes:
        _need_terminal()
    config = settings.archive()
    tracker = trackers.choose(options.tracker, options.repo, config, os.environ)
    plan = planned(config, tracker)
    _show(ctx, plan, options.output)
    extra = [Problem("", note) for note in tracker.notes]
    outcomes: list[Outcome] = []
    is_empty = not plan.steps and not plan.records
    if not options.dry_run and (is_empty or _agreed(settings, plan, options.yes, tracker.name)):
        steps = apply.apply(plan, tracker, Renderer(config), options.limit)
        outcomes = _taken(steps, len(plan.steps))
        extra += written(plan, outcomes, config, tracker) if written else []
    if _report(settings, plan, outcomes, extra):
        ctx.exit(EXIT_FAILURE)


def _need_terminal() -> None:
    """Refuse early what could only be refused late. Raises UsageError."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("no terminal to ask on", "pass --yes to write, or --dry-run to look")


def _show(ctx: click.Context, plan: Plan, output: str) -> None:
    """The plan on stdout."""
    if output == "json":
        show_json(_fields(plan))
        return
    rows = [(step.action, step.key, _number(step.number), _what(step)) for step in plan.steps]
    for record in plan.records:
        values = ", ".join(f"{key}: {value}" for key, value in record.values.items())
        rows.append(("record", record.key, "", f"{values}  ({record.why})"))

    def line(_row: int, cells: list[str]) -> str:
        return joined(_row, [click.style(cells[0], fg=_COLORS.get(cells[0].strip())), *cells[1:]])

    table((), rows, colored(ctx), line)


def _number(number: int) -> str:
    return f"#{number}" if number else ""


def _what(step: Step) -> str:
    return step.title if step.action == "create" else ", ".join(step.what)


def _fields(plan: Plan) -> dict[str, Any]:
    return {
        "steps": [
            {
                "action": step.action,
                "key": step.key,
                "issue": step.number or None,
                "title": step.title,
                "what": list(step.what),
            }
            for step in plan.steps
        ],
        "records": [
            {"path": record.path, "key": record.key, "values": record.values, "why": record.why}
            for record in plan.records
        ],
        "problems": [vars(problem) for problem in plan.problems],
        "kept": [vars(problem) for problem in plan.kept],
    }


def _agreed(settings: Settings, plan: Plan, yes: bool, where: str) -> bool:
    """Whether to go on: a person or --yes said so."""
    if yes:
        return True
    question = f"Write {len(plan.steps)} change(s) to {where}?"
    if not plan.steps:
        question = f"Write {len(plan.records)} value(s) back into the archive?"
    if click.confirm(question, err=True):
        return True
    settings.say("nothing was written")
    return False


def _taken(outcomes: Iterable[Outcome], total: int) -> list[Outcome]:
    """All outcomes, with a progress bar on a terminal."""
    if not sys.stderr.isatty() or total < 2:
        return list(outcomes)
    with click.progressbar(outcomes, length=total, file=sys.stderr, label="issues") as bar:
        return list(bar)


def _report(
    settings: Settings, plan: Plan, outcomes: Sequence[Outcome], extra: Iterable[Problem] = ()
) -> list[Problem]:
    """Say on stderr what happened; the problems among it."""
    for kept in plan.kept:
        settings.say(f"kept: {kept.key}: {kept.message}" if kept.key else kept.message)
    problems = [*plan.problems, *(p for o in outcomes for p in o.problems), *extra]
    for problem in problems:
        complain(
            f"{problem.key}: {problem.message}" if problem.key else problem.message, problem.hint
        )
    counts = {
        result: sum(1 for outcome in outcomes if outcome.result == result)
        for result in ("done", "failed", "left")
    }
    words = {"done": "written", "left": "left for the next run"}
    parts = [f"{n} {words.get(result, result)}" for result, n in counts.items() if n]
    if outcomes:
        settings.say(", ".join(parts))
    elif not plan.steps:
        settings.say("issues and archive agree")
    return problems
