"""`incident timeline add`: one entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import click

from incident.commands import Settings, examples
from incident.commands._param_types import Instant, not_ahead
from incident.commands.timeline import opened, show_path, write
from incident.errors import UsageError
from incident.postmortem import model, timeline_entries
from incident.postmortem.timestamps import LABELS
from incident.repository import atomic_files
from incident.sources import Entry, marks
from incident.text import instants
from incident.text.bounded_readers import address
from incident.text.untrusted_text import one_line


@click.command(
    epilog=examples(
        'incident timeline add revenue "the load is paused" --at 10m',
        'incident timeline add revenue --decision "roll back now, fix on Monday"',
        'incident timeline add revenue "**mitigated**: the dashboard shows a notice"',
    )
)
@click.argument("postmortem", metavar="ID")
@click.argument("words", metavar="TEXT...", nargs=-1, required=True)
@click.option("--at", type=Instant(), help="When it happened: 5m (ago), 09:40Z (default: now).")
@click.option("--source", metavar="URL", help="Link to the source.")
@click.option(
    "--decision", is_flag=True, help="Mark it as a decision; the wiki and the review list them."
)
@click.pass_obj
def command(
    settings: Settings,
    /,
    postmortem: str,
    words: tuple[str, ...],
    at: datetime | None,
    source: str | None,
    decision: bool,
) -> None:
    """Add an entry to a timeline, in chronological order.

    TEXT is Markdown. "**mitigated**: …" also sets `mitigated_at` in the frontmatter, unless it
    is already set; likewise for the other timestamps. Prints the path.
    """
    now = datetime.now(UTC)
    not_ahead("--at", at, now)
    text = one_line(" ".join(words))
    if not text:
        raise UsageError("the text is empty", "describe what happened")
    if source:
        if not (url := address(source)):
            raise UsageError(
                f"--source {source} is not an http(s) address", "give the whole address"
            )
        text = f"{text} ([source]({url}))"
    path, found, config = opened(settings, postmortem)
    when = (at or now).replace(second=0, microsecond=0)
    label = None if decision else re.match(r"\*\*([\w ]+)\*\*:?\s*", text)
    key = LABELS.get(label[1].lower()) if label else None
    if label is None or key is None or key in model.postmortem(found).times:
        text = f"**{timeline_entries.DECISION}**: {text}" if decision else text
        write(settings, path, [Entry(at or now, text)])
        return
    entry = Entry(when, text[label.end() :], key)

    def marked(before: str) -> str:
        after, _ = marks.mark(before, [entry])
        marks.must_be_in_order(before, after, config, now)
        return after

    atomic_files.change(path, marked)
    settings.say(f'1 added, and `{key}: "{instants.iso(when)}"`')
    show_path(path)
