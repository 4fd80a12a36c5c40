"""Causes and patterns: triggers, recurrences, missed detections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from incident.postmortem.model import Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "patterns.md"
SHOWN = 60


class Missed(NamedTuple):
    """A check that should have caught an incident, and whether it was added since."""

    check: str
    postmortem: Postmortem
    added: int
    promised: int


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page."""
    found = wiki.postmortems
    cells = Counter((p.cause_category or "unknown", p.trigger or "unknown") for p in found)
    causes, triggers = Counter[str](), Counter[str]()
    for (cause, trigger), n in cells.items():
        causes[cause] += n
        triggers[trigger] += n
    missed = [Missed(p.should_have_been, p, *_detecting(p)) for p in found if p.should_have_been]
    html = _rendering.render(
        "patterns.html.j2",
        PATH,
        wiki,
        causes=_ordered(causes),
        triggers=_ordered(triggers),
        cells=cells,
        most=max(cells.values(), default=1),
        query=lambda **keys: urlencode(keys),
        chains=chains(wiki),
        missed=missed[:SHOWN],
        missed_total=len(missed),
    )
    yield Page(PATH, "Patterns", html)


def chains(wiki: Wiki) -> list[list[Postmortem]]:
    """Chains of recurrences, first to last; each branch is its own chain."""
    found = []
    for p in wiki.postmortems:
        if not p.recurrence_of or p.id in wiki.again:
            continue  # not the last in its chain
        chain, seen, at = [p], {p.id}, p
        while (earlier := wiki.by_id.get(at.recurrence_of)) and earlier.id not in seen:
            chain.append(earlier)
            seen.add(earlier.id)
            at = earlier
        found.append(chain[::-1])
    return [chain for chain in found if len(chain) > 1]


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (one[0] == "unknown", -one[1], one[0]))


def _detecting(p: Postmortem) -> tuple[int, int]:
    items = [item for item in p.action_items if item.type == "detect"]
    return sum(item.status == "done" for item in items), sum(item.is_open for item in items)
