"""`incident actions set`: another status, owner or due date for an action item."""

from __future__ import annotations

from datetime import date

import click

from incident.commands import Settings, _editing, examples
from incident.commands._param_types import Day, Word
from incident.commands.actions import _items
from incident.errors import UsageError
from incident.postmortem import edit
from incident.text.untrusted_text import one_line

_STATUSES = ("proposed", "committed", "in_progress", "done", "wont_do")


@click.command(
    "set",
    epilog=examples(
        "incident actions set revenue/AI-2 --owner ingestion --due 2025-06-30",
        'incident actions set revenue/AI-3 --status wont_do --reason "load retired"',
    ),
)
@click.argument("item", metavar="ITEM")
@click.option(
    "--status",
    type=Word(_STATUSES),  # done too, to say what to run instead
    metavar="[proposed|committed|in_progress|wont_do]",
    help="New status. For done, use `incident actions done`: it takes the proof.",
)
@click.option("--owner", help="New owner: a team, or one GitHub handle.")
@click.option("--due", type=Day(ahead=True), help="New due date: 2025-06-30, 14d (ahead).")
@click.option("--reason", default="", help="With --status wont_do: why.")
@_editing.dry_run
@click.pass_context
def command(
    ctx: click.Context,
    /,
    item: str,
    status: str | None,
    owner: str | None,
    due: date | None,
    reason: str,
    dry_run: bool,
) -> None:
    """Change the status, owner or due date of an action item.

    ITEM is ID/AI-1, where any unique part of ID is enough; AI-1 alone, if only one postmortem has
    it; or the number of its issue (#12).
    """
    settings: Settings = ctx.obj
    if status == "done":
        raise UsageError("a done item needs proof", f"incident actions done {item} --proof URL")
    found = _items.find(settings, item)
    if found.item is None:
        raise UsageError(f"{item} is a follow-up check", f"incident actions done {item}")
    values: dict[str, edit.Scalar] = {}
    if status:
        values["status"] = status
        if found.item.done_at:
            values["done_at"] = None
    if owner is not None:
        values["owner"] = one_line(owner).lstrip("@") or None
    if due:
        values["due"] = str(due)
    if reason:
        values["reason"] = one_line(reason)
    if not values:
        raise UsageError("nothing to set", "add --status, --owner or --due")
    if status == "wont_do" and not (reason or found.item.reason):
        raise UsageError("wont_do needs a reason", "add --reason")
    _items.write(ctx, found, values, dry_run)
