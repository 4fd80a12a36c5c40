"""`incident actions done`: an action item is done, since when, and what proves it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import click

from incident.archive import milestones
from incident.commands import Settings, _editing, examples
from incident.commands._param_types import Day
from incident.commands.actions import _items
from incident.errors import UsageError
from incident.git import history
from incident.postmortem import edit
from incident.text.bounded_readers import address


@click.command(
    epilog=examples(
        "incident actions done revenue/AI-1 --proof https://git.example.com/pull/7",
        "incident actions done revenue/two_weeks --at 2025-05-28",
    ),
)
@click.argument("item", metavar="ITEM")
@click.option("--proof", metavar="URL", help="The pull request or run that shows it.")
@click.option("--at", "day", type=Day(), help="Day it was done [default: what git knows, or today]")
@_editing.dry_run
@click.pass_context
def command(
    ctx: click.Context, /, item: str, proof: str | None, day: date | None, dry_run: bool
) -> None:
    """Mark an action item as done: its status, `done_at` and proof.

    ITEM is ID/AI-1, where any unique part of ID is enough; AI-1 alone, if only one postmortem has
    it; or the number of its issue (#12). ID/two_weeks and ID/three_months record a follow-up check.
    """
    settings: Settings = ctx.obj
    found = _items.find(settings, item)
    today = datetime.now(UTC).date()
    if day and day > today:
        raise UsageError(f"--at {day} is in the future", "check the day")
    if proof and not address(proof):
        raise UsageError(f"--proof {proof} must be an http(s) address", "give the whole address")
    if found.item is None:
        if proof:
            raise UsageError("a follow-up check has no proof", "leave out --proof")
        _items.write(ctx, found, {found.check: str(day or today)}, dry_run)
        return
    if not (proof or found.item.proof or found.item.verified_by):
        hint = "add --proof with the address of the pull request or the run"
        raise UsageError(f"{found.item.id} has no proof and no `verified_by`", hint)
    values: dict[str, edit.Scalar] = {"status": "done"}
    if proof:
        values["proof"] = proof
    if day or not found.item.done_at:
        values["done_at"] = str(day or _known_to_git(found) or today)
    _items.write(ctx, found, values, dry_run)


def _known_to_git(found: _items.Found) -> date | None:
    """When an item that is done already was marked as done, as far as git's history tells."""
    config, p = found.target.config, found.target.postmortem
    if found.item is None or found.item.status != "done":
        return None
    past = history.read(config.root, config.archive)
    return milestones.find(past, [p]).done.get((p.id, found.item.id))
