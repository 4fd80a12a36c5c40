"""`incident actions list`: the action items of the archive."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

import click

from incident import archive
from incident.archive import board
from incident.archive.board import DatedItem
from incident.commands import Settings, colored, echo, examples, show_json
from incident.commands._filters import Filter
from incident.commands._param_types import Severity, is_severity
from incident.commands._terminal_table import joined, table
from incident.commands.actions import _shared

# shorten the title first, the id last; leave out the days (the due date is there) and the status
_FIT = ((7, 36), (3, 12), (6, 34), (1, 0), (7, 30), (4, 0), (6, 22), (3, 8), (7, 8), (6, 8))
_COLUMNS = ("due", "days", "sev", "owner", "status", "issue", "id", "title")


@click.command(
    epilog=examples(
        "incident actions list --overdue --owner data-platform,finance",
        "incident actions list --by owner",
        "incident actions list --all --json",
    )
)
@click.option("--owner", cls=Filter, multiple=True, help="Owner of the item.")
@click.option(
    "--severity",
    cls=Filter,
    multiple=True,
    type=Severity(),
    help="Severity of the incident.",
)
@click.option("--overdue", is_flag=True, help="Only overdue items.")
@click.option("--all", "settled", is_flag=True, help="Include done and won't-do items.")
@click.option(
    "--by", type=click.Choice(["owner", "severity"]), help="Count items per owner or severity."
)
@click.option("--limit", type=click.IntRange(1), help="Maximum number of items.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "tsv", "json"]),
    help="Default: a table on a terminal, otherwise TSV without a header.",
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
    limit: int | None,
    output: str | None,
    today: date | None,
) -> None:
    """List action items, oldest due date first. Reads only the archive.

    Repeated or comma-separated filters are ORed. Columns: due, days left (negative: overdue),
    severity of the incident, owner, status, issue, id, title. With --by: name, open, overdue.
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
    total = len(chosen)
    chosen = chosen if by else chosen[:limit]
    groups = board.groups(chosen, by)[:limit] if by else []
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

        table(columns, rows, colored(ctx), line, fit=() if by else _FIT)
        late_ones = sum(line.overdue for line in chosen)
        more = f" (showing {len(chosen)})" if len(chosen) < total else ""
        settings.say(f"{total} of {len(found)} action items, {late_ones} overdue{more}")
    if not chosen and output == "tsv":
        settings.say(f"no matches among {len(found)} action items")


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
