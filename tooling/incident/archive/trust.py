"""Can this asset be trusted? The one definition of an asset's state, with its reasons.

Worst first: an incident is open; the asset needs attention (a postmortem isn't published yet, a
promised check is missing past its date, an item is overdue); follow-up is open; clear. Drills,
false alarms and duplicates don't count: callers pass incidents only (`Archive.postmortems`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from incident.archive.board import DatedItem, items
from incident.postmortem.model import PUBLISHED, ActionItem, Postmortem
from incident.text.counts import are, count

_TESTS = ("dbt:test.", "dbt:unit_test.")


class State(StrEnum):
    """The states, worst first."""

    INCIDENT_OPEN = "incident_open"
    NEEDS_ATTENTION = "needs_attention"
    FOLLOW_UP_OPEN = "follow_up_open"
    CLEAR = "clear"

    @property
    def label(self) -> str:
        """`Incident open`."""
        return self.value.replace("_", " ").capitalize().replace("Follow up", "Follow-up")

    @property
    def meaning(self) -> str:
        """What puts an asset into this state, to follow its name."""
        return {
            State.INCIDENT_OPEN: "an incident with it is not resolved",
            State.NEEDS_ATTENTION: (
                "a postmortem is not published yet, an action item is overdue, "
                "or a promised check is missing"
            ),
            State.FOLLOW_UP_OPEN: "action items are open, none overdue",
            State.CLEAR: "nothing is open",
        }[self]

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(State).index(self)


class Check(NamedTuple):
    """A check that an action item promised.

    `exists`: by dbt's manifest, else by the item's status. `is_missing`: it doesn't exist, and its
    date has passed or the item is done. `by_manifest`: whether the manifest decided.
    """

    one: DatedItem
    exists: bool
    is_missing: bool
    by_manifest: bool

    @property
    def said(self) -> str:
        """What a table shows: `in the dbt project`, `added`, `planned`."""
        if self.by_manifest:
            return "in the dbt project" if self.exists else "not in the dbt project"
        return "added" if self.exists else "planned"


class Reason(NamedTuple):
    """One fact behind a state. `item`: the id of the action item, or ""."""

    state: State
    fact: str
    incident: str
    item: str = ""

    @property
    def json(self) -> dict[str, str | None]:
        """For JSON: `{"reason": "overdue_item", "incident": …, "item": …}`."""
        fact = self.fact.replace(" ", "_")
        return {"reason": fact, "incident": self.incident, "item": self.item or None}


@dataclass(frozen=True)
class Trust:
    """The state of one asset. `incidents`: newest first. `reasons`: worst first.

    `in_review`: resolved, but the postmortem isn't published yet. `open_items`: earliest due date
    first. `days`: since the last incident started; None if that is unknown, or there was none.
    """

    incidents: tuple[Postmortem, ...]
    open_incidents: tuple[Postmortem, ...]
    in_review: tuple[Postmortem, ...]
    checks: tuple[Check, ...]
    open_items: tuple[DatedItem, ...]
    reasons: tuple[Reason, ...]
    days: int | None

    @property
    def state(self) -> State:
        """The worst of the reasons; clear without one."""
        return self.reasons[0].state if self.reasons else State.CLEAR

    @property
    def last(self) -> Postmortem | None:
        """The last incident."""
        return self.incidents[0] if self.incidents else None

    @property
    def distinct_checks(self) -> tuple[Check, ...]:
        """Each check once, though several items may promise it: a missing one, else one there."""
        found: dict[str, Check] = {}
        ranked = sorted(
            self.checks, key=lambda c: (not c.is_missing, not c.exists, c.one.days or 0)
        )
        for check in ranked:
            found.setdefault(check.one.item.verified_by or _key(check.one), check)
        return tuple(found.values())

    @property
    def missing_checks(self) -> tuple[Check, ...]:
        """Checks that should exist by now, each once."""
        return tuple(check for check in self.distinct_checks if check.is_missing)

    @property
    def overdue(self) -> int:
        """How many open items are overdue."""
        return sum(one.overdue for one in self.open_items)

    @property
    def other_items(self) -> tuple[DatedItem, ...]:
        """Open items that are not told as a missing check."""
        told = {_key(check.one) for check in self.checks if check.is_missing}
        return tuple(one for one in self.open_items if _key(one) not in told)

    @property
    def sentence(self) -> str:
        """The state's reasons in one sentence."""
        if self.state is State.CLEAR:
            if self.days is None:
                return "Nothing is open."
            if self.days == 0:
                return "Nothing is open. The last incident began today."
            return f"Nothing is open. {count(self.days, 'day')} since the last incident."
        if self.state is State.FOLLOW_UP_OPEN:
            return f"Nothing is overdue; {are(len(self.open_items), 'action item')} open."
        if self.state is State.INCIDENT_OPEN:
            return f"{are(len(self.open_incidents), 'incident')} open."
        late = sum(one.overdue for one in self.other_items)
        item = "other action item" if late < self.overdue else "action item"
        parts = [
            (len(self.in_review), "postmortem", "not published yet"),
            (len(self.missing_checks), "promised check", f"missing{self._late_checks}"),
            (late, item, "overdue"),
        ]
        return "; ".join(f"{are(n, noun)} {what}" for n, noun, what in parts if n) + "."

    @property
    def _late_checks(self) -> str:
        """How long missing checks are overdue: `, 1 day overdue`; "" if their items are done."""
        missing = self.missing_checks
        days = [-(check.one.days or 0) for check in missing if check.one.overdue]
        if not days:
            return ""
        if len(days) < len(missing):
            return f", {len(days):,} of them overdue"
        return f", {'' if len(days) == 1 else 'the oldest '}{count(max(days), 'day')} overdue"


