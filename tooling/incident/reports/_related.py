"""Which earlier and later incidents are worth reading with one, and why.

What two incidents share counts more the fewer others share it. Of those that share a thing only
the nearest in time are weighed, so that the work grows with the archive and not with its square.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from incident.model import Postmortem
from incident.reports._wiki import Wiki, features

NEAREST = 12  # on each side in time
SHOWN = 4
LEAST = 1.0
WEIGHTS = {"root": 3.0, "asset": 1.5, "cause": 0.8, "tag": 1.0}


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
    seen = chain | {one.postmortem.id for one in named}
    scores: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}
    for feature, reason in () if p.drill else features(p):  # a drill shares nothing
        others, place = wiki.sharing[feature]
        weight = WEIGHTS[feature[0]] / math.log2(1 + len(others))
        at = place[p.id]
        for other in others[max(0, at - NEAREST) : at + NEAREST + 1]:
            if other.id not in seen:
                scores[other.id] = scores.get(other.id, 0) + weight
                reasons.setdefault(other.id, []).append(reason)
    likest = sorted(scores, key=lambda id_: (-scores[id_], id_))
    likely = [id_ for id_ in likest if scores[id_] >= LEAST or len(reasons[id_]) > 1]
    found = [
        Related(wiki.by_id[id_], _short(reasons[id_]))
        for id_ in likely[: max(0, SHOWN - len(named))]
    ]
    return named + found


def _short(reasons: list[str]) -> tuple[str, ...]:
    began = {reason.removeprefix("also began in ") for reason in reasons}
    return tuple(r for r in reasons if r.removeprefix("also hit ") not in began)[:3]
