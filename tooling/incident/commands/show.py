"""`incident show`: one postmortem on one screen."""

from __future__ import annotations

import shutil
import sys
import textwrap
from datetime import UTC, date, datetime
from typing import Any

import click

from incident.archive import Entry, board, similarity
from incident.archive.similarity import Similar
from incident.commands import Settings, _editing, colored, examples, show_json
from incident.commands._editing import Target
from incident.commands._terminal_table import table
from incident.postmortem import model, timeline_entries
from incident.postmortem.model import ActionItem
from incident.postmortem.timestamps import TIMESTAMPS
from incident.text import instants
from incident.text.plain_text import plain
from incident.text.untrusted_text import shown_line

SECTION = "Write"
_RELATED = 3
_STATUS = {"in_progress": "in progress", "wont_do": "won't do"}
_COLORS = {"P0": "red", "P1": "yellow"}


@click.command(
    epilog=examples(
        "incident show revenue",
        "incident show 2025-05-14-revenue --format json",
    ),
)
@click.argument("postmortem", metavar="ID")
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Format of the output.",
)
@click.pass_context
def command(ctx: click.Context, /, postmortem: str, output: str) -> None:
    """Show a postmortem: facts, times, action items, related ones."""
    settings: Settings = ctx.obj
    target = _editing.find(settings, postmortem)
    subject = similarity.of_entry(Entry(target.document, target.postmortem), target.config.language)
    near = similarity.nearest(subject, target.config, _RELATED)
    today = datetime.now(UTC).date()
    if output == "json":
        show_json(_fields(target, near, today))
    else:
        _page(target, near, today, colored(ctx))


def _page(target: Target, near: list[Similar], today: date, color: bool) -> None:
    p = target.postmortem
    level = click.style(shown_line(p.severity_label or "?"), fg=_COLORS.get(p.severity), bold=True)
    title = click.style(shown_line(p.title or p.id), bold=True)
    click.echo(f"{level}  {title}", color=color)
    click.echo(shown_line(f"{p.id} · {p.state.replace('_', ' ')} · {p.owner or 'no owner'}"))
    click.echo(shown_line(target.document.path))
    if p.closed_as:
        of = f" (see {p.duplicate_of})" if p.duplicate_of else ""
        click.echo(shown_line(f"Closed as a {p.state.replace('_', ' ')}: {p.closed_reason}{of}"))
    if p.channel and p.is_ongoing:
        click.echo(shown_line(f"Channel: #{p.channel}"))
    if p.impact_summary:
        click.echo(f"\n{_filled(p.impact_summary)}")
    _section("Clock", _clock(target), color)
    _section("Decisions", _decisions(target), color)
    _section("Action items", _items(target, today), color)
    _section("Related", [(one.postmortem.id, _why(one)) for one in near], color)


def _filled(text: str) -> str:
    """A sentence, wrapped if a terminal shows it."""
    line = shown_line(text)
    width = shutil.get_terminal_size().columns
    return textwrap.fill(line, width) if sys.stdout.isatty() else line


def _section(title: str, rows: list[tuple[str, ...]], color: bool) -> None:
    if rows:
        click.echo(f"\n{click.style(title, bold=True)}", color=color)
        table((), [("", *row) for row in rows], color, wrap=True)


def _clock(target: Target) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    before: datetime | None = None
    for key, stamp in TIMESTAMPS.items():
        if at := target.postmortem.times.get(key):
            gap = f"+{model.duration(at - before)} {stamp.gap}" if before and at > before else ""
            rows.append((stamp.title, instants.readable(at), gap))
            before = at
    return rows


def _decisions(target: Target) -> list[tuple[str, ...]]:
    found = timeline_entries.read(target.document)
    return [
        (instants.readable(one.at) if one.at else "", plain(one.decision))
        for one in found
        if one.decision
    ]


def _items(target: Target, today: date) -> list[tuple[str, ...]]:
    p = target.postmortem
    return [
        (
            item.id,
            _STATUS.get(item.status, item.status),
            _when(item, p, today),
            item.owner,
            item.title,
        )
        for item in p.action_items
    ]


def _when(item: ActionItem, p: model.Postmortem, today: date) -> str:
    if item.status == "done":
        return str(item.done_at or "")
    if not item.is_open:
        return ""
    days = (item.due - today).days if item.due else None
    return board.when(board.DatedItem(p, item, days))


def _why(one: Similar) -> str:
    state = "" if not one.postmortem.closed_as else f"{one.postmortem.state.replace('_', ' ')}: "
    return f"{state}{one.postmortem.title} ({'; '.join(one.why)})"


def _fields(target: Target, near: list[Similar], today: date) -> dict[str, Any]:
    p = target.postmortem
    return {
        "id": p.id,
        "path": target.document.path,
        "title": p.title,
        "status": p.status,
        "closed_as": p.closed_as or None,
        "closed_reason": p.closed_reason or None,
        "duplicate_of": p.duplicate_of or None,
        "severity": p.severity,
        "severity_label": p.severity_label,
        "owner": p.owner,
        "channel": p.channel or None,
        "summary": p.impact_summary,
        "timestamps": {key: at.isoformat() for key, at in p.times.items()},
        "assets": [asset.ref for asset in p.assets],
        "decisions": [
            {"at": one.at and one.at.isoformat(), "text": plain(one.decision)}
            for one in timeline_entries.read(target.document)
            if one.decision
        ],
        "action_items": [
            {
                "id": item.id,
                "title": item.title,
                "status": item.status,
                "owner": item.owner,
                "due": str(item.due) if item.due else None,
                "done_at": str(item.done_at) if item.done_at else None,
                "overdue": item.overdue(today),
            }
            for item in p.action_items
        ],
        "related": [{"id": one.postmortem.id, "why": list(one.why)} for one in near],
    }
