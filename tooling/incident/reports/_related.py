"""Which earlier and later incidents are worth reading with this one, and why.

A shared trait counts more the fewer incidents share it. For each trait, only the incidents
nearest in time are considered, so that the work grows linearly with the archive.
"""

from __future__ import annotations

from typing import NamedTuple

from incident.archive.similarity import traits, weight
from incident.postmortem.model import Postmortem
from incident.reports._site_data import Wiki
from incident.text.counts import listed

NEAREST = 12  # before and after
SHOWN = 4
LEAST = 2.0
_AFFECTED = "also affected "


class Related(NamedTuple):
    """Another incident, and what they have in common."""

    postmortem: Postmortem
    reasons: tuple[str, ...]


def related(wiki: Wiki, p: Postmortem) -> list[Related]:
    """The incidents its author listed, then the most similar others, except recurrences."""
    chain = {p.id, p.recurrence_of, *(other.id for other in wiki.again.get(p.id, ()))}
    named = [
        Related(wiki.by_id[id_], ("listed by the author",))
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
    """The ids by descending score; all of them if too few reach the minimum score."""
    chosen = [id_ for id_, score in scores.items() if score >= LEAST]
    if len(chosen) < wanted:
        chosen = list(scores)
    return sorted(chosen, key=lambda id_: (-scores[id_], id_))


def _short(reasons: list[str]) -> tuple[str, ...]:
    """At most three reasons. Assets that both affected are one: `also affected a, b and c`."""
    began = {reason.removeprefix("also started in ") for reason in reasons}
    affected = [
        one for r in reasons if (one := r.removeprefix(_AFFECTED)) != r and one not in began
    ]
    said = []
    for reason in reasons:
        if not reason.startswith(_AFFECTED):
            said.append(reason)
        elif affected:
            said.append(_AFFECTED + listed(affected))
            affected = []
    return tuple(said[:3])
