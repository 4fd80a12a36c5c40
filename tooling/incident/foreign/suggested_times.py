"""Times that a timeline suggests for the frontmatter, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from incident.foreign import plausible
from incident.foreign.timeline import Entry
from incident.postmortem.timestamps import TIMESTAMPS


def timestamps(
    known: dict[str, datetime], entries: Sequence[Entry]
) -> tuple[dict[str, datetime], tuple[str, ...]]:
    """The timestamps, and which of them the timeline only suggests."""
    times = dict(known)
    suggested = _candidates(entries)
    assumed = []
    for key, at in suggested.items():
        if key not in times:
            others = {**times, key: at}
            order = [others[k] for k in TIMESTAMPS if k in others]
            if order == sorted(order):
                times[key] = at
                assumed.append(key)
    return {key: times[key] for key in TIMESTAMPS if key in times}, tuple(assumed)


def slips(entries: Sequence[Entry]) -> list[tuple[Entry, timedelta]]:
    """Entries that go back, or ahead, by more than a day, and by how much."""
    timed = [(entry, entry.local) for entry in entries if entry.local]
    found = plausible.slips([local for _, local in timed])
    return [(timed[index][0], gap) for index, gap in found.items()]


def believed(entries: Sequence[Entry]) -> list[Entry]:
    """The entries without slips."""
    wrong = {id(entry) for entry, _ in slips(entries)}
    return [entry for entry in entries if id(entry) not in wrong]


def _candidates(entries: Sequence[Entry]) -> dict[str, datetime]:
    """Times by what the entries tell.

    detected_at: the first of an alert, a report or a discovery. started_at: the first of all.
    resolved_at: the last that tells of an end.
    """
    told = [(entry.at, entry.text) for entry in believed(entries) if entry.at]
    if not told:
        return {}
    ordered = sorted(told, key=lambda one: one[0])
    first = ordered[0][0]
    noticed = next((at for at, text in ordered if _NOTICED.search(text)), None)
    found = {"detected_at": noticed} if noticed else {"started_at": first}
    if noticed and first < noticed and noticed - first < timedelta(days=120):
        found["started_at"] = first
    ended = [at for at, text in ordered if _ENDED.search(text) and at >= (noticed or first)]
    if ended and ended[-1] > (noticed or first):
        found["resolved_at"] = ended[-1]
    return found


_NOTICED = re.compile(
    r"\b(?:detect|alert|alarm|notic(?:ed|es)|report(?:ed|s)?\b|discover|paged?\b|page[ds]\b"
    r"|observ|found\b|fires\b|fired\b|complain|ticket|realized|realised|disclos|monitor)",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\b(?:resolved|resolution|fully (?:restored|recovered|operational)|restored|recovered"
    r"|back to normal|incident (?:is )?(?:closed|over)|fix (?:was |is )?(?:deployed|released)"
    r"|all clear|healthy again|mitigated|released (?:that|which|with)|was released)\b",
    re.IGNORECASE,
)
