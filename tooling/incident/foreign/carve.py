"""Timelines and action items under another section's heading, found by their form.

Tables with a column of times or of owners, running updates ("13:15 CEST: …"), "TODO:" lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from incident.foreign import tables
from incident.foreign.source_text import Line
from incident.foreign.timeline import LABEL
from incident.text import stamps
from incident.text.dates import Order
from incident.text.lazy_regex import lazy

Kind = Literal["text", "timeline", "action_items"]

_ACTION = lazy(r"(?:action|task|to.?do|follow.?up|measure)s?\b(?: items?)?")
_DUTY = lazy(r"(?:owner|assignee|assigned|who|responsible|dri|status|state|due|deadline)\b")
_WHEN = lazy(r"(?:date|time|time ?stamp|when)\b(?!.*(?:due|zone|range|to\b))")
_TODO = lazy(
    r"\s*(?:[-*+]\s+)?(?:\*\*|__)?(?:todo|action items?)(?:\*\*|__)?\s*:\s*(?:\*\*|__)?\s*\S"
)
_HEADING = lazy(r"\s*#{1,6}\s")
_APART = (":", "-", "\u2013", "\u2014", "]")


class Piece(NamedTuple):
    """A stretch of lines, and what it is."""

    kind: Kind
    lines: list[Line]


def pieces(lines: Sequence[Line], order: Order | None) -> list[Piece]:
    """The lines of a section, apart by what they are."""
    found: list[Piece] = []
    updates = _updates(lines, order)
    at = 0
    while at < len(lines):
        end = tables.end_of(lines, at)
        kind: Kind = "text"
        if end > at:
            kind = _table(lines[at:end], order)
        elif at in updates:
            end = _update_end(lines, at, updates)
            kind = "timeline"
        else:
            end = at + 1
            if _TODO().match(lines[at].plain.lower()):
                kind = "action_items"
                while end < len(lines) and lines[end].text.startswith("  "):
                    end += 1
        if found and found[-1].kind == kind:
            found[-1].lines.extend(lines[at:end])
        else:
            found.append(Piece(kind, list(lines[at:end])))
        at = end
    return found


def _table(rows: Sequence[Line], order: Order | None) -> Kind:
    head = tables.head_of(rows)
    if not head:
        return "text"
    if any(_ACTION().match(name) for name in head) and any(_DUTY().match(name) for name in head):
        return "action_items"
    if _WHEN().match(head[0]) and len(head) > 1:
        body = [tables.cells(row.plain)[0] for row in tables.body_of(rows)]
        timed = [cell for cell in body if (s := stamps.leading(cell, 0, order)) and s.clock]
        if len(timed) >= 2 and len(timed) >= len(body) / 2:
            return "timeline"
    return "text"


def _updates(lines: Sequence[Line], order: Order | None) -> set[int]:
    """The lines that begin with a time, or items of a list with a day; none if they are few."""
    sure, timed, dated = 0, set(), set()
    for number, line in enumerate(lines):
        plain = line.plain.lstrip(" \t>-*+")
        label = LABEL().match(plain)
        stamp = stamps.leading(plain, label.end() if label else 0, order)
        if not stamp or stamp.end >= len(plain):
            continue
        is_apart = plain[stamp.start : stamp.end].rstrip(" *_").endswith(_APART)
        if stamp.clock and (stamp.zone or stamp.day or label or is_apart):
            timed.add(number)
            sure += 2 if label and (stamp.zone or stamp.day) else 1
        elif stamp.day and is_apart and line.plain.lstrip()[:1] in {"-", "*", "+"}:
            dated.add(number)
    found = timed if sure >= 2 else set()
    return found | dated if len(dated) >= 3 else found


def _update_end(lines: Sequence[Line], at: int, updates: set[int]) -> int:
    """Updates go on to the last of them, with its paragraph; a heading ends them."""
    end = at + 1
    last = max(updates)
    while end < len(lines) and not _HEADING().match(lines[end].plain):
        if end > last and not lines[end].text.strip():
            break
        end += 1
    return end
