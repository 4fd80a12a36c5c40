"""`incident message`: the words for those who use the data."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import indent

import click

from incident import archive
from incident.archive import Entry
from incident.commands import Settings, echo
from incident.commands._param_types import Instant
from incident.drafts import message_kinds, stakeholder_message
from incident.drafts.stakeholder_message import Change
from incident.errors import UsageError
from incident.postmortem import model


class Phase(click.ParamType[tuple[date, str]]):
    """A day and what happens on it: `2026-12-01: both columns are filled`."""

    name = "DAY: TEXT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[date, str]:
        """Split the day from the text."""
        found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})\s*[:=]\s*(\S.*)", str(value), re.DOTALL)
        day = model.parse_date(found[1]) if found else None
        if found is None or day is None:
            hint = "write '2026-12-01: both columns are filled'"
            raise click.BadParameter(f"{str(value)!r} is no day with a text; {hint}", ctx, param)
        return day, found[2]


def _help() -> str:
    """The command's page, with what each kind is for."""
    every = map(message_kinds.read, message_kinds.names())
    kinds = "\n".join(f"{kind.name:<13}  {kind.summary}" for kind in every)
    return f"""Print a message for those who use the data; nothing is sent.

    About an incident: ID and --kind. About a planned change: --kind schema_change with --table,
    --change, --phase. No person is named, and no promise made. Kinds:

    \b
{indent(kinds, "    ")}
    """


@click.command(help=_help())
@click.argument("id_", metavar="[ID]", required=False)
@click.option(
    "--kind",
    type=click.Choice(message_kinds.names()),
    required=True,
    help="What is to be said.",
)
@click.option(
    "--for",
    "form",
    type=click.Choice(stakeholder_message.FORMS),
    default="markdown",
    show_default=True,
    help="Where it is pasted.",
)
@click.option(
    "--next-update", type=Instant(ahead=True), help="When the next word comes: 30m, 14:00Z."
)
@click.option("--table", metavar="REF", help="schema_change: the table that changes.")
@click.option("--change", help="schema_change: what changes, in a sentence.")
@click.option("--phase", "phases", type=Phase(), multiple=True, help="schema_change: a day's step.")
@click.option("--must", multiple=True, help="schema_change: what consumers must do.")
@click.option("--owner", default="", help="schema_change: the team that answers questions.")
@click.option(
    "--manifest",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="schema_change: dbt's manifest.json, for what stands below the table.",
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
            raise UsageError(f"--kind schema_change is about no incident ({id_})", "leave it out")
        if missing := ", ".join(flag for flag, value in given.items() if not value):
            raise UsageError(f"--kind schema_change needs {missing}", f"add {missing}")
        below = _below(manifest, table or "") if manifest else None
        planned = Change(table or "", change or "", phases, must, below, owner)
        text, warnings = stakeholder_message.of_change(planned, form, now, config)
    else:
        if not id_:
            raise UsageError("ID is missing", "`incident list` names the incidents")
        for flag, value in given.items():
            if value:
                raise UsageError(f"{flag} belongs to --kind schema_change", "leave it out")
        found = archive.read(archive.find(config, id_), config)
        if found.faults:
            raise UsageError(f"{found.path}: {found.faults[0].message}", found.faults[0].hint)
        entry = Entry(found, model.postmortem(found))
        if entry.postmortem.confidentiality == "restricted":
            settings.say("warning: this incident is restricted: mind who reads the message")
        text, warnings = stakeholder_message.of_incident(
            entry, kind, form, now, config, next_update
        )
        promised = stakeholder_message.next_update(entry.postmortem.severity, now)
    for one in warnings:
        settings.say(f"warning: {one.message} ({one.name})")
    echo(text, nl=False)
    if promised and next_update is None and promised in text:
        settings.say(f"note: it promises the next word: {promised}; --next-update changes that")


def _below(path: Path, table: str) -> tuple[str, ...]:
    from incident.dbt import lineage
    from incident.dbt.manifest import read_manifest
    from incident.dbt.nodes import is_asset, name_of

    manifest = read_manifest(path)
    ids = [unique_id for unique_id in manifest.named(table) if is_asset(unique_id)]
    if not ids:
        raise UsageError(f"{path} has no {table}", "name it as dbt does: model.shop.orders")
    if len(ids) > 1:
        raise UsageError(f"{table} is {' or '.join(sorted(ids))}", "name one of them")
    return stakeholder_message.affected(
        (key.split(".")[0], manifest.nodes[key].label or name_of(key), steps)
        for key, steps in lineage.downstream(manifest, ids).items()
        if key in manifest.nodes
    )
