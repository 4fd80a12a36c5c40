"""The options of `incident new` that name sources, and their combined facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from incident import sources
from incident.commands import Settings, echo, show_json
from incident.commands._param_types import Instant
from incident.drafts.new_draft import Draft
from incident.errors import UsageError
from incident.postmortem import timeline_entries
from incident.repository.config import Config
from incident.sources import Prefill, Request
from incident.text import account

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_TYPES: dict[str, Any] = {
    "path": {"type": click.Path(path_type=Path)},
    "text": {},
    "window": {"type": Instant(), "nargs": 2},
}


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that the sources declare to a command."""
    every = [option for source in sources.of_drafts() for option in source.OPTIONS]
    for one in reversed(every):
        more = {"multiple": one.is_list, "metavar": one.metavar, "help": one.help}
        command = click.option(one.flag, **_TYPES[one.kind], **more)(command)
    return command


form_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: the path, and what was used from each source and left out.",
)


def report(settings: Settings, known: Prefill) -> None:
    """What the sources took and left out, on stderr."""
    for line in account.shown(known.accounts):
        settings.say(line)
    for warning in known.warnings:
        settings.say(f"warning: {warning}")


def show_result(form: str, known: Prefill, *, path: str = "", text: str = "") -> None:
    """The path or the draft on stdout; as JSON, with the account."""
    if form == "json":
        accounts = [one.json for one in known.accounts]
        shown = {"path": path or None, "draft": text or None, "accounts": accounts}
        show_json({**shown, "warnings": list(known.warnings)})
    elif text:
        click.echo(text, nl=False)
    else:
        echo(path)


def flags() -> list[str]:
    """The flags that each name a source."""
    return [source.OPTIONS[0].flag for source in sources.of_drafts()]


def gather(
    given: Mapping[str, Any], config: Config, names: list[str], now: datetime
) -> Prefill | None:
    """The facts of the named sources; None if none is named. `given`: by click's names.

    `names`: of the assets already known.
    """
    known: list[Prefill] = []
    for source in sources.of_drafts():
        values = {one.flag: given[_name(one.flag)] for one in source.OPTIONS}
        first, *more = values
        if values[first]:
            found = source.gather(Request(values, config, names, now, known))
            origin = source.__name__.rpartition(".")[2]
            entries = tuple(entry._replace(origin=origin) for entry in found.entries)
            known.append(_plausible(replace(found, entries=entries), now))
        elif useless := [flag for flag in more if values[flag]]:
            raise UsageError(f"{useless[0]} requires {first}", f"add {first}")
    return _together(known) if known else None


def _plausible(found: Prefill, now: datetime) -> Prefill:
    """Without times before 2000 or in the future: a clock was wrong, or a table was empty."""
    entries = tuple(entry for entry in found.entries if _is_plausible(entry.at, now))
    dropped = len(found.entries) - len(entries)
    values: dict[str, Any] = {"entries": entries}
    for name in ("started_at", "detected_at"):
        at = getattr(found, name)
        if at and not _is_plausible(at, now):
            values[name], dropped = None, dropped + 1
    if not dropped:
        return found
    warning = f"{dropped} times before 2000 or in the future are left out: check the clock"
    return replace(found, **values, warnings=(*found.warnings, warning))


def _is_plausible(at: datetime, now: datetime) -> bool:
    return _EARLIEST <= at <= now + timedelta(days=1)


def _name(flag: str) -> str:
    return flag.removeprefix("--").replace("-", "_")


def dated(
    draft: Draft, known: Prefill, detected_at: datetime | None, started_at: datetime | None
) -> Draft:
    """The draft with the times from the sources, and their descriptions.

    `detected_at`, `started_at`: given by hand, which takes precedence.
    """
    texts = {
        entry.clock: timeline_entries.marked(entry.text, entry.origin) for entry in known.entries
    }
    if detected_at is None and known.detected_at:
        text = texts.get("detected_at", draft.detected)
        draft = replace(draft, detected_at=known.detected_at, detected=text)
    if started_at is None and known.started_at and known.started_at <= draft.detected_at:
        text = texts.get("started_at", draft.started)
        draft = replace(draft, started_at=known.started_at, started=text)
    return draft


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
