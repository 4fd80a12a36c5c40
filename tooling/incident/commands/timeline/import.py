"""`incident timeline import`: what chat, the pager or anything else kept."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from textwrap import indent

import click

from incident import discovery
from incident.commands import Settings, echo
from incident.commands._param_types import Instant
from incident.commands.timeline import opened, write
from incident.postmortem import model
from incident.sources import merge, timeline
from incident.sources.timeline import Reading


def _help() -> str:
    """The command's page, with what each source reads."""
    rows = discovery.summaries(timeline.__name__)
    listed = "\n".join(f"{name:<9}  {summary}" for name, summary in rows)
    return f"""Merge what others kept into a timeline: in order, and never twice.

    Prints the path; with --dry-run the entries. FILE is one of these:

    \b
{indent(listed, "    ")}
    """


@click.command("import", help=_help())
@click.argument("postmortem", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    type=click.Choice(["auto", *timeline.sources()]),
    default="auto",
    show_default=True,
    help="What FILE is.",
)
@click.option("--between", nargs=2, type=Instant(), metavar="A B", help="Only from A to B.")
@click.option("--dry-run", is_flag=True, help="Print the new entries, write nothing.")
@click.pass_obj
def command(
    settings: Settings,
    /,
    postmortem: str,
    file: Path,
    source: str,
    between: tuple[datetime, datetime] | None,
    dry_run: bool,
) -> None:
    """See `_help`."""
    path, found, config = opened(settings, postmortem)
    reading = Reading(config.intake, timeline.roles(model.postmortem(found)))
    entries = timeline.entries(timeline.read(file, source, reading), between)
    if not entries:
        settings.say(f"nothing to import in {file}" + (" in that window" if between else ""))
    if dry_run:
        _, new = merge.merge(found.text, entries)
        for entry in new:
            echo(merge.line(entry))
        settings.say(f"{len(new)} new, {len(entries) - len(new)} there already; nothing written")
        return
    write(settings, path, entries)
