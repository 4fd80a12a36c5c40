"""`incident import`: other people's postmortems as drafts of ours."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import click

from incident import foreign
from incident.commands import Settings, complain, show
from incident.commands._param_types import Day, Severity
from incident.drafts import new_draft
from incident.errors import EXIT_USAGE, UsageError
from incident.foreign import Imported, Options, render, timestamps
from incident.repository import atomic_files
from incident.repository.config import Config


class Zone(click.ParamType[str]):
    """An offset (`+02:00`) or an abbreviation (`PST`)."""

    name = "ZONE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Turn the text into an offset."""
        text = str(value)
        if re.fullmatch(r"[+-](?:0\d|1[0-4]):[0-5]\d", text):
            return text
        if text.upper() in timestamps.ZONES:
            return timestamps.ZONES[text.upper()]
        raise click.BadParameter(f"{text!r} is no offset; write +02:00, UTC or PST", ctx, param)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--owner", default="", help="Team that answers for them, whatever a file says.")
@click.option(
    "--severity",
    type=Severity(),
    help="Instead of what a file says; P2 where it says nothing.",
)
@click.option("--date", "day", type=Day(), help="Day of the incident, for one file.")
@click.option("--zone", type=Zone(), default="+00:00", help="Of times without one (UTC).")
@click.option("--day-first", is_flag=True, help="Read 7/5/2023 as the 7th of May.")
@click.option("--dry-run", is_flag=True, help="Only report what was found.")
@click.option("--stdout", is_flag=True, help="Print the draft of one file instead of creating it.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    owner: str,
    severity: str | None,
    day: date | None,
    zone: str,
    day_first: bool,
    dry_run: bool,
    stdout: bool,
) -> None:
    """Turn postmortems of other forms into drafts.

    Finds sections, timeline, action items, owners, dates, severity. What is not understood stays
    in the text. Prints the paths; stderr says what was found in each file, and what is missing.
    """
    settings: Settings = ctx.obj
    config = settings.config(Path.cwd())
    if len(files) > 1 and (stdout or day):
        raise UsageError(f"{'--stdout' if stdout else '--date'} takes one file", "name one file")
    options = Options(owner, severity or "", day, zone, day_first)
    read: list[Imported] = []
    failed = 0
    for file in files:
        try:
            found = foreign.read(
                foreign.decode(_bytes(file), str(file)), str(file), options, config
            )
            text = render.render(found, config)
            if stdout:
                click.echo(text, nl=False)
            elif not dry_run:
                show(_create(found, text, config))
        except UsageError as error:
            complain(error.message, error.hint)
            failed += 1
            continue
        read.append(found)
        settings.say(_report(found))
    settings.say(_total(read, failed))
    ctx.exit(EXIT_USAGE if failed else 0)


def _bytes(file: Path) -> bytes:
    if not file.exists():
        raise UsageError(f"{file} does not exist", "check the path")
    if not file.is_file():
        raise UsageError(f"{file} is not a file", "name Markdown files")
    with file.open("rb") as opened:
        return opened.read(foreign.MAX_BYTES + 1)


def _create(found: Imported, text: str, config: Config) -> str:
    path = new_draft.place(found.id, config)
    atomic_files.create_text(path, text)
    return config.relative(path)


def _report(found: Imported) -> str:
    timed = sum(entry.at is not None for entry in found.entries)
    owners = sum(bool(item.owner) for item in found.items)
    dates = sum(item.due is not None for item in found.items)
    parts = [
        f"{len(found.entries)} timeline entries ({timed} with a time)",
        f"{len(found.items)} action items ({owners} with an owner, {dates} with a date)",
        f"{len(found.texts)} sections",
    ]
    lines = [f"{found.file}: {', '.join(parts)}"]
    if found.missing:
        lines.append(f"  missing: {', '.join(found.missing)}")
    lines += [f"  note: {note}" for note in found.notes]
    return "\n".join(lines)


def _total(read: list[Imported], failed: int) -> str:
    done = f"{len(read)} imported, {failed} failed"
    if not read:
        return done
    counts = {
        "a timeline": sum(bool(f.entries) for f in read),
        "action items": sum(bool(f.items) for f in read),
        "an owner of one": sum(any(i.owner for i in f.items) for f in read),
        "a date of one": sum(any(i.due for i in f.items) for f in read),
    }
    said = ", ".join(f"{name} in {count}" for name, count in counts.items())
    return f"{done}: {said}"
