"""`incident list`: the postmortems of the archive."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import click

from incident import archive
from incident.archive import Archive, similarity
from incident.commands import Settings, colored, echo, examples, show_json
from incident.commands._filters import Filter
from incident.commands._param_types import Day, Severity, Word, is_severity
from incident.commands._terminal_table import joined, table
from incident.errors import UsageError
from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.repository.config import STATUSES, Config
from incident.text import untrusted_text

SECTION = "Learn"
_COLUMNS = ("id", "sev", "status", "owner", "open", "to detect", "to resolve", "title")
# shorten the title first, the id last; leave out the durations, and then the title: the id says it
_FIT = ((7, 28), (3, 12), (6, 0), (5, 0), (7, 0), (3, 8), (4, 0), (0, 26), (3, 0), (0, 8))
_FIT_LIKE = (
    (7, 28),
    (8, 36),
    (3, 0),
    (6, 0),
    (5, 0),
    (7, 0),
    (4, 0),
    (8, 20),
    (0, 26),
    (8, 8),
    (0, 8),
)
_NEAREST = 10
_COLORS = {"P0": "red", "P1": "yellow"}


@click.command(
    epilog=examples(
        "incident list --severity P0,P1 --since 90d",
        "incident list --asset fct_orders --status published",
        'incident list --like "orders late" --json',
    )
)
@click.option(
    "--status",
    cls=Filter,
    multiple=True,
    type=Word((*STATUSES, *model.CLOSED_AS)),
    help="Status, or how it was closed.",
)
@click.option(
    "--severity",
    cls=Filter,
    multiple=True,
    type=Severity(),
    help="P0 (most severe) to P3, or your own scale.",
)
@click.option(
    "--kind",
    cls=Filter,
    multiple=True,
    type=Word(model.KINDS),
    help="Kind of data problem.",
)
@click.option("--owner", cls=Filter, multiple=True, help="Owner of the postmortem.")
@click.option("--asset", cls=Filter, multiple=True, help="Part of an asset's reference.")
@click.option("--tag", cls=Filter, multiple=True, help="Tag of the postmortem.")
@click.option("--like", metavar="ID|TEXT", help="Most similar first, with reasons.")
@click.option("--drills", is_flag=True, help="List drills instead of incidents.")
@click.option("--since", type=Day(), help="On or after DATE: 2025-06-30, 90d (ago).")
@click.option("--until", type=Day(), help="On or before DATE.")
@click.option("--limit", type=click.IntRange(1), help="Maximum number (default with --like: 10).")
@click.option(
    "--format",
    "output",
    type=click.Choice(["table", "tsv", "json"]),
    help="Default: a table on a terminal, otherwise TSV without a header.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    since: date | None,
    until: date | None,
    like: str | None,
    drills: bool,
    limit: int | None,
    output: str | None,
    **filters: tuple[str, ...],
) -> None:
    """List postmortems, newest first.

    With --like: most similar first, by shared assets, failing check, cause, trigger and words; the
    last column shows the reasons.

    Repeated or comma-separated filters are ORed. Columns: id, severity, status, owner, open action
    items, time to detect, time to resolve, title.
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
    total = len(chosen)
    chosen = chosen[: limit or (None if like is None else _NEAREST)]
    output = output or ("table" if sys.stdout.isatty() else "tsv")
    if output == "json":
        show_json([_fields(p, why) for p in chosen])
    elif output == "tsv":
        for p in chosen:
            echo("\t".join(" ".join(cell.split()) for cell in _row(p, why)))
    else:
        _table([_row(p, why) for p in chosen], [p.severity for p in chosen], colored(ctx))
        more = f" (showing {len(chosen)})" if len(chosen) < total else ""
        settings.say(f"{total} of {len(listed)} postmortems{more}")
    if not chosen and output == "tsv":
        settings.say(f"no matches among {len(listed)} postmortems")


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
        raise UsageError(f"nothing to search for in {like!r}", "use an id, an asset or a few words")
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

    fit = _FIT_LIKE if rows and len(rows[0]) > len(_COLUMNS) else _FIT
    table((*_COLUMNS, "why")[: len(rows[0])] if rows else (), rows, color, line, fit=fit)
