"""`incident actions digest`: open action items, for a chat."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import click

from incident import archive
from incident.commands import Settings, echo, examples
from incident.commands._filters import Filter
from incident.commands.actions import _shared


@click.command(
    epilog=examples(
        "incident actions digest --overdue",
        "incident actions digest --owner finance",
        "incident actions digest --overdue --format webhook >digest.json",
    )
)
@click.option("--owner", cls=Filter, multiple=True, help="Only items of this owner.")
@click.option("--overdue", is_flag=True, help="Only overdue items.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "webhook"]),
    default="text",
    show_default=True,
    help="Text, or JSON for a chat's incoming webhook.",
)
@_shared.today
@click.pass_context
def command(
    ctx: click.Context, /, owner: tuple[str, ...], overdue: bool, output: str, today: date | None
) -> None:
    """Print open action items by owner, for a chat.

    For a webhook, one JSON object with a `text`, or nothing if there are no items: ten items per
    owner, no mentions, and none of restricted incidents.
    """
    from incident.actions import reminders
    from incident.archive import board

    settings: Settings = ctx.obj
    config = settings.archive()
    found = board.items(
        archive.load(config, values_only=True).postmortems, today or datetime.now(UTC).date()
    )
    chosen = [
        line
        for line in found
        if (not owner or line.item.owner in owner) and (line.overdue or not overdue)
    ]
    if output == "webhook":
        told = [line for line in chosen if not line.postmortem.is_restricted]
        if hidden := len(chosen) - len(told):
            settings.say(f"left out: {hidden} of restricted incidents")
        chosen = told
    if chosen and output == "webhook":
        echo(json.dumps({"text": reminders.webhook_text(board.groups(chosen, "owner"))}))
    elif chosen:
        echo(reminders.chat_text(board.groups(chosen, "owner")))
    settings.say(f"{len(chosen)} open, {sum(line.overdue for line in chosen)} overdue")
