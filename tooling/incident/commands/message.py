"""`incident message`: draft a message to stakeholders."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import indent

import click

from incident import archive
from incident.archive import Entry
from incident.commands import Settings, echo, examples, listed
from incident.commands._param_types import Instant, Word
from incident.drafts import message_kinds, stakeholder_message
from incident.drafts.stakeholder_message import Change
from incident.errors import UsageError
from incident.postmortem import model

SECTION = "Declare"


class Phase(click.ParamType[tuple[date, str]]):
    """A date and what happens then: `2026-12-01: both columns are filled`."""

    name = "DATE: TEXT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, str]:
        """Split the date from the text."""
        found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\s*[:=]\s*(\S.*)", str(value), re.DOTALL)
        day = model.parse_date(found[1]) if found else None
        if found is None or day is None:
            hint = "write '2026-12-01: both columns are filled'"
            raise click.BadParameter(f"{str(value)!r} is not DATE: TEXT; {hint}", ctx, param)
        return day, found[2]


def _help() -> str:
    """The command's help, with a line for each kind."""
    every = map(message_kinds.read, message_kinds.names())
    kinds = listed((kind.name, kind.summary) for kind in every)
    return f"""Draft a message to stakeholders; nothing is sent.

    About an incident: ID and --kind. About a planned change: --kind schema_change with --table,
    --change and --phase. Messages name no person and promise nothing. Kinds:

    \b
{indent(kinds, "    ")}
    """


@click.command(
    help=_help(),
    epilog=examples(
        "incident message revenue --kind declared",
        "incident message revenue --kind update --for slack --next-update 30m",
    ),
)
@click.argument("id_", metavar="[ID]", required=False)
@click.option(
    "--kind",
    type=Word(message_kinds.names()),
    required=True,
    help="Kind of message.",
)
@click.option(
    "--for",
    "form",
    type=click.Choice(stakeholder_message.FORMS),
    default="markdown",
    show_default=True,
    help="Where it will be pasted.",
)
@click.option(
    "--next-update", type=Instant(ahead=True), help="When the next update is due: 30m, 14:00Z."
)
@click.option("--table", metavar="REF", help="schema_change: the table that changes.")
@click.option("--change", help="schema_change: what changes, in a sentence.")
@click.option(
    "--phase", "phases", type=Phase(), multiple=True, help="schema_change: a step and its date."
)
@click.option("--must", multiple=True, help="schema_change: what consumers must do.")
@click.option("--owner", default="", help="schema_change: the team to contact.")
@click.option(
    "--manifest",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="schema_change: dbt's manifest.json, to list downstream assets.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    id_: str | None,
    kind: str,
    form: str,
    next_update: datetime | None,
    table: str | None,
    change: str | None,
    phases: tuple[tuple[date, str], ...],
    must: tuple[str, ...],
    owner: str,
    manifest: Path | None,
) -> None:
    """See `_help`."""
    settings: Settings = ctx.obj
    config = settings.config(Path.cwd())
    now = datetime.now(UTC)
    promised = ""
    given = {"--table": table, "--change": change, "--phase": phases}
    if not message_kinds.read(kind).is_of_incident:
        if id_:
            raise UsageError(f"--kind schema_change takes no ID ({id_})", "leave it out")
        if missing := ", ".join(flag for flag, value in given.items() if not value):
            raise UsageError(f"--kind schema_change requires {missing}", f"add {missing}")
        below = _below(manifest, table or "") if manifest else None
        planned = Change(table or "", change or "", phases, must, below, owner)
        text, warnings = stakeholder_message.of_change(planned, form, now, config)
    else:
        if not id_:
            raise UsageError("ID is missing", "list the ids with `incident list`")
        for flag, value in given.items():
            if value:
                raise UsageError(f"{flag} requires --kind schema_change", "leave it out")
        found = archive.read(archive.find(config, id_), config)
        if found.faults:
            raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
        entry = Entry(found, model.postmortem(found))
        if entry.postmortem.is_restricted:
            settings.say("warning: this incident is restricted: check who receives the message")
        text, warnings = stakeholder_message.of_incident(
            entry, kind, form, now, config, next_update
        )
        promised = stakeholder_message.next_update(entry.postmortem.severity, now)
    for one in warnings:
        settings.say(f"warning: {one.message} ({one.name})")
    echo(text, nl=False)
    if promised and next_update is None and promised in text:
        settings.say(
            f"note: the message promises an update {promised}; change it with --next-update"
        )


def _below(path: Path, table: str) -> tuple[str, ...]:
    from incident.dbt import lineage
    from incident.dbt.manifest import read_manifest
    from incident.dbt.nodes import is_asset, name_of

    manifest = read_manifest(path)
    ids = [unique_id for unique_id in manifest.named(table) if is_asset(unique_id)]
    if not ids:
        raise UsageError(f"{path} has no {table}", "use dbt's name: model.shop.orders")
    if len(ids) > 1:
        raise UsageError(f"{table} matches {' and '.join(sorted(ids))}", "name one of them")
    return stakeholder_message.affected(
        (key.split(".")[0], manifest.nodes[key].label or name_of(key), steps)
        for key, steps in lineage.downstream(manifest, ids).items()
        if key in manifest.nodes
    )
