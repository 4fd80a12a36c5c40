"""Shared by `sync` and `chase`: options, showing and applying the plan, exit code."""

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

_TRACKERS = ", ".join(name for name in trackers.names() if name != trackers.FILE)
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
            "--repo",
            metavar="OWNER/NAME",
            help="GitHub repository (default: GITHUB_REPOSITORY, else the git remote).",
        ),
        click.option(
            "--tracker",
            metavar="TRACKER",
            help=f"Where the issues are: {_TRACKERS}, or the path of an NDJSON file (default: "
            "actions.tracker in the configuration, else github).",
        ),
        click.option("-n", "--dry-run", is_flag=True, help="Print the plan without applying it."),
        click.option("-y", "--yes", is_flag=True, help="Skip the confirmation."),
        click.option("--limit", type=click.IntRange(1), help="Maximum number of writes."),
        click.option(
            "--format",
            "output",
            type=click.Choice(["table", "json"]),
            default="table",
            show_default=True,
            help="Format of the plan.",
        ),
    )
    decorated: Callable[..., None] = command
    for option in reversed(chosen):
        decorated = option(decorated)
    return decorated


def today(function: Callable[..., None]) -> Callable[..., None]:
    """The option that sets the date."""
    return click.option("--today", type=Day(), help="Pretend today is DATE (default: now, UTC).")(
        function
    )


def run(
    ctx: click.Context,
    options: Options,
    planned: Callable[[Config, IssueTracker], Plan],
    written: Callable[[Plan, list[Outcome], Config, IssueTracker], list[Problem]] | None = None,
    idle: str = "issues and archive are in sync",
) -> None:
    """Plan, show, confirm, apply and report; then `written`, which may return problems.

    `idle` is what to say if there is nothing to do.

    Exits 3 if anything failed.
    """
    from incident.actions import apply
    from incident.actions.desired_issues import Problem, Renderer

    settings: Settings = ctx.obj
    if not options.dry_run and not options.yes:
        _need_terminal()
    config = settings.archive()
    tracker = trackers.choose(options.tracker, options.repo, config, os.environ)
    settings.note("tracker", tracker.name)
    plan = planned(config, tracker)
    _show(ctx, plan, options.output)
    extra = [Problem("", note) for note in tracker.notes]
    outcomes: list[Outcome] = []
    is_empty = not plan.steps and not plan.records
    if not options.dry_run and (is_empty or _agreed(settings, plan, options.yes, tracker.name)):
        steps = apply.apply(plan, tracker, Renderer(config), options.limit)
        outcomes = _taken(steps, len(plan.steps))
        extra += written(plan, outcomes, config, tracker) if written else []
    if _report(settings, plan, outcomes, extra, idle):
        ctx.exit(EXIT_FAILURE)


def _need_terminal() -> None:
    """Fail before planning rather than at the prompt. Raises UsageError."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("no terminal to prompt on", "pass --yes to apply, or --dry-run to preview")


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

    table((), rows, colored(ctx), line, fit=((3, 36), (1, 24)), wrap=True)


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
    """Whether a person or --yes confirmed."""
    if yes:
        return True
    question = f"Write {len(plan.steps)} change(s) to {where}?"
    if not plan.steps:
        question = f"Write {len(plan.records)} value(s) back to the archive?"
    if click.confirm(question, err=True):
        return True
    settings.say("nothing written")
    return False


def _taken(outcomes: Iterable[Outcome], total: int) -> list[Outcome]:
    """All outcomes, with a progress bar on a terminal."""
    if not sys.stderr.isatty() or total < 2:
        return list(outcomes)
    with click.progressbar(outcomes, length=total, file=sys.stderr, label="issues") as bar:
        return list(bar)


def _report(
    settings: Settings,
    plan: Plan,
    outcomes: Sequence[Outcome],
    extra: Iterable[Problem],
    idle: str,
) -> list[Problem]:
    """Report the outcomes on stderr; returns the problems."""
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
        settings.say(idle)
    return problems
