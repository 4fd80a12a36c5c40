"""One asset on a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from incident.archive import board
from incident.archive.board import DatedItem
from incident.archive.trust import State
from incident.formats._ansi import paint
from incident.history.asset import Known
from incident.history.past import Past
from incident.postmortem import model
from incident.text.untrusted_text import shown_line

STYLES = {
    State.INCIDENT_OPEN: "error",
    State.NEEDS_ATTENTION: "warning",
    State.FOLLOW_UP_OPEN: "notice",
    State.CLEAR: "bold",
}
INCIDENTS = 8


def lines(one: Known, color: bool) -> Iterator[str]:
    """The asset, its incidents, promised checks and open items, safe for a terminal."""
    state = one.trust.state
    name = paint(shown_line(one.name), "bold", color)
    yield f"{name}  {paint(state.label, STYLES[state], color)}"
    yield f"{shown_line(one.ref)}"
    yield one.trust.sentence + _since(one)
    if one.incidents:
        yield ""
        yield paint("Incidents", "bold", color)
    for past in one.incidents[:INCIDENTS]:
        yield from map(shown_line, _incident(past, one))
    if (more := len(one.incidents) - INCIDENTS) > 0:
        yield f"  {more} more: incident list --asset {shown_line(one.name)}"
    checks = sorted(one.trust.checks, key=lambda check: (not check.is_missing, check.exists))
    if checks:
        yield ""
        yield paint("Promised checks", "bold", color)
    for check in checks:
        word = "missing" if check.is_missing else "in place" if check.exists else "planned"
        yield shown_line(f"  {word:<9} {_item(check.one)}")
    promised = {check.one.key for check in checks}
    others = [found for found in one.trust.open_items if found.key not in promised]
    if others:
        yield ""
        yield paint("Other open items", "bold", color)
    for found in others:
        yield shown_line(f"  {_item(found)}")


def _since(one: Known) -> str:
    """How long ago the last incident was, unless the sentence says so."""
    days = one.trust.days
    if days is None or one.trust.state is State.CLEAR:
        return ""
    return f" {days} day{'s' * (days != 1)} since the last incident."


def _incident(past: Past, one: Known) -> Iterator[str]:
    p = past.postmortem
    length = model.duration(p.time_to("resolve"))
    state = "open" if p.is_ongoing else f"resolved in {length}" if length else "resolved"
    role = one.role(p)
    facts = ", ".join(part for part in (role, state, p.status.replace("_", " ")) if part)
    yield f"  {p.date or '?'}  {p.severity_label or '?'}  {p.title or p.id}"
    yield f"      {p.id} ({facts})"
    if past.cause:
        yield f"      cause: {past.cause}"


def _item(one: DatedItem) -> str:
    item = one.item
    what = item.verified_by.removeprefix("dbt:") if ":test." in item.verified_by else item.title
    when = f", {board.when(one)}" if item.is_open else ""
    return f"{what} ({one.key}, {item.owner or 'no owner'}{when})"
