"""What the archive knows of one asset: its incidents, promised checks, open items, trust state."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from incident.archive import board, trust
from incident.archive.board import DatedItem
from incident.archive.trust import Check, Lookup, Trust
from incident.dbt import references
from incident.dbt.manifest import Manifest
from incident.errors import UsageError
from incident.history import past
from incident.history.past import Past
from incident.postmortem import model
from incident.postmortem.model import Asset, Postmortem
from incident.repository.config import did_you_mean


@dataclass(frozen=True)
class Known:
    """One asset. `incidents`: newest first."""

    ref: str
    incidents: tuple[Past, ...]
    trust: Trust

    @property
    def name(self) -> str:
        """As people say it: `fct_orders`."""
        return Asset(self.ref).name

    def role(self, p: Postmortem) -> str:
        """The part that the asset had in an incident."""
        return next((asset.role for asset in p.assets if asset.ref == self.ref), "")


def find(
    names: Sequence[str], found: Iterable[Past], manifest: Manifest | None, today: date
) -> list[Known]:
    """The assets with these names or references.

    A name may be that of several assets. An asset of the manifest without an incident is clear.
    Raises UsageError for a name that neither the archive nor the manifest has.
    """
    by_ref = past.by_asset(found)
    exists = trust.lookup(manifest.tests if manifest else None)
    refs: dict[str, None] = {}
    for name in names:
        refs.update(dict.fromkeys(_refs(name, by_ref, manifest)))
    return [known(ref, by_ref.get(ref, ()), exists, today) for ref in refs]


def known(ref: str, incidents: Iterable[Past], exists: Lookup, today: date) -> Known:
    """What these incidents say about an asset."""
    every = tuple(incidents)
    return Known(ref, every, trust.of((one.postmortem for one in every), today, exists))


def _refs(name: str, by_ref: dict[str, list[Past]], manifest: Manifest | None) -> list[str]:
    if name in by_ref:
        return [name]
    wanted = name.casefold()
    refs = [ref for ref in by_ref if wanted in _names(ref)]
    if manifest:
        refs += [ref for key in manifest.named(name) if (ref := f"dbt:{key}") not in refs]
    if manifest and not refs:
        refs = [f"dbt:{key}" for key in references.with_table(manifest, name)]
    if refs:
        return refs
    hint = did_you_mean(name, {Asset(ref).name for ref in by_ref})
    if not hint.startswith("did"):
        hint = "check its spelling, or name dbt's manifest.json with --manifest"
    raise UsageError(f"no incident names an asset `{name}`", hint)


def _names(ref: str) -> set[str]:
    """What an asset may be called: `orders`, `raw.orders`, `model.shop.raw.orders`."""
    parts = re.split(r"[.:/]", ref.casefold())
    return {".".join(parts[at:]) for at in range(len(parts))} | {ref.casefold()}


def as_json(one: Known) -> dict[str, Any]:
    """For `--format json`."""
    state = one.trust
    return {
        "asset": one.ref,
        "state": state.state.value,
        "sentence": state.sentence,
        "reasons": [reason.json for reason in state.reasons],
        "days_since_last_incident": state.days,
        "incidents": [
            {**incident(known_), "role": one.role(known_.postmortem) or None}
            for known_ in one.incidents
        ],
        "promised_checks": [check(found) for found in state.checks],
        "open_action_items": [item(found) for found in state.open_items],
    }


def incident(one: Past) -> dict[str, Any]:
    """An incident for JSON."""
    p = one.postmortem
    return {
        "id": p.id,
        "path": p.path,
        "date": p.date and p.date.isoformat(),
        "severity": p.severity,
        "severity_label": p.severity_label,
        "title": p.title,
        "status": p.status,
        "owner": p.owner or None,
        "is_open": p.is_ongoing,
        "cause": one.cause or None,
        "fix": one.fix or None,
        "time_to_resolve": model.duration(p.time_to("resolve")) or None,
        "runbooks": one.runbooks,
    }


def check(one: Check) -> dict[str, Any]:
    """A promised check for JSON."""
    state = "missing" if one.is_missing else "in_place" if one.exists else "planned"
    verified_by = one.one.item.verified_by or None
    return {**item(one.one), "check": verified_by, "state": state, "by_manifest": one.by_manifest}


def item(one: DatedItem) -> dict[str, Any]:
    """An action item for JSON."""
    return {
        "incident": one.postmortem.id,
        "item": one.item.id,
        "title": one.item.title,
        "type": one.item.type,
        "owner": one.item.owner or None,
        "due": one.item.due and one.item.due.isoformat(),
        "overdue": one.overdue,
        "when": board.when(one) if one.item.is_open else None,
    }
