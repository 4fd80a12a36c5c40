"""`incident list`: the postmortems of the archive."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from incident import archive, model
from incident.commands import Settings, colored
from incident.config import SEVERITIES
from incident.model import Postmortem

_COLUMNS = ("id", "severity", "status", "owner", "open", "to detect", "to resolve", "title")
_COLORS = {"P0": "red", "P1": "yellow"}


@click.command()
@click.option("--status", multiple=True, type=click.Choice(model.STATUSES))
@click.option("--severity", multiple=True, type=click.Choice(SEVERITIES))
@click.option("--kind", multiple=True)
@click.option("--owner", multiple=True)
@click.option("--asset", multiple=True, help="Part of an asset's reference.")
@click.option("--tag", multiple=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Up to this day.")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "tsv", "json"]),
    help="Default: a table on a terminal, else TSV without a head.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    since: datetime | None,
    until: datetime | None,
    output: str | None,
    **filters: tuple[str, ...],
) -> None:
    """List postmortems, newest first.

    Columns: id, severity, status, owner, open action items, time to detect, time to resolve,
    title. A filter given twice means either.
    """
    settings: Settings = ctx.obj
    found = archive.load(settings.config(Path.cwd()))
    for broken in found.broken:
        fault = broken.faults[0]
        line = broken.span(fault.start, fault.end).line
        settings.say(f"warning: {broken.path}:{line}: not listed: {fault.message}")
    chosen = [
        p
        for p in found.postmortems
        if _wanted(p, filters)
        and (since is None or (p.date and p.date >= since.date()))
        and (until is None or (p.date and p.date <= until.date()))
    ]
    output = output or ("table" if sys.stdout.isatty() else "tsv")
    if output == "json":
        click.echo(json.dumps([_fields(p) for p in chosen], indent=2, ensure_ascii=False))
    elif output == "tsv":
        for p in chosen:
            click.echo("\t".join(" ".join(cell.split()) for cell in _row(p)))
    else:
        _table([_row(p) for p in chosen], colored(ctx))
        settings.say(f"{len(chosen)} of {len(found.entries)} postmortems")


def _wanted(p: Postmortem, filters: dict[str, tuple[str, ...]]) -> bool:
    exact = all(
        not filters[key] or getattr(p, key) in filters[key]
        for key in ("status", "severity", "kind", "owner")
    )
    tags, refs = filters["tag"], filters["asset"]
    return (
        exact
        and (not tags or any(tag in p.tags for tag in tags))
        and (not refs or any(ref in asset.ref for ref in refs for asset in p.assets))
    )


def _row(p: Postmortem) -> tuple[str, ...]:
    return (
        p.id,
        p.severity,
        p.status,
        p.owner,
        str(len(p.open_items)),
        model.duration(p.between("started_at", "detected_at")),
        model.duration(p.between("started_at", "resolved_at")),
        p.title,
    )


def _fields(p: Postmortem) -> dict[str, Any]:
    return {
        "id": p.id,
        "path": p.path,
        "title": p.title,
        "status": p.status,
        "severity": p.severity,
        "kind": p.kind,
        "cause_category": p.cause_category,
        "trigger": p.trigger,
        "owner": p.owner,
        "timestamps": {key: at.isoformat() for key, at in p.times.items()},
        "assets": [asset.ref for asset in p.assets],
        "tags": list(p.tags),
        "recurrence_of": p.recurrence_of or None,
        "action_items": len(p.action_items),
        "open_action_items": len(p.open_items),
    }


def _table(rows: list[tuple[str, ...]], color: bool) -> None:
    if not rows:
        return
    widths = [max(len(row[i]) for row in [_COLUMNS, *rows]) for i in range(len(_COLUMNS))]
    head = "  ".join(name.upper().ljust(widths[i]) for i, name in enumerate(_COLUMNS))
    click.echo(click.style(head.rstrip(), bold=True), color=color)
    for row in rows:
        cells = [cell.ljust(widths[i]) for i, cell in enumerate(row)]
        if fg := _COLORS.get(row[1]):
            cells[1] = click.style(cells[1], fg=fg, bold=True)
        click.echo("  ".join(cells).rstrip(), color=color)
