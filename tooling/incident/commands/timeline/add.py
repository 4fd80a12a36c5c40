"""`incident timeline add`: one entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

from incident.commands import Settings
from incident.commands._param_types import Instant, not_ahead
from incident.commands.timeline import opened, write
from incident.errors import UsageError
from incident.postmortem import model
from incident.postmortem.timestamps import LABELS
from incident.sources import Entry
from incident.text import instants
from incident.text.bounded_readers import address
from incident.text.untrusted_text import one_line


@click.command()
@click.argument("postmortem", metavar="ID")
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@click.option("--at", type=Instant(), help="When it happened: 5m (ago), 09:40Z (default: now).")
@click.option("--source", metavar="URL", help="Where it can be seen.")
@click.pass_obj
def command(
    settings: Settings,
    /,
    postmortem: str,
    words: tuple[str, ...],
    at: datetime | None,
    source: str | None,
) -> None:
    """Add an entry to a timeline, in its place.

    TEXT is Markdown; "**resolved**: …" marks it as the entry of `resolved_at`, which the
    frontmatter still has to say. Prints the path.
    """
    now = datetime.now(UTC)
    not_ahead("--at", at, now)
    text = one_line(" ".join(words))
    if not text:
        raise UsageError("the text is empty", "say what happened")
    if source:
        if not (url := address(source)):
            raise UsageError(f"--source {source} is no http(s) address", "give the whole address")
        text = f"{text} ([source]({url}))"
    path, found, _ = opened(settings, postmortem)
    when = at or now
    write(settings, path, [Entry(when, text)])
    label = re.match(r"\*\*([\w ]+)\*\*", text)
    key = LABELS.get(label[1].lower()) if label else None
    if key and key not in model.postmortem(found).times:
        settings.say(f'note: write `{key}: "{instants.iso(when)}"` under `timestamps`')
