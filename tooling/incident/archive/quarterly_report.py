"""The quarterly report: metrics in Markdown, compared with the previous period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from incident.archive import Archive, board, metrics
from incident.archive.metrics import Figures
from incident.archive.milestones import Milestones
from incident.postmortem import model, severity
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS
from incident.text import markdown_table
from incident.text.markdown_table import cell

_COLUMNS = ("", "n", "unknown", "median", "p90", "median before", "n before")


def markdown(
    archive: Archive,
    today: date,
    known: Milestones,
    since: date | None,
    until: date | None,
) -> str:
    """The report on a period; without limits it starts with the archive and ends today."""
    postmortems, aliases = archive.postmortems, archive.severity_aliases
    first, last = since or _first(postmortems) or today, until or today
    before = first - timedelta(days=1)
    earlier = _earlier(first, last)
    now = metrics.measure(archive.declared, today, known, first, last)
    then = metrics.measure(archive.declared, today, known, earlier, before)
    chosen = [p for p in postmortems if metrics.inside(p.date, first, last)]
    parts = [
        f"# Incidents from {first} to {last}",
        _sentence(now, then, aliases),
        f"Compared with {earlier} to {before}. Durations start at the start of an incident; time "
        "to publish starts at its detection. p90 is the nearest rank.",
        "## Times",
        _times(now, then),
        "## Shares",
        _shares(now, then, metrics.share_labels(aliases)),
        "## Incidents",
        _incidents(chosen),
        "## Overdue action items",
        _overdue(postmortems, today),
        "## To talk about",
        "\n".join(f"- {line}" for line in _questions(now, chosen)),
    ]
    return "\n\n".join(parts) + "\n"


def _first(postmortems: Sequence[Postmortem]) -> date | None:
    return min((p.date for p in postmortems if p.date), default=None)


def _earlier(first: date, last: date) -> date:
    """The first day of the period before, as long as this one; of a quarter, the quarter."""
    if (first, last) == metrics.quarter(first):
        return metrics.quarter(first - timedelta(days=1))[0]
    return first - (last - first) - timedelta(days=1)


def _sentence(now: Figures, then: Figures, aliases: Mapping[str, str]) -> str:
    counts = ", ".join(
        f"{n} {severity.names(level, aliases)}" for level, n in now.severities.items() if n
    )
    plural = "" if now.incidents == 1 else "s"
    said = f"{now.incidents} incident{plural} ({counts or 'none'}); {then.incidents} before."
    others = metrics.not_counted(now)
    return f"{said} Not counted: {others}." if others else said


def _times(now: Figures, then: Figures) -> str:
    rows = []
    for key, length in now.lengths.items():
        other = then.lengths[key]
        rows.append(
            (
                DURATIONS[key].label,
                str(length.n),
                str(length.unknown),
                model.minutes(length.median) or "–",
                model.minutes(length.p90) or "–",
                model.minutes(other.median) or "–",
                str(other.n),
            )
        )
    return _table(_COLUMNS, rows)


def _shares(now: Figures, then: Figures, labels: Mapping[str, str]) -> str:
    rows = [
        (
            labels[key],
            f"{share.count} of {share.n}",
            str(share.unknown),
            f"{then.shares[key].count} of {then.shares[key].n}",
        )
        for key, share in now.shares.items()
    ]
    return _table(("", "count", "unknown", "before"), rows)


def _incidents(chosen: Sequence[Postmortem]) -> str:
    if not chosen:
        return "None."
    rows = [
        (
            str(p.date or ""),
            p.severity_label,
            p.title or p.id,
            p.cause_category.replace("_", " "),
            model.duration(p.time_to("detect")) or "–",
            f"{len(p.action_items) - len(p.open_items)} of {len(p.action_items)}",
        )
        for p in sorted(chosen, key=lambda p: (p.severity, str(p.date or "")))
    ]
    return _table(("Date", "Severity", "Incident", "Cause", "To detect", "Items closed"), rows)


def _overdue(postmortems: Sequence[Postmortem], today: date) -> str:
    found = [one for one in board.items(postmortems, today) if one.overdue]
    if not found:
        return "None."
    rows = [
        (str(one.item.due), one.item.title, one.item.owner or "nobody", one.postmortem.id)
        for one in found
    ]
    return _table(("Due", "What", "Owner", "Incident"), rows)


def _questions(now: Figures, chosen: Sequence[Postmortem]) -> list[str]:
    """Questions that the figures raise."""
    asked = []
    if consumers := now.shares["found_by_consumer"].count:
        asked.append(f"{consumers} detected by consumers: which check should have fired first?")
    if again := [p.id for p in chosen if p.recurrence_of]:
        asked.append(f"recurrences ({', '.join(again)}): what did the first postmortem miss?")
    late = now.shares["items_on_time"]
    if late.n > late.count:
        asked.append(f"{late.n - late.count} of {late.n} action items late: drop or resource them?")
    if hidden := sum(length.unknown for length in now.lengths.values()):
        plural = "s" * (hidden != 1)
        asked.append(f"{hidden} timestamp{plural} missing: which can still be found in logs?")
    return asked or ["nothing stands out: what do these figures not show?"]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    # untrusted text must not become a tag
    return markdown_table.table(head, rows, lambda text: cell(text).replace("<", "&lt;"))
