"""`incident import`: convert existing postmortems into drafts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click

from incident import foreign
from incident.commands import Settings, _import_report, complain, echo, examples
from incident.commands._param_types import Day, Severity
from incident.drafts import new_draft
from incident.errors import EXIT_USAGE, UsageError
from incident.foreign import Options, folder, moved_links, render, several
from incident.foreign.imported import Imported
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.text import zones
from incident.text.dates import Order

SECTION = "Declare"


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


@click.command(
    epilog=examples(
        "incident import old-postmortems/*.md --owner data-platform",
        "incident import exported/ --zone Europe/Berlin --dry-run",
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--owner", default="", help="Override the owner of all drafts.")
@click.option(
    "--severity",
    type=Severity(),
    help="Override the severity; P2 if a file has none.",
)
@click.option("--date", "day", type=Day(), help="Date of the incident (one file only).")
@click.option(
    "--zone", type=Zone(), help="Time zone of times without one: Europe/Berlin, +02:00, UTC."
)
@click.option("--day-first", "order", flag_value=Order.DAY_FIRST, help="Read 7/5/2023 as May 7.")
@click.option(
    "--month-first", "order", flag_value=Order.MONTH_FIRST, help="Read 7/5/2023 as July 5."
)
@click.option("--split", is_flag=True, help="Create a draft per incident in a file.")
@click.option("-n", "--dry-run", is_flag=True, help="Report what is found without writing drafts.")
@click.option("--stdout", is_flag=True, help="Print the draft of one file instead of creating it.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the report; JSON goes to stdout, with details of each file.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    files: tuple[Path, ...],
    owner: str,
    severity: str | None,
    day: date | None,
    zone: zones.Zone | None,
    order: str | None,
    split: bool,
    dry_run: bool,
    stdout: bool,
    output: str,
) -> None:
    """Convert existing postmortems into drafts.

    Finds sections, timeline, action items, owners, dates and severity. Anything uncertain stays in
    the text as written. Prints the paths; stderr reports what was found in each file, what to check
    first, and what was left out. Of a folder, every Markdown file is read. Links between the files
    lead to the drafts, and their pictures are copied next to them.
    """
    settings: Settings = ctx.obj
    config = settings.config(Path.cwd())
    folders = [folder.read(path) for path in files if path.is_dir()]
    if (len(files) > 1 or folders) and (stdout or day):
        raise UsageError(f"{'--stdout' if stdout else '--date'} takes one file", "name one file")
    if stdout and (split or output == "json"):
        raise UsageError("--stdout prints one draft and nothing else", "leave out the other option")
    options = Options(owner, severity or "", day, zone, Order(order) if order else None)
    read: list[_Read] = []
    failed = 0
    inside = {one.path: one.files for one in folders}
    named = [one for path in files for one in inside.get(path, [path])]
    # realpath, because resolve() raises for a link that leads to itself
    for file in {os.path.realpath(one): one for one in named}.values():
        try:
            read += _read(file, options, config, split)
        except UsageError as error:
            complain(error.message, error.hint)
            failed += 1
    batch = moved_links.Batch(
        {one.source.resolve(): one.target for one in read if one.is_whole},
        {one.target: one.text for one in read},
        tuple(inside),
        config.root,
    )
    done = []
    copied: set[Path] = set()
    for one in read:
        try:
            copied |= _place(one, batch, stdout, dry_run)
        except UsageError as error:
            complain(error.message, error.hint)
            failed += 1
            continue
        if output == "text" and not (stdout or dry_run):
            echo(config.relative(one.target))
        done.append(one)
        if output == "text":
            settings.say(_import_report.text(one.found))
    if output == "json":
        echo(_import_report.json([(one.found, config.relative(one.target)) for one in done]))
    for found in folders:
        settings.say(_import_report.folder(found, copied))
    settings.say(_import_report.total([one.found for one in done], failed))
    ctx.exit(EXIT_USAGE if failed else 0)


@dataclass(frozen=True)
class _Read:
    """A document that was understood. `is_whole`: it is all of its file."""

    source: Path
    found: Imported
    text: str
    target: Path
    is_whole: bool


def _read(file: Path, options: Options, config: Config, split: bool) -> list[_Read]:
    text = foreign.decode(_bytes(file), str(file))
    starts = several.starts(text)
    texts = several.split(text, starts) if split and starts else [text]
    read = []
    for part in texts:
        found = foreign.read(part, str(file), options, config)
        if starts and not split:
            lines = ", ".join(str(start.number) for start in starts)
            found.notes.insert(0, f"{len(starts)} incidents begin here (lines {lines}): --split")
        target = new_draft.place(found.id, config)
        draft = render.render(found, config)
        read.append(_Read(file, found, draft, target, len(texts) == 1))
    return read


def _place(one: _Read, batch: moved_links.Batch, stdout: bool, dry_run: bool) -> set[Path]:
    """Print the draft or create it, with its pictures next to it; returns their sources."""
    moved = moved_links.move(one.text, one.source, one.target, batch)
    one.found.links_left = moved.left
    if stdout:
        click.echo(one.text, nl=False)
    elif not dry_run:
        atomic_files.create_text(one.target, moved.text)
        pictures = {
            place: origin.read_bytes()
            for place, origin in moved.pictures.items()
            if not place.exists()
        }
        if pictures:
            atomic_files.write_all(pictures)
    return set(moved.pictures.values())


def _bytes(file: Path) -> bytes:
    if not file.exists():
        raise UsageError(f"{file} does not exist", "check the path")
    if not file.is_file():
        raise UsageError(f"{file} is not a file", "name Markdown files or folders")
    with file.open("rb") as opened:
        return opened.read(foreign.MAX_BYTES + 1)
