"""Has a failing check failed before? Exactly, by its signature; else what is most similar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from incident.history.asset import incident
from incident.history.past import Past
from incident.postmortem import model
from incident.postmortem.model import Asset, Postmortem
from incident.postmortem.signatures import Signature
from incident.sources import Failing

SHOWN = 3  # incidents for each check
LEAST = 4.0  # of a similar incident
_NAMED = 10.0  # of one that names the check in words: more than any other
_SAME = "the same check"
_WEIGHTS = {"root": 3.0, "affected": 2.0, "name": 1.5, "column": 2.0, "kind": 2.0}
# What a check is about, by a part of its name or its error: a kind of change, or of incident.
_ABOUT = {
    "not_null": "nulls",
    "null": "nulls",
    "unique": "duplicates",
    "duplicate": "duplicates",
    "accepted": "values",
    "in_set": "values",
    "relationship": "join",
    "foreign": "join",
    "freshness": "freshness",
    "recency": "freshness",
    "stale": "freshness",
    "row_count": "volume",
    "volume": "volume",
    "type": "type",
    "schema": "schema",
}


class Match(NamedTuple):
    """An incident in which a check failed before, or one like it. `why`: how that is known."""

    past: Past
    why: str
    is_same: bool


@dataclass(frozen=True)
class Seen:
    """A failing check, and the incidents that are worth reading, best first, or none."""

    failing: Failing
    matches: tuple[Match, ...]

    @property
    def is_known(self) -> bool:
        """Whether the very same check failed before."""
        return any(match.is_same for match in self.matches)

    @property
    def ask(self) -> list[str]:
        """Whom to ask: the owner of the best incident, then of the asset."""
        owners = [match.past.postmortem.owner for match in self.matches[:1]]
        return list(dict.fromkeys(filter(None, [*owners, self.failing.team])))


def find(failing: Iterable[Failing], past: Iterable[Past]) -> list[Seen]:
    """What is known of each failing check; known ones first, then similar, then without any."""
    every = list(past)
    found = [Seen(one, tuple(_matches(one.signature, every)[:SHOWN])) for one in failing]
    return sorted(found, key=lambda seen: (seen.failing.is_warning, not seen.is_known,
                                           not seen.matches))  # fmt: skip


def facts(match: Match) -> list[tuple[str, str]]:
    """What the incident was, how it was fixed, and what helps now: labels and texts."""
    p = match.past.postmortem
    length = model.duration(p.time_to("resolve")) or model.duration(p.time_to("mitigate"))
    channel = f" in #{p.channel}" if p.channel else ""
    found = [
        ("open now", f"{p.id} is not resolved{channel}; add to it" if p.is_ongoing else ""),
        ("cause", match.past.cause),
        ("fixed by", match.past.fix),
        ("took", length),
        ("runbook", ", ".join(match.past.runbooks)),
    ]
    return [(label, text) for label, text in found if text]


def title(match: Match) -> str:
    """The incident in one line."""
    p = match.past.postmortem
    return f"{p.severity_label or '?'} {p.date}: {p.title or p.id}"


def as_json(one: Seen) -> dict[str, Any]:
    """For `--format json`."""
    return {
        "what": one.failing.what,
        "signature": one.failing.signature.row,
        "is_warning": one.failing.is_warning,
        "seen_before": one.is_known,
        "ask": one.ask,
        "incidents": [
            {**incident(match.past), "why": match.why, "same_check": match.is_same}
            for match in one.matches
        ],
    }


def _matches(wanted: Signature, past: list[Past]) -> list[Match]:
    """Those with the same check, newest first; without one, the most similar."""
    same = [
        Match(one, why, True) for one in past if (why := _same(wanted, one.postmortem))
    ]  # fmt: skip
    if same:
        return sorted(same, key=lambda match: match.why != _SAME)  # stable: newest first
    scored = [(score, one, why) for one in past for score, why in [_similar(wanted, one)]]
    likely = sorted((row for row in scored if row[0] >= LEAST), key=lambda row: -row[0])
    return [Match(one, f"similar: {why}", False) for _, one, why in likely]


def _same(wanted: Signature, p: Postmortem) -> str:
    """Why this is the same check; "" if it is not."""
    for one in p.signatures:
        if one[:3] == wanted[:3]:
            return _SAME if one.error == wanted.error else f"{_SAME}, then: {one.error or '?'}"
    if not wanted.check:
        return ""
    if any(_is_check(item.verified_by, wanted.check) for item in p.action_items):
        return "the check was promised after it"
    name = re.split(r"[.:]", wanted.check)[-1]
    is_specific = wanted.check.startswith("dbt:") and "_" in name
    if is_specific and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", p.detection_source):
        return f"{_SAME} detected it"
    return ""


def _is_check(ref: str, check: str) -> bool:
    """Whether a reference is to a check; the hash and the arguments of a dbt test don't matter."""
    return ref == check or ref.startswith((f"{check}.", f"{check}__"))


def _similar(wanted: Signature, one: Past) -> tuple[float, str]:
    """How similar an incident is to a failing check, and why."""
    p, score, why = one.postmortem, 0.0, []
    if said := _in_words(wanted, p):
        return _NAMED, said
    mine = Asset(wanted.asset).name.casefold()
    roles = {asset.ref: asset.role for asset in p.assets}
    names = {Asset(ref).name.casefold() for ref in roles}
    if wanted.asset in roles:
        score += _WEIGHTS["root" if roles[wanted.asset] == "root" else "affected"]
        why.append("same asset")
    elif mine and mine in names:
        score += _WEIGHTS["name"]
        why.append("an asset of that name")
    else:
        return 0.0, ""
    said = f"{p.title} {one.cause}".casefold()
    column = wanted.column.casefold()
    if column and re.search(rf"(?<!\w){re.escape(column)}(?!\w)", said):
        score += _WEIGHTS["column"]
        why.append(f"also {wanted.column}")
    about = next((kind for part, kind in _ABOUT.items() if part in _named(wanted)), "")
    if about and (about in one.kinds or about == p.kind):
        score += _WEIGHTS["kind"]
        why.append(f"also {about}")
    return score, ", ".join(why)


def _in_words(wanted: Signature, p: Postmortem) -> str:
    """Where an incident names the check in words, as in `not_null on orders.status`; or ""."""
    asset = Asset(wanted.asset).name.casefold()
    kind = re.split(r"[.:]", wanted.check)[-1].casefold().partition(f"_{asset}")[0]
    if not asset or not kind:
        return ""
    names = [kind, asset, *filter(None, [wanted.column.casefold()])]
    words = [re.escape(name).replace("_", "[ _-]") for name in names]
    patterns = [re.compile(rf"(?<!\w){word}(?!\w)") for word in words]
    for text, why in (
        (p.should_have_been, "this check should have detected it"),
        (p.title, "its title names this check"),
        *((item.title, "an action item names this check") for item in p.action_items),
    ):
        if all(pattern.search(text.casefold()) for pattern in patterns):
            return why
    return ""


def _named(wanted: Signature) -> str:
    return f"{re.split(r'[.:]', wanted.check)[-1]} {wanted.error}".casefold()
