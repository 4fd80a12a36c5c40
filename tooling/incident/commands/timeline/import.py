"""`incident timeline import`: what chat, the pager or another tool recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import indent

import click

from incident import discovery
from incident.commands import Settings, echo, examples, listed, show_json
from incident.commands._param_types import Instant
from incident.commands.timeline import opened, write
from incident.errors import UsageError
from incident.postmortem import model
from incident.sources import merge, timeline
from incident.sources.timeline import Reading, _table
from incident.text import account, zones
from incident.text.dates import Order


def _help() -> str:
    """The command's help, with a line for each source."""
    formats = listed(discovery.summaries(timeline.__name__))
    return f"""Merge Slack, PagerDuty or CSV events into a timeline.

    Entries are sorted and deduplicated. Prints the path; with --dry-run the entries. Reports what
    was used, and what was left out and why. FILE is one of:

    \b
{indent(formats, "    ")}
    """


@click.command(
    "import",
    help=_help(),
    epilog=examples(
        "incident timeline import revenue slack-export.zip --between 09:00Z 16:00Z",
        "incident timeline import revenue log.csv --map at=Time --map text=Message",
    ),
)
@click.argument("postmortem", metavar="ID")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    type=click.Choice(["auto", *timeline.sources()]),
    default="auto",
    show_default=True,
    help="Format of FILE.",
)
@click.option(
    "--between", nargs=2, type=Instant(), metavar="A B", help="Only events from time A to time B."
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="KEY=COLUMN",
    help="Which column or JSON key is the at, text, source or url.",
)
@click.option(
    "--zone", metavar="ZONE", help="Time zone of times without one: Europe/Berlin, UTC+2, PST."
)
@click.option(
    "--day-first/--month-first", "day_first", default=None, help="How to read 03/04/2026."
)
@click.option("--dry-run", is_flag=True, help="Print the new entries, write nothing.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the entries, and what was used and left out.",
)
@click.pass_obj
def command(
    settings: Settings,
    /,
    postmortem: str,
    file: Path,
    source: str,
    between: tuple[datetime, datetime] | None,
    columns: tuple[str, ...],
    zone: str | None,
    day_first: bool | None,
    dry_run: bool,
    form: str,
) -> None:
    """See `_help`."""
    path, found, config = opened(settings, postmortem)
    values = model.postmortem(found)
    reading = Reading(
        config.intake,
        timeline.roles(values),
        _columns(columns),
        _zone(zone),
        None if day_first is None else Order.DAY_FIRST if day_first else Order.MONTH_FIRST,
        tuple(values.times.values()),
        datetime.now(UTC),
        config.language,
    )
    export = timeline.read(file, source, reading)
    entries = timeline.entries(export.signals, between)
    _, new = merge.merge(found.text, entries)
    if form == "json":
        show_json(
            {
                "source": str(file),
                "entries": [merge.line(entry) for entry in new],
                "outside_of_window": len(export.signals) - len(entries),
                "accounts": [one.json for one in export.accounts],
                "notes": list(export.notes),
            }
        )
        if not dry_run:
            write(settings, path, entries, is_shown=False)
        return
    for line in (*account.shown(export.accounts), *export.notes):
        settings.say(line)
    if outside := len(export.signals) - len(entries):
        settings.say(f"{outside:,} outside of --between")
    if not entries:
        settings.say(f"nothing to import from {file}" + (" in that window" if between else ""))
    if dry_run:
        for entry in new:
            echo(merge.line(entry))
        settings.say(f"{len(new)} new, {len(entries) - len(new)} already there; nothing written")
        return
    write(settings, path, entries)


def _columns(given: Iterable[str]) -> dict[str, str]:
    columns = {}
    for one in given:
        about, equals, name = one.partition("=")
        if not equals or about not in _table.NAMES or not name:
            raise UsageError(
                f"--map {one}: not KEY=COLUMN", f"KEY is one of {', '.join(_table.NAMES)}"
            )
        columns[about] = name
    return columns


def _zone(name: str | None) -> zones.Zone | None:
    if name is None:
        return None
    zone = zones.named(name)
    if zone is None or zone.tz is None:
        raise UsageError(f"--zone {name}: unknown time zone", "for example Europe/Berlin or UTC+2")
    return zone
