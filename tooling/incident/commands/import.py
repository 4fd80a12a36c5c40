"""`incident import`: other people's postmortems as drafts of ours."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from incident import foreign
from incident.commands import Settings, complain, echo
from incident.commands._param_types import Day, Severity
from incident.drafts import new_draft
from incident.errors import EXIT_USAGE, UsageError
from incident.foreign import Options, notes, render, zones
from incident.foreign.dates import Order
from incident.foreign.imported import Imported
from incident.repository import atomic_files
from incident.repository.config import Config


class Zone(click.ParamType[zones.Zone]):
    """A time zone: a place, an offset or an abbreviation."""

    name = "ZONE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> zones.Zone:
        """Turn the text into a zone."""
        zone = value if isinstance(value, zones.Zone) else zones.named(str(value))
        if zone is None or zone.tz is None:
            hint = "write Europe/Berlin, +02:00 or UTC"
            raise click.BadParameter(f"{value!r} is not a time zone; {hint}", ctx, param)
        return zone


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--owner", default="", help="Team that answers for them, whatever a file says.")
@click.option(
    "--severity",
    type=Severity(),
    help="Instead of what a file says; P2 where it says nothing.",
)
@click.option("--date", "day", type=Day(), help="Day of the incident, for one file.")
@click.option("--zone", type=Zone(), help="Of times without one: Europe/Berlin, +02:00, UTC.")
@click.option("--day-first", "order", flag_value=Order.DAY_FIRST, help="Read 7/5/2023 as 7 May.")
@click.option(
    "--month-first", "order", flag_value=Order.MONTH_FIRST, help="Read 7/5/2023 as July 5."
)
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
    zone: zones.Zone | None,
    order: Order | None,
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
    options = Options(owner, severity or "", day, zone, order)
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
                echo(_create(found, text, config))
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
    counts = notes.counted(found.entries)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    owners = sum(bool(item.owner) for item in found.items)
    dates = sum(item.due is not None for item in found.items)
    parts = [
        f"{len(found.entries)} timeline entries" + (f" ({kinds})" if kinds else ""),
        f"{len(found.items)} action items ({owners} with an owner, {dates} with a date)",
        f"{len(found.texts)} sections",
    ]
    lines = [f"{found.file}: {', '.join(parts)}"]
    lines += [f"  check: {note}" for note in found.notes]
    if found.account.seen:
        lines.append(f"  {found.account.text}")
    if found.missing:
        lines.append(f"  missing: {', '.join(found.missing)}")
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
