"""What `sync` and `chase` share: options, the plan on the screen, taking it, the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from incident.commands import Settings, colored, complain, show_json
from incident.commands._param_types import Day
from incident.errors import EXIT_FAILURE, UsageError
from incident.text import untrusted_text

if TYPE_CHECKING:
    from incident.actions.apply import Outcome
    from incident.actions.desired_issues import Problem
    from incident.actions.plan import Plan, Step

_COLORS = {"create": "green", "close": "yellow", "duplicate": "yellow", "reopen": "red"}


def options(function: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that writes to a tracker."""
    chosen = (
        click.option(
            "--repo", metavar="OWNER/NAME", help="Default: GITHUB_REPOSITORY, git remote."
        ),
        click.option(
            "--tracker",
            "file",
            type=click.Path(dir_okay=False, path_type=Path),
            help="A file (NDJSON) instead of GitHub.",
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
    for option in reversed(chosen):
        function = option(function)
    return function


def today(function: Callable[..., None]) -> Callable[..., None]:
    """The option that sets the day."""
    return click.option("--today", type=Day(), help="As if it were this day (default: now, UTC).")(
        function
    )


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], marked: Container[int], color: bool
) -> None:
    """A table with a head on stdout, marked rows in red; nothing without rows."""
    if not rows:
        return
    rows = [[untrusted_text.shown_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    head = "  ".join(name.upper().ljust(widths[i]) for i, name in enumerate(columns))
    click.echo(click.style(head.rstrip(), bold=True), color=color)
    for place, row in enumerate(rows):
        line = "  ".join(cell.ljust(widths[i]) for i, cell in enumerate(row)).rstrip()
        click.echo(click.style(line, fg="red") if place in marked else line, color=color)


def may_write(dry_run: bool, yes: bool) -> None:
    """Refuse early what could only be refused late. Raises UsageError."""
    if not dry_run and not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("no terminal to ask on", "pass --yes to write, or --dry-run to look")


def show(ctx: click.Context, plan: Plan, output: str) -> None:
    """The plan on stdout."""
    if output == "json":
        show_json(_fields(plan))
        return
    color = colored(ctx)
    rows = [(step.action, step.key, _number(step.number), _what(step)) for step in plan.steps]
    for record in plan.records:
        values = ", ".join(f"{key}: {value}" for key, value in record.values.items())
        rows.append(("record", record.key, "", f"{values}  ({record.why})"))
    cells_of = [[untrusted_text.shown_line(cell) for cell in row] for row in rows]
    widths = [max((len(row[i]) for row in cells_of), default=0) for i in range(3)]
    for row in cells_of:
        action = click.style(row[0].ljust(widths[0]), fg=_COLORS.get(row[0]))
        cells = "  ".join(row[i].ljust(widths[i]) for i in (1, 2))
        click.echo(f"{action}  {cells}  {row[3]}".rstrip(), color=color)


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


def agreed(settings: Settings, plan: Plan, yes: bool, where: str) -> bool:
    """Whether to go on: there is something to do, and a person or --yes said so."""
    if not plan.steps and not plan.records:
        return False
    if yes:
        return True
    question = f"Write {len(plan.steps)} change(s) to {where}?"
    if not plan.steps:
        question = f"Write {len(plan.records)} value(s) back into the archive?"
    if click.confirm(question, err=True):
        return True
    settings.say("nothing was written")
    return False


def taken(outcomes: Iterable[Outcome], total: int) -> list[Outcome]:
    """All outcomes, with a progress bar on a terminal."""
    if not sys.stderr.isatty() or total < 2:
        return list(outcomes)
    with click.progressbar(outcomes, length=total, file=sys.stderr, label="issues") as bar:
        return list(bar)


def report(
    settings: Settings, plan: Plan, outcomes: Sequence[Outcome], extra: Iterable[Problem] = ()
) -> list[Problem]:
    """Say on stderr what happened; the problems among it."""
    for kept in plan.kept:
        settings.say(f"kept: {kept.key}: {kept.message}")
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


def finish(ctx: click.Context, problems: Sequence[Problem]) -> None:
    """Exit 3 where anything could not be done."""
    if problems:
        ctx.exit(EXIT_FAILURE)
