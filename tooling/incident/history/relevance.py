"""Which incidents matter for a change: the ones a reviewer would want to know of.

An incident matters where it began in what is touched, where the change does what caused it, where
a check that was promised after it is missing, or where it is still open. How much each of these
counts is decided here alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from incident.archive import trust
from incident.archive.trust import Check, Lookup, Trust
from incident.history import change_kinds, past
from incident.history.past import Past
from incident.history.touched import Change, Touched
from incident.postmortem.model import ActionItem, Asset, Postmortem

MONTHS = timedelta(days=731)
SEVERITIES = frozenset({"P0", "P1", "P2"})
LEAST = 6.0  # of an incident; below, a reviewer would do nothing with it

_WEIGHTS = {
    "root": 4.0,
    "affected": 2.0,
    "in common": 3.0,
    "removes check": 8.0,
    "deleted": 1.0,
    "missing check": 2.5,
    "planned check": 1.0,
    "open": 5.0,
    "in review": 1.5,
    "overdue item": 1.0,
}
# what counts less for an asset that was only affected, by something that this change doesn't do,
# unless the missing check is one of this very asset
_FOLLOW_UP = frozenset({"missing check", "planned check", "overdue item"})
_SEVERE = {"P0": 1.5, "P1": 0.75}
_RECENT = ((90, 1.5), (365, 0.5))  # days, and what an incident within them counts
_MANY = 10  # assets: a macro that so many use says little about each


@dataclass(frozen=True)
class Match:
    """An incident that matters for the asset `ref`, and why.

    `role`: of the asset in it. `common`: what the change does that caused it: (what it does, with
    detail; what it was then). `removed`: checks promised after it that the change removes.
    """

    past: Past
    ref: str
    role: str
    score: float
    common: tuple[tuple[str, str], ...] = ()
    removed: tuple[str, ...] = ()
    missing: tuple[Check, ...] = ()
    open_items: tuple[ActionItem, ...] = ()


@dataclass(frozen=True)
class Finding:
    """An asset that is touched, or `steps` below one that is (`touched`), and its incidents."""

    ref: str
    touched: Touched
    steps: int
    trust: Trust
    matches: tuple[Match, ...]

    @property
    def name(self) -> str:
        """As people say it: `fct_orders`."""
        return Asset(self.ref).name

    @property
    def score(self) -> float:
        """How much it matters: its best incident, and a little for every other."""
        first, *others = sorted((match.score for match in self.matches), reverse=True)
        return first + 0.1 * sum(others)


def find(change: Change, found: Iterable[Past], there: Lookup, today: date) -> list[Finding]:
    """The assets with incidents that matter, most relevant first.

    `there`: whether a test exists without the change; one that the change adds exists too. Each
    incident is given once: for the asset for which it matters most.
    """
    everything = list(found)

    def exists(ref: str) -> bool | None:
        return _is_one_of(ref, change.added_checks) or there(ref)

    touched = {one.ref: one for one in change.touched}
    best: dict[str, Match] = {}
    for one in everything:
        p = one.postmortem
        if p.severity not in SEVERITIES or p.date is None or not p.date > today - MONTHS:
            continue
        matches = (
            _match(one, asset, origin, steps, exists, today)
            for asset in {asset.ref: asset for asset in reversed(p.assets)}.values()
            for steps, origin in [_place(asset.ref, touched, change.below)]
            if origin
        )
        match = max(matches, key=lambda match: (match.score, match.ref), default=None)
        if match and match.score >= LEAST:
            best[p.id] = match
    by_asset = past.by_asset(everything)
    by_ref: dict[str, list[Match]] = {}
    for match in best.values():
        by_ref.setdefault(match.ref, []).append(match)
    findings = []
    for ref, some in by_ref.items():
        steps, origin = _place(ref, touched, change.below)
        assert origin
        state = trust.of((one.postmortem for one in by_asset[ref]), today, exists)
        ordered = sorted(some, key=lambda match: (-match.score, match.past.postmortem.id))
        findings.append(Finding(ref, origin, steps, state, tuple(ordered)))
    return sorted(findings, key=lambda one: (-one.score, one.ref))


def _place(
    ref: str, touched: Mapping[str, Touched], below: Mapping[str, tuple[int, Touched]]
) -> tuple[int, Touched | None]:
    """How far below which touched asset an asset is; (0, itself) if it is touched."""
    if ref in touched:
        return 0, touched[ref]
    return below.get(ref, (0, None))


def _match(
    one: Past, asset: Asset, origin: Touched, steps: int, exists: Lookup, today: date
) -> Match:
    p = one.postmortem
    state = trust.of([p], today, exists)
    common = tuple(
        (" ".join(filter(None, (change_kinds.KINDS[kind][0], _detail(origin, kind)))),
         change_kinds.KINDS[kind][1])
        for kind in (change_kinds.in_common({*origin.kinds}, one.kinds) if steps < 2 else ())
    )  # fmt: skip
    removed = tuple(
        check.one.item.verified_by
        for check in state.checks
        if _is_one_of(check.one.item.verified_by, origin.removed_checks)
    )
    facts = [
        (asset.role if asset.role == "root" else "affected", True),
        ("in common", bool(common)),
        ("removes check", bool(removed)),
        ("deleted", origin.is_deleted),
        ("missing check", bool(state.missing_checks)),
        ("planned check", any(not check.exists for check in state.checks)),
        ("open", p.is_ongoing),
        ("in review", bool(state.in_review)),
        ("overdue item", bool(state.overdue)),
    ]
    is_promised = steps == 0 and any(_is_of(check, asset, p) for check in state.missing_checks)
    less = 1.0 if asset.role == "root" or common or is_promised else 0.5
    relation, *others = [
        _WEIGHTS[name] * (less if name in _FOLLOW_UP else 1.0) for name, holds in facts if holds
    ]
    share = 1 / (1 + steps) * (1.0 if origin.users < _MANY or not origin.via else 0.4)
    days = (today - p.date).days if p.date else 0
    recent = next((weight for limit, weight in _RECENT if days <= limit), 0.0)
    score = relation * share + sum(others) * (share if steps or origin.via else 1.0)
    return Match(
        one,
        asset.ref,
        asset.role,
        round(score + _SEVERE.get(p.severity, 0.0) * share + recent * share, 3),
        common,
        removed,
        tuple(check for check in state.missing_checks),
        p.open_items,
    )


def _is_of(check: Check, asset: Asset, p: Postmortem) -> bool:
    """Whether the name of a dbt test has the asset's, and not a longer one of the incident."""
    ref = check.one.item.verified_by
    if not ref.startswith("dbt:test."):
        return False
    test = f"_{ref.split('.')[-1].casefold()}_"
    names = {one.name.casefold() for one in p.assets}
    return asset.name.casefold() == max((n for n in names if f"_{n}_" in test), key=len, default="")


def _detail(origin: Touched, kind: str) -> str:
    return f"({detail})" if (detail := origin.kinds.get(kind, "")) else ""


def _is_one_of(ref: str, names: frozenset[str]) -> bool:
    """Whether a reference is to a test with one of these names; arguments don't count."""
    parts = ref.split(".")
    if not names or not ref.startswith("dbt:test.") or len(parts) < 3:
        return False
    return any(parts[2] == name or parts[2].startswith(f"{name}__") for name in names)
