"""`incident actions list`: the action items of the archive."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

import click

from incident import archive
from incident.archive import board
from incident.archive.board import DatedItem
from incident.commands import Settings, colored, echo, show_json
from incident.commands._param_types import Severity, is_severity
from incident.commands._terminal_table import joined, table
from incident.commands.actions import _shared

_COLUMNS = ("due", "days", "severity", "owner", "status", "issue", "id", "title")


@click.command()
@click.option("--owner", multiple=True, help="Who does it.")
@click.option(
    "--severity",
    multiple=True,
    type=Severity(),
    help="Of the incident.",
)
@click.option("--overdue", is_flag=True, help="What is overdue only.")
@click.option("--all", "settled", is_flag=True, help="Done and given up ones as well.")
@click.option("--by", type=click.Choice(["owner", "severity"]), help="Only count them, by this.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "tsv", "json"]),
    help="Default: a table on a terminal, else TSV without a head.",
)
@_shared.today
@click.pass_context
def command(
    ctx: click.Context,
    /,
    owner: tuple[str, ...],
    severity: tuple[str, ...],
    overdue: bool,
    settled: bool,
    by: str | None,
    output: str | None,
    today: date | None,
) -> None:
    """List action items, what was due first at the top. Asks no tracker.

    Columns: due, days until then (negative: overdue), severity of the incident, owner, status,
    issue, id, title. With --by: name, open, overdue.
    """
    settings: Settings = ctx.obj
    postmortems = archive.load(settings.archive(), values_only=True).postmortems
    found = board.items(postmortems, today or datetime.now(UTC).date(), settled)
    chosen = [
        line
        for line in found
        if (not owner or line.item.owner in owner)
        and is_severity(severity, line.postmortem)
        and (line.overdue or not overdue)
    ]
    groups = board.groups(chosen, by) if by else []
    columns = (by or "", "open", "overdue") if by else _COLUMNS
    rows = [(g.name, str(len(g.lines)), str(g.overdue)) for g in groups] if by else _rows(chosen)
    output = output or ("table" if sys.stdout.isatty() else "tsv")
    if output == "json":
        named = [dict(zip(columns, row, strict=True)) for row in rows]
        content = named if by else [_fields(line) for line in chosen]
        show_json(content)
    elif output == "tsv":
        for row in rows:
            echo("\t".join(" ".join(cell.split()) for cell in row))
    else:
        late = {i for i, line in enumerate(chosen) if line.overdue} if not by else set()

        def line(row: int, cells: list[str]) -> str:
            text = joined(row, cells)
            return click.style(text, fg="red") if row in late else text

        table(columns, rows, colored(ctx), line)
        late_ones = sum(line.overdue for line in chosen)
        settings.say(f"{len(chosen)} of {len(found)} action items, {late_ones} overdue")
    if not chosen and output == "tsv":
        settings.say(f"nothing found among {len(found)} action items")


def _rows(found: list[DatedItem]) -> list[tuple[str, ...]]:
    return [
        (
            str(line.item.due or ""),
            "" if line.days is None else str(line.days),
            line.postmortem.severity_label,
            line.item.owner,
            line.item.status,
            line.item.reference,
            line.key,
            line.item.title,
        )
        for line in found
    ]


def _fields(line: DatedItem) -> dict[str, Any]:
    item, p = line.item, line.postmortem
    return {
        "key": line.key,
        "title": item.title,
        "type": item.type,
        "owner": item.owner,
        "due": str(item.due) if item.due else None,
        "days": line.days,
        "overdue": line.overdue,
        "status": item.status,
        "priority": item.priority,
        "issue": item.issue,
        "tracker": item.tracker or None,
        "severity": p.severity,
        "severity_label": p.severity_label,
        "postmortem": p.id,
        "path": p.path,
    }
