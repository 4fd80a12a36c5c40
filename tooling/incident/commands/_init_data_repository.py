"""`incident init --data-repository`: the workflow for the repository of a dbt project."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from incident.commands import Settings, show_json
from incident.drafts import data_repository
from incident.drafts.installed_from import Origin
from incident.errors import UsageError
from incident.repository import atomic_files
from incident.text.counts import count


def run(
    settings: Settings,
    folder: Path,
    archive: str,
    origin: Origin | None,
    forced: list[Path],
    *,
    anywhere: bool,
    is_dry: bool,
    is_sure: bool,
    as_json: bool,
) -> None:
    """Show the plan, ask on a terminal, and write what is not there. Raises UsageError."""
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    if not archive:
        if not is_terminal or is_sure:
            raise UsageError("the archive's repository is missing", "give --archive OWNER/NAME")
        question = "Repository with the archive (OWNER/NAME, or . for this one)"
        archive = click.prompt(question, err=True)
    found = data_repository.plan(folder, archive, origin, anywhere=anywhere)
    places = {path.absolute() for path in forced}
    if unknown := places - {item.path for item in found.items}:
        fact = f"{sorted(unknown)[0]} is not a file that this command writes"
        raise UsageError(fact, "`incident init --data-repository --dry-run` lists them")
    written = [
        item for item in found.items if item.now is None or (item.changed and item.path in places)
    ]
    for item in found.items:
        if item.changed:
            settings.say(item.update().removesuffix("\n"))
        if item not in written:
            state = "differs from this version" if item.changed else "up to date"
            hint = f"; `--force {item.shown}` replaces it" if item.changed else ""
            settings.say(f"kept     {item.shown}: {state}{hint}")
    if written and is_terminal and not (is_dry or is_sure):
        for item in written:
            click.echo(f"add      {item.shown}: {item.what}", err=True)
        if not click.confirm("Write this?", err=True, default=True):
            settings.say("nothing written")
            return
    for item in written if not is_dry else ():
        write = atomic_files.create_text if item.now is None else atomic_files.write_text
        write(item.path, item.text)
    steps = sorted(data_repository.steps(found), key=lambda step: step.is_optional)
    if as_json:
        show_json(
            {
                "written": [{"path": item.shown, "what": item.what} for item in written],
                "kept": [{"path": item.shown} for item in found.items if item not in written],
                "steps": [{"text": s.text, "is_optional": s.is_optional} for s in steps],
            }
        )
    else:
        for item in written:
            click.echo(item.shown)
    done = "would be written" if is_dry else "written"
    what = f"{count(len(written), 'file')} {done}" if written else "nothing to do"
    settings.say(f"{what}, {len(found.items) - len(written)} unchanged")
    for step in steps:
        settings.say(f"{'optional' if step.is_optional else 'to do   '} {step.text}")
