"""`incident list`: the postmortems of the archive."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import click

from incident import archive
from incident.archive import Archive, similarity
from incident.commands import Settings, colored, echo, show_json
from incident.commands._param_types import Day, Severity, is_severity
from incident.commands._terminal_table import joined, table
from incident.errors import UsageError
from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.repository.config import STATUSES, Config
from incident.text import untrusted_text

_COLUMNS = ("id", "severity", "status", "owner", "open", "to detect", "to resolve", "title")
_NEAREST = 10
_COLORS = {"P0": "red", "P1": "yellow"}


@click.command()
@click.option(
    "--status", multiple=True, type=click.Choice((*STATUSES, *model.CLOSED_AS)), help="Status."
)
@click.option(
    "--severity",
    multiple=True,
    type=Severity(),
    help="P0 (most severe) to P3, or your own scale.",
)
@click.option(
    "--kind", multiple=True, type=click.Choice(model.KINDS), help="How the data was wrong."
)
@click.option("--owner", multiple=True, help="Who answers for the postmortem.")
@click.option("--asset", multiple=True, help="Part of an asset's reference.")
@click.option("--tag", multiple=True, help="One of its tags.")
@click.option("--like", metavar="ID|TEXT", help="The nearest to it first, and why (10 at most).")
@click.option("--drills", is_flag=True, help="Drills instead, which are listed nowhere else.")
@click.option("--since", type=Day(), help="From this day on.")
@click.option("--until", type=Day(), help="Up to this day.")
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
    since: date | None,
    until: date | None,
    like: str | None,
    drills: bool,
    output: str | None,
    **filters: tuple[str, ...],
) -> None:
    """List postmortems, newest first.

    With --like: by shared assets, failing check, cause, trigger, then words; the last column says
    why.

    Columns: id, severity, status, owner, open action items, time to detect, time to resolve,
    title. A filter given twice means either.
    """
    settings: Settings = ctx.obj
    config = settings.archive()
    why: dict[str, tuple[str, ...]] = {}
    if like is not None:
        near = similarity.nearest(_subject(like, config), config, similarity.CANDIDATES)
        why = {one.postmortem.id: one.why for one in near}
        listed = tuple(one.postmortem for one in near)
    else:
        listed = _listed(archive.load(config, values_only=True), drills, settings)
    chosen = [
        p
        for p in listed
        if _wanted(p, filters)
        and (since is None or (p.date and p.date >= since))
        and (until is None or (p.date and p.date <= until))
    ]
    chosen = chosen if like is None else chosen[:_NEAREST]
    output = output or ("table" if sys.stdout.isatty() else "tsv")
    if output == "json":
        show_json([_fields(p, why) for p in chosen])
    elif output == "tsv":
        for p in chosen:
            echo("\t".join(" ".join(cell.split()) for cell in _row(p, why)))
    else:
        _table([_row(p, why) for p in chosen], [p.severity for p in chosen], colored(ctx))
        settings.say(f"{len(chosen)} of {len(listed)} postmortems")
    if not chosen and output == "tsv":
        settings.say(f"nothing found among {len(listed)} postmortems")


def _wanted(p: Postmortem, filters: dict[str, tuple[str, ...]]) -> bool:
    exact = all(not filters[key] or getattr(p, key) in filters[key] for key in ("kind", "owner"))
    tags, refs = filters["tag"], filters["asset"]
    return (
        exact
        and (not filters["status"] or p.state in filters["status"])
        and is_severity(filters["severity"], p)
        and (not tags or any(tag in p.tags for tag in tags))
        and (not refs or any(ref in asset.ref for ref in refs for asset in p.assets))
    )


def _listed(found: Archive, drills: bool, settings: Settings) -> tuple[Postmortem, ...]:
    for broken in found.broken:
        fault = broken.faults[0]
        line = broken.span(fault.start, fault.end).line
        settings.say(f"warning: {broken.path}:{line}: not listed: {fault.message}")
    if drills:
        return tuple(e.postmortem for e in found.entries if e.postmortem.drill)
    return found.declared


def _subject(like: str, config: Config) -> similarity.Subject:
    subject = similarity.like(like, config)
    if not (subject.words or subject.assets or subject.checks):
        raise UsageError(f"{like!r} says nothing to look for", "give an id, an asset or some words")
    return subject


def _row(p: Postmortem, why: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    reasons = ("; ".join(why[p.id]),) if p.id in why else ()
    return tuple(untrusted_text.shown_line(cell) for cell in (*_cells(p), *reasons))


def _cells(p: Postmortem) -> tuple[str, ...]:
    return (
        p.id,
        p.severity_label,
        p.state,
        p.owner,
        str(len(p.open_items)),
        model.duration(p.time_to("detect")),
        model.duration(p.time_to("resolve")),
        p.title,
    )


def _fields(p: Postmortem, why: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    reasons = {"why": list(why[p.id])} if p.id in why else {}
    return {
        **reasons,
        "id": p.id,
        "path": p.path,
        "title": p.title,
        "status": p.status,
        "closed_as": p.closed_as or None,
        "severity": p.severity,
        "severity_label": p.severity_label,
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


def _table(rows: list[tuple[str, ...]], levels: list[str], color: bool) -> None:
    def line(place: int, cells: list[str]) -> str:
        if fg := _COLORS.get(levels[place]):
            cells[1] = click.style(cells[1], fg=fg, bold=True)
        return joined(place, cells)

    table((*_COLUMNS, "why")[: len(rows[0])] if rows else (), rows, color, line)