# Whether dbt's manifest has the test with a reference (`dbt:test.shop.rows`); None: not known.
Lookup = Callable[[str], bool | None]


def lookup(tests: Collection[str] | None) -> Lookup:
    """Look up tests by the unique ids in a manifest; None without one.

    Nothing is known of the tests of a project that a manifest with tests has none of.
    """
    packages = {unique_id.split(".")[1] for unique_id in tests or () if "." in unique_id}

    def exists(ref: str) -> bool | None:
        if tests is None or not ref.startswith(_TESTS):
            return None
        unique_id = ref.removeprefix("dbt:")
        return unique_id in tests if not tests or unique_id.split(".")[1] in packages else None

    return exists


def of(incidents: Iterable[Postmortem], today: date, exists: Lookup | None = None) -> Trust:
    """The state of an asset with these incidents, newest first."""
    exists = exists or lookup(None)
    found = tuple(incidents)
    every = items(found, today, settled=True)
    checks = tuple(_check(one, today, exists) for one in every if _promises_check(one.item))
    still = tuple(one for one in every if one.item.is_open)
    ongoing = tuple(p for p in found if p.is_ongoing)
    in_review = tuple(p for p in found if not p.is_ongoing and p.status not in PUBLISHED)
    reasons = [
        *(Reason(State.INCIDENT_OPEN, "open incident", p.id) for p in ongoing),
        *(Reason(State.NEEDS_ATTENTION, "in review", p.id) for p in in_review),
        *(_reason(State.NEEDS_ATTENTION, "missing check", c.one) for c in checks if c.is_missing),
        *(_reason(State.NEEDS_ATTENTION, "overdue item", one) for one in still if one.overdue),
        *(_reason(State.FOLLOW_UP_OPEN, "open item", one) for one in still if not one.overdue),
    ]
    days = [(today - p.date).days for p in found if p.date and p.date <= today]
    return Trust(found, ongoing, in_review, checks, still, tuple(reasons), min(days, default=None))


def _promises_check(item: ActionItem) -> bool:
    is_check = item.type == "detect" or ":test." in item.verified_by
    return is_check and item.status != "wont_do"


def _check(one: DatedItem, today: date, exists: Lookup) -> Check:
    item = one.item
    known = exists(item.verified_by)
    there = item.status == "done" if known is None else known
    is_due = item.status == "done" or item.overdue(today)
    return Check(one, there, is_due and not there, known is not None)


def _key(one: DatedItem) -> str:
    """Of an item, even without an id."""
    return f"{one.key} {one.item.index}"


def _reason(state: State, fact: str, one: DatedItem) -> Reason:
    return Reason(state, fact, one.postmortem.id, one.item.id)
