"""What commands that change one postmortem share: find it, change it, show the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from incident import archive
from incident.commands import Settings, colored
from incident.errors import UsageError
from incident.postmortem import model
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem
from incident.repository import atomic_files
from incident.repository.config import Config, path_in
from incident.text import untrusted_text

_COLORS = {"+": "green", "-": "red", "@": "cyan"}

dry_run = click.option("-n", "--dry-run", is_flag=True, help="Show the change, write nothing.")


@dataclass(frozen=True)
class Target:
    """One postmortem that can be read, and its file."""

    path: Path
    document: Document
    postmortem: Postmortem
    config: Config


def find(settings: Settings, ident: str) -> Target:
    """The postmortem that any unique part of an id names. Raises UsageError."""
    config = settings.config(Path.cwd())
    path = archive.find(config, ident)
    found = archive.read(path, config)
    if found.faults:
        raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
    return Target(path, found, model.postmortem(found), config)


def write(
    ctx: click.Context, target: Target, edited: Callable[[str], str], is_dry: bool = False
) -> bool:
    """Write what `edited` makes of the text, and show the diff; False where nothing changes.

    The file is read again, so that nothing that was written meanwhile is lost. Raises what
    `edited` raises: then nothing is written.
    """
    from incident.lint import fixes

    settings: Settings = ctx.obj
    before = after = target.document.text

    def changed(text: str) -> str:
        nonlocal before, after
        before, after = text, edited(text)
        return after

    if is_dry:
        changed(before)
    else:
        atomic_files.change(target.path, changed)
    if before == after:
        settings.say("no change")
        return False
    diff = fixes.diff(before, after, path_in(target.config.root, target.path))
    for line in untrusted_text.shown(diff).splitlines():
        click.echo(click.style(line, fg=_COLORS.get(line[:1])), color=colored(ctx))
    if is_dry:
        settings.say("dry run: nothing was written")
    return True
