"""The options of `incident new` that name sources, and what these know together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from incident.commands._param_types import Instant
from incident.drafts.new_draft import Draft
from incident.errors import UsageError
from incident.repository.config import Config
from incident.sources import Prefill

_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--from-dbt", type=_FILE, metavar="TARGET_DIR", help="Prefill from dbt's target/."
    ),
    click.option("--sources", type=_FILE, metavar="FILE", help="A sources.json that is elsewhere."),
    click.option("--previous", type=_FILE, metavar="FILE", help="An older run_results.json."),
    click.option("--from-git", type=_FILE, metavar="REPO", help="Changes of the assets' files."),
    click.option("--between", nargs=2, type=Instant(), metavar="A B", help="Window of --from-git."),
    click.option("--path", "paths", multiple=True, metavar="FOLDER", help="Only changes in here."),
    click.option("--from-issue", metavar="FILE", help="Prefill from a saved issue (JSON)."),
    click.option("--into", metavar="ID", help="Enrich this postmortem instead of a new one."),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def gather(
    given: dict[str, Any], config: Config, names: list[str], now: datetime
) -> Prefill | None:
    """What the named sources know; None if none is named. `names`: assets that are known already.

    Where two know the same, the first of dbt, issue, git is believed.
    """
    known: list[Prefill] = []
    for option, needs in (
        ("sources", "from_dbt"),
        ("previous", "from_dbt"),
        ("between", "from_git"),
    ):
        if given[option] and not given[needs]:
            flags = [f"--{word.replace('_', '-')}" for word in (option, needs)]
            raise UsageError(f"{flags[0]} says nothing without {flags[1]}", f"add {flags[1]}")
    if given["from_dbt"]:
        from incident.sources import dbt

        files = (given["from_dbt"], given["sources"], given["previous"])
        known.append(dbt.read(*files, config.intake.owners, config.language))
    if given["from_issue"]:
        from incident.sources import issue

        name = given["from_issue"].removeprefix("#")
        is_number = name.isascii() and name.isdigit() and not Path(name).exists()
        if is_number:
            call = f"gh api repos/OWNER/REPO/issues/{int(name)}"
            raise UsageError(
                f"issue {int(name)} stands on GitHub, and this command does not connect to it yet",
                f"{call} > issue.json, then --from-issue issue.json",
            )
        known.append(issue.read(Path(name)))
    if given["from_git"]:
        known.append(_changes(given, known, names, now))
    return _together(known) if known else None


def dated(
    draft: Draft, known: Prefill, detected_at: datetime | None, started_at: datetime | None
) -> Draft:
    """The draft with the moments that sources know, and what they say of them.

    `detected_at`, `started_at`: what was given by hand, which wins.
    """
    told = {entry.clock: entry.text for entry in known.entries}
    if detected_at is None and known.detected_at:
        text = told.get("detected_at", draft.detected)
        draft = replace(draft, detected_at=known.detected_at, detected=text)
    if started_at is None and known.started_at and known.started_at <= draft.detected_at:
        text = told.get("started_at", draft.started)
        draft = replace(draft, started_at=known.started_at, started=text)
    return draft


def _changes(
    given: dict[str, Any], known: list[Prefill], names: list[str], now: datetime
) -> Prefill:
    from incident.sources import git

    paths = [path for prefill in known for path in prefill.paths]
    specs = git.pathspecs(paths, names, given["paths"])
    if not specs:
        raise UsageError("--from-git needs to know which files", "add --path models/ or --from-dbt")
    told = [at for p in known for at in (p.started_at, p.detected_at) if at]
    around = (min(told, default=now) - git.WINDOW, max(told, default=now))
    start, end = given["between"] or around
    found = git.prefill(git.read(given["from_git"], start, end, specs))
    if len(specs) > git.MAX_PATHS:
        told_of = f"only the changes of {git.MAX_PATHS} of {len(specs)} files are looked for"
        found = replace(found, warnings=(told_of,))
    return found


def _together(known: list[Prefill]) -> Prefill:
    first, *others = known
    for other in others:
        values: dict[str, Any] = {}
        for field in fields(Prefill):
            mine, theirs = getattr(first, field.name), getattr(other, field.name)
            if isinstance(mine, tuple):
                values[field.name] = (*mine, *theirs)
            elif isinstance(mine, dict):
                values[field.name] = {**theirs, **mine}
            else:
                values[field.name] = theirs if mine in (None, "") else mine
        first = replace(first, **values)
    return first
