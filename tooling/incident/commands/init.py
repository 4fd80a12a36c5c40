"""`incident init`: set up a repository for postmortems."""

from __future__ import annotations

from pathlib import Path

import click

from incident.commands import Settings, examples
from incident.drafts import installed_from, repository_setup
from incident.drafts.installed_from import Origin
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, UsageError
from incident.repository import atomic_files, config

SECTION = "Set up"


@click.command(
    epilog=examples(
        "incident init",
        "incident init --no-github --editor",
        "incident init --diff",
    )
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--diff", is_flag=True, help="Show differences from this version; exits 1 if any.")
@click.option("-n", "--dry-run", is_flag=True, help="List the files without writing them.")
@click.option(
    "--force",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Overwrite FILE with the packaged version.",
)
@click.option(
    "--github/--no-github",
    default=True,
    help="Include workflows, issue form and CODEOWNERS (default: yes).",
)
@click.option(
    "--editor/--no-editor",
    default=False,
    help="Include VS Code tasks, snippets and a devcontainer (default: no).",
)
@click.option(
    "--install-from",
    metavar="URL",
    help="Where workflows install from: git+https://…@COMMIT (default: as installed here).",
)
@click.option("--templates", is_flag=True, help="Copy the postmortem templates for customization.")
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
    """Set up a repository for postmortems.

    DIR (default: here) is an empty folder, an existing repository, or a folder in one. Creates
    missing files and never changes existing ones: running it again is safe.
    """
    settings: Settings = ctx.obj
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "name the folder for the archive")
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
    done = "would be created" if dry_run else "created"
    count = f"{len(written)} file{'s' * (len(written) != 1)} {done}" if written else "nothing to do"
    settings.say(f"{count}, {len(items) - len(written)} unchanged")
    for item in kept:
        settings.say(f"kept     {item.shown}: has local changes (see `incident init --diff`)")
    if any("INCIDENT_DOCS" in item.text for item in written):
        _report_origin(settings, origin)
    _advise(settings, folder)
    if written and not dry_run:
        settings.say('next     incident new "What is wrong, for whom" && incident lint')


def _report_origin(settings: Settings, origin: Origin) -> None:
    """Report where the workflows install incident-docs from."""
    requirement = origin.requirement("site")
    if requirement:
        where = f" from {origin.index}" if origin.index else ""
        settings.say(f"install  workflows install {requirement}{where}")
        settings.say("         override it with the repository variable INCIDENT_DOCS")
    else:
        settings.say(f"install  workflows cannot install incident-docs yet: {origin.unknown}")
        settings.say(
            "         set the repository variable INCIDENT_DOCS to "
            "incident-docs[site] @ git+https://HOST/OWNER/incident-docs@COMMIT"
        )


def _advise(settings: Settings, folder: Path) -> None:
    """Report what a person has to do."""
    if not folder.is_dir():
        return
    for line in repository_setup.advice(folder):
        settings.say(f"note     {line}")
    archive = config.load(folder.absolute()).archive_dir
    if found := repository_setup.unarchived(folder.absolute(), archive):
        first = found[0].parent.relative_to(folder.absolute()).as_posix()
        files = f"{len(found)} file{'s' * (len(found) != 1)} outside the archive look"
        files += "s" * (len(found) == 1)
        settings.say(f"note     {files} like a postmortem: convert with `incident import {first}`")
