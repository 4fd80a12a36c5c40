"""Which earlier and later incidents are worth reading with one, and why.

What two incidents share counts more the fewer others share it. Of those that share a thing only
the nearest in time are weighed, so that the work grows with the archive and not with its square.
"""

from __future__ import annotations

from typing import NamedTuple

from incident.archive.similarity import traits, weight
from incident.postmortem.model import Postmortem
from incident.reports._site_data import Wiki

NEAREST = 12  # on each side in time
SHOWN = 4
LEAST = 2.0


class Related(NamedTuple):
    """Another incident, and what it has in common."""

    postmortem: Postmortem
    reasons: tuple[str, ...]


def related(wiki: Wiki, p: Postmortem) -> list[Related]:
    """The incidents its author named, then the likest others; recurrences are not among them."""
    chain = {p.id, p.recurrence_of, *(other.id for other in wiki.again.get(p.id, ()))}
    named = [
        Related(wiki.by_id[id_], ("named by its author",))
        for id_ in dict.fromkeys(p.related)
        if id_ in wiki.by_id and id_ not in chain
    ]
    near: list[tuple[float, str, list[str]]] = []
    for trait, reason in () if p.drill or p.closed_as else traits(p):  # they share nothing
        ids, place = wiki.sharing[trait]
        at = place[p.id]
        nearby = ids[max(0, at - NEAREST) : at + NEAREST + 1]
        near.append((weight(trait, len(ids)), reason, nearby))
    scores: dict[str, float] = {}
    for score, _, ids in near:
        for id_ in ids:
            scores[id_] = scores.get(id_, 0.0) + score
    for id_ in chain | {one.postmortem.id for one in named}:
        scores.pop(id_, None)
    found: list[Related] = []
    wanted = max(0, SHOWN - len(named))
    for id_ in _likest(scores, wanted):
        if len(found) >= wanted:
            break
        reasons = [reason for _, reason, ids in near if id_ in ids]
        if scores[id_] >= LEAST or len(reasons) > 1:
            found.append(Related(wiki.by_id[id_], _short(reasons)))
    return named + found


def _likest(scores: dict[str, float], wanted: int) -> list[str]:
    """The ids from the highest score down: all, where too few have the least score."""
    chosen = [id_ for id_, score in scores.items() if score >= LEAST]
    if len(chosen) < wanted:
        chosen = list(scores)
    return sorted(chosen, key=lambda id_: (-scores[id_], id_))


def _short(reasons: list[str]) -> tuple[str, ...]:
    began = {reason.removeprefix("also began in ") for reason in reasons}
    return tuple(r for r in reasons if r.removeprefix("also hit ") not in began)[:3]
