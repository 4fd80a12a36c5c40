"""`incident timeline`: add entries to the timeline of a postmortem."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from incident import archive
from incident.commands import LazyGroup, Settings, echo, examples
from incident.errors import UsageError
from incident.postmortem.document import Document
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.sources import Entry, merge

SECTION = "Declare"


@click.group(
    cls=LazyGroup,
    package=__name__,
    epilog=examples(
        'incident timeline add revenue "the load is paused" --at 10m',
        "incident timeline import revenue slack-export.zip --dry-run",
    ),
)
def command() -> None:
    """Add timeline entries, by hand or from chat and pager exports."""


def opened(settings: Settings, postmortem: str) -> tuple[Path, Document, Config]:
    """The file, document and configuration of a postmortem that can be read."""
    config = settings.config(Path.cwd())
    path = archive.find(config, postmortem)
    found = archive.read(path, config)
    if found.faults:
        raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
    return path, found, config


def write(settings: Settings, path: Path, entries: list[Entry], *, is_shown: bool = True) -> None:
    """Merge, write, and report it; only the path goes to stdout, if `is_shown`."""
    new: Sequence[Entry] = ()

    def merged(text: str) -> str:
        nonlocal new
        text, new = merge.merge(text, entries)
        return text

    atomic_files.change(path, merged)
    there = len(entries) - len(new)
    said = f"{len(new)} added" + (f", {there} already there" if there else "")
    settings.say(said)
    if is_shown:
        show_path(path)


def show_path(path: Path) -> None:
    """The path of a postmortem on stdout, from the working folder."""
    shown = path.absolute()
    cwd = Path.cwd()
    echo(shown.relative_to(cwd) if shown.is_relative_to(cwd) else shown)
