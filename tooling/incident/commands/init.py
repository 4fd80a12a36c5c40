"""`incident init`: bring what a repository needs."""

from __future__ import annotations

from pathlib import Path

import click

from incident.commands import Settings
from incident.drafts import installed_from, repository_setup
from incident.drafts.installed_from import Origin
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, UsageError
from incident.repository import atomic_files, config


@click.command()
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--diff", is_flag=True, help="Show what differs from this version; exits 1 if so.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option(
    "--force",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Replace this one by this version's.",
)
@click.option("--github/--no-github", default=True, help="Workflows, issue form, CODEOWNERS.")
@click.option(
    "--editor/--no-editor", default=False, help="VS Code tasks and snippets, devcontainer."
)
@click.option(
    "--install-from",
    metavar="URL",
    help="What workflows install: git+https://…@COMMIT. Default: where this copy came from.",
)
@click.option("--templates", is_flag=True, help="Copy the postmortem templates, to change them.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    diff: bool,
    dry_run: bool,
    force: tuple[Path, ...],
    github: bool,
    editor: bool,
    install_from: str | None,
    templates: bool,
) -> None:
    """Bring what a repository needs to keep postmortems.

    DIR (default: here) is an empty folder, an existing repository, or a folder in one. Writes what
    is missing, and leaves alone what is there: running it again changes nothing.
    """
    settings: Settings = ctx.obj
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", "name the folder that gets the archive")
    origin = installed_from.named(install_from) if install_from else installed_from.recorded()
    items = repository_setup.plan(
        folder, github=github, editor=editor, templates=templates, origin=origin
    )
    if diff:
        shown = "".join(item.diff() for item in items if item.changed)
        click.echo(shown, nl=False)
        for item in items:
            if item.missing:
                settings.say(f"missing  {item.shown}")
        ctx.exit(EXIT_DIAGNOSTICS if shown else EXIT_CLEAN)
    if dry_run:
        written = [item for item in items if item.missing]
    else:
        atomic_files.make_folder(folder)
        written = list(repository_setup.write(items, [folder / path for path in force]))
    for item in written:
        click.echo(item.shown)
    kept = [item for item in items if item.changed and item not in written]
    done = "would be written" if dry_run else "written"
    count = f"{len(written)} file{'s' * (len(written) != 1)} {done}" if written else "nothing to do"
    settings.say(f"{count}; {len(items) - len(written)} there already")
    for item in kept:
        settings.say(f"kept     {item.shown}: it is yours (`incident init --diff` compares)")
    if any("INCIDENT_DOCS" in item.text for item in written):
        _report_origin(settings, origin)
    _advise(settings, folder)
    if written and not dry_run:
        settings.say('next     incident new "What is wrong, for whom" && incident lint')


def _report_origin(settings: Settings, origin: Origin) -> None:
    """Where the workflows get incident-docs from."""
    requirement = origin.requirement("site")
    if requirement:
        where = f" from {origin.index}" if origin.index else ""
        settings.say(f"install  workflows install {requirement}{where}")
        settings.say("         the repository variable INCIDENT_DOCS replaces that")
    else:
        settings.say(f"install  workflows cannot install incident-docs yet: {origin.unknown}")
        settings.say(
            "         set the repository variable INCIDENT_DOCS to "
            "incident-docs[site] @ git+https://HOST/OWNER/incident-docs@COMMIT"
        )


def _advise(settings: Settings, folder: Path) -> None:
    """What is left for a person."""
    if not folder.is_dir():
        return
    for line in repository_setup.advice(folder):
        settings.say(f"note     {line}")
    archive = config.load(folder.absolute()).archive_dir
    if found := repository_setup.unarchived(folder.absolute(), archive):
        first = found[0].parent.relative_to(folder.absolute()).as_posix()
        files = f"{len(found)} file{'s' * (len(found) != 1)} outside the archive look"
        files += "s" * (len(found) == 1)
        settings.say(
            f"note     {files} like a postmortem: `incident import {first}` brings them in"
        )
