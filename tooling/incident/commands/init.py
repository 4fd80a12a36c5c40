"""`incident init`: set up a repository for postmortems."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from incident.commands import Settings, _init_data_repository, examples, show_json
from incident.drafts import installed_from, manual_steps, repository_setup, setup_changes
from incident.drafts.data_repository import removal
from incident.drafts.manual_steps import Step
from incident.drafts.repository_setup import Options, Plan
from incident.drafts.setup_item import Item
from incident.errors import EXIT_CLEAN, EXIT_DIAGNOSTICS, UsageError
from incident.repository import atomic_files
from incident.text.counts import count

SECTION = "Set up"
_MODES = ("diff", "check", "upgrade", "remove")


@click.command(
    epilog=examples(
        "incident init",
        "incident init --no-github --no-example",
        "incident init --check        # in CI",
        "incident init --remove",
        "incident init --data-repository --archive acme/postmortems",
    )
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("-n", "--dry-run", is_flag=True, help="Show the plan and write nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--diff", is_flag=True, help="Show differences from this version; exits 1 if any.")
@click.option("--check", is_flag=True, help="Report files that are not up to date; exits 1 if any.")
@click.option("--upgrade", is_flag=True, help="Update files that have no changes of yours.")
@click.option("--remove", is_flag=True, help="Delete what init wrote and nobody changed.")
@click.option(
    "--force",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Overwrite FILE with the packaged version.",
)
@click.option(
    "--archive",
    default="",
    metavar="FOLDER",
    help="Where postmortems go: docs/incidents. With --data-repository: OWNER/NAME.",
)
@click.option(
    "--data-repository",
    is_flag=True,
    help="Only add the workflow for a dbt project whose archive is in another repository.",
)
@click.option(
    "--github/--no-github",
    default=None,
    help="Include workflows and forms (default: if the repository is on GitHub).",
)
@click.option(
    "--example/--no-example", default=None, help="Include an example postmortem (default: yes)."
)
@click.option(
    "--editor/--no-editor",
    default=None,
    help="Include VS Code tasks, snippets and a devcontainer (default: no).",
)
@click.option(
    "--agents/--no-agents",
    default=None,
    help="Include a skill for agents that draft postmortems (default: no).",
)
@click.option(
    "--install-from",
    metavar="URL",
    help="Where workflows install from: git+https://…@COMMIT (default: as installed here).",
)
@click.option(
    "--templates",
    is_flag=True,
    default=None,
    help="Copy the postmortem templates for customization.",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the plan or of --check on stdout.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    folder: Path,
    dry_run: bool,
    yes: bool,
    force: tuple[Path, ...],
    archive: str,
    data_repository: bool,
    github: bool | None,
    example: bool | None,
    editor: bool | None,
    agents: bool | None,
    install_from: str | None,
    templates: bool | None,
    output: str,
    **modes: bool,
) -> None:
    """Set up a repository for postmortems.

    DIR (default: here) is an empty folder, an existing repository, or a folder in one. Shows what
    it will create, asks on a terminal, and never changes existing files: running it again is safe.
    At the end, it lists what you have to do yourself.

    With --data-repository, DIR has a dbt project, and the archive is the repository --archive
    (`.` for this one). One workflow for pull requests is added, and nothing else.
    """
    settings: Settings = ctx.obj
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "name the folder for the archive")
    mode = _mode(modes)
    if mode and not data_repository:
        folder = repository_setup.home(folder)
    origin = installed_from.named(install_from) if install_from else None
    if data_repository:
        if mode:
            fact = f"--data-repository has no --{mode}: it keeps no record"
            hint = "run it again to see differences"
            if mode == "remove":
                hint = removal(folder) or "its workflow is not there"
            raise UsageError(fact, hint)
        _init_data_repository.run(
            settings, folder, archive, origin, [folder / path for path in force],
            anywhere=github is True, is_dry=dry_run, is_sure=yes, as_json=output == "json",
        )  # fmt: skip
        return
    if mode == "upgrade" and origin is None:
        here = installed_from.recorded()
        origin = here if here.source else None
    options = Options(github, editor, agents, templates, example, origin, archive)
    found = repository_setup.plan(folder, options, every=mode == "remove")
    if mode == "diff":
        ctx.exit(_diff(settings, found))
    if mode == "check":
        ctx.exit(_check(settings, found, output == "json"))
    if mode == "remove":
        _remove(settings, found, dry_run, yes)
        return
    forced = [folder / path for path in force]
    changes = setup_changes.planned(found, forced, upgrade=mode == "upgrade")
    if mode == "upgrade" or forced:
        _show_drift(settings, found, changes)
    for one in found.left:
        settings.say(f"{'kept    ' if one.is_there else 'left out'} {one.shown}: {one.why}")
    shown = not dry_run and not yes and bool(changes) and _is_terminal()
    if shown and not _agreed(changes):
        settings.say("nothing written")
        return
    written = changes
    if not dry_run:
        atomic_files.make_folder(folder)
        written = list(setup_changes.write(found, forced, upgrade=mode == "upgrade"))
    steps = manual_steps.steps(found)
    if output == "json":
        show_json(_fields(found, written, steps))
    for item in () if shown or output == "json" else written:
        click.echo(_line(item) if dry_run and sys.stdout.isatty() else item.shown)
    done = "would be written" if dry_run else "written"
    what = f"{count(len(written), 'file')} {done}" if written else "nothing to do"
    settings.say(f"{what}, {len(found.items) + 1 - len(written)} unchanged")
    _report_origin(settings, found)
    _list(settings, steps)
    if written and not dry_run:
        settings.say('next     incident new "What is wrong, for whom" && incident lint')


def _mode(modes: dict[str, bool]) -> str:
    chosen = [name for name in _MODES if modes[name]]
    if len(chosen) > 1:
        raise UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other", "use one of them")
    return "".join(chosen)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _line(item: Item) -> str:
    return f"{'add     ' if item.now is None else 'update  '} {item.shown}: {item.what}"


def _agreed(changes: list[Item]) -> bool:
    """Show what will be written, and ask."""
    for item in changes:
        click.echo(_line(item), err=True)
    question = f"Write {count(len(changes), 'file')}?"
    return click.confirm(question, err=True, default=True)


def _diff(settings: Settings, found: Plan) -> int:
    """All differences from this version, accepted or not."""
    shown = "".join(item.diff() for item in found.items if item.changed)
    click.echo(shown, nl=False)
    for item in found.items:
        if item.missing:
            settings.say(f"missing  {item.shown}")
    return EXIT_DIAGNOSTICS if shown else EXIT_CLEAN


def _fields(found: Plan, written: list[Item], steps: list[Step]) -> dict[str, Any]:
    return {
        "written": [{"path": item.shown, "what": item.what} for item in written],
        "kept": [{"path": one.shown, "why": one.why} for one in found.left if one.is_there],
        "left_out": [{"path": one.shown, "why": one.why} for one in found.left if not one.is_there],
        "steps": [{"text": step.text, "is_optional": step.is_optional} for step in steps],
    }


def _check(settings: Settings, found: Plan, as_json: bool) -> int:
    """Files that are missing, out of date, or changed and not accepted yet."""
    drift = [item for item in found.items if item.drift]
    if as_json:
        show_json({"drift": [{"path": item.shown, "state": item.drift} for item in drift]})
    for item in () if as_json else drift:
        click.echo(f"{item.drift:<8} {item.shown}")
    if not drift:
        settings.say(f"{len(found.items)} files up to date")
        return EXIT_CLEAN
    _show_drift(settings, found, [])
    settings.say(
        "`incident init --upgrade` updates what has no changes of yours, and accepts the rest; "
        "`--force FILE` takes ours"
    )
    return EXIT_DIAGNOSTICS


def _show_drift(settings: Settings, found: Plan, changes: list[Item]) -> None:
    """A diff of each file that is out of date or overwritten, to this version."""
    for item in found.items:
        if item.now is not None and (item.drift or item in changes):
            settings.say(item.update().removesuffix("\n"))


def _remove(settings: Settings, found: Plan, dry_run: bool, yes: bool) -> None:
    """Delete what is as init wrote it. Raises UsageError if nobody can be asked."""
    same, changed = setup_changes.removable(found)
    if not (same or changed) and (how := removal(found.around.folder)):
        raise UsageError("only the workflow for a dbt project is installed here", how)
    if not dry_run and not yes:
        if not _is_terminal():
            raise UsageError("no terminal to prompt on", "pass --yes to delete, or --dry-run")
        for item in same:
            click.echo(f"delete   {item.shown}", err=True)
        if not click.confirm(f"Delete {len(same)} files?", err=True):
            settings.say("nothing deleted")
            return
    for name in [item.shown for item in same] if dry_run else setup_changes.remove(found):
        click.echo(name)
    for item in changed:
        settings.say(f"kept     {item.shown}: has your changes")
    if found.around.config.archive_dir.is_dir():
        settings.say(f"kept     {found.around.config.archive}/: your postmortems")
    _list(settings, manual_steps.removal(found, [item.shown for item in changed]))


def _list(settings: Settings, steps: list[Step]) -> None:
    """What a person has to do."""
    for step in steps:
        settings.say(f"{'optional' if step.is_optional else 'to do   '} {step.text}")


def _report_origin(settings: Settings, found: Plan) -> None:
    """Report where the workflows install incident-docs from."""
    if found.installs and (requirement := found.origin.requirement("site")):
        where = f" from {found.origin.index}" if found.origin.index else ""
        settings.say(f"install  workflows install {requirement}{where}")
        settings.say("         override it with the repository variable INCIDENT_DOCS")
