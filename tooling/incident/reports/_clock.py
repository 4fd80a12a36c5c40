"""The clock of an incident: how long each phase took, from its start to its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import DURATIONS, TIMESTAMPS
from incident.reports._rendering import day

# by the timestamp that ends it
PHASES = {
    "detected_at": "Undetected",
    "mitigated_at": "Response",
    "corrected_at": "Repair",
    "resolved_at": "Validation",
}
LENGTHS = ("detect", "acknowledge", "mitigate", "notify", "correct", "resolve")
_LEAST = 2  # percent: a shorter phase would not be seen
_APART = 9  # percent between two labels
_DATED = 16  # ... where the last has a date


class Phase(NamedTuple):
    """`share`: its width in percent. `style`: a CSS class."""

    name: str
    length: timedelta
    share: float
    style: str


class Stamp(NamedTuple):
    """A timestamp under the bar, at `place` percent. `dated`: whether it shows its day."""

    label: str
    at: datetime
    place: float
    dated: bool = False

    @property
    def time(self) -> str:
        """`07:10` or `Sep 30, 07:10`, in UTC."""
        at = self.at.astimezone(UTC)
        return f"{at:%b} {at.day}, {at:%H:%M}" if self.dated else f"{at:%H:%M}"


class Clock(NamedTuple):
    """`said`: the whole length; `more`: when, and what took most of it."""

    said: str
    more: str
    phases: tuple[Phase, ...]
    stamps: tuple[Stamp, ...]
    lengths: tuple[tuple[str, timedelta], ...]

    @property
    def note(self) -> str:
        """From when the lengths count."""
        later = [one.title for one in DURATIONS.values() if one.first == "detected_at"]
        named = [title for title, _ in self.lengths if title in later]
        rest = f"; {', '.join(named).lower()}, from detection" if named else ""
        return f"Times count from the start of the incident{rest}."

    @property
    def narrow(self) -> bool:
        """Whether a phase has no room for its name above the bar."""
        return any(one.share < 1.15 * len(one.name) + 1 for one in self.phases)


def read(p: Postmortem) -> Clock | None:
    """The clock; None with fewer than two times, or no time between them."""
    known = _in_order(p)
    if len(known) < 2:
        return None
    (first, begin), (last, end) = known[0], known[-1]
    whole = (end - begin).total_seconds()
    dated = begin.astimezone(UTC).date() != end.astimezone(UTC).date()
    phases, stamps = [], [Stamp(_label(first), begin, 0)]
    for (_, before), (key, at) in pairwise(known):
        share = max(100 * (at - before).total_seconds() / whole, _LEAST)
        phases.append(Phase(_name(first, known, key), at - before, round(share, 2), key[:-3]))
        place = 100 * (at - begin).total_seconds() / whole
        near = 100 - place < (_DATED if dated else _APART) if key != last else False
        if (place - stamps[-1].place >= _APART and not near) or key == last:
            stamps.append(Stamp(_label(key), at, round(place, 2), dated and key == last))
    said = f"{model.duration(end - begin)} from {_noun(first)} to {_noun(last)}"
    lengths = tuple(
        (DURATIONS[key].title, length) for key in LENGTHS if (length := p.time_to(key)) is not None
    )
    return Clock(said, _more(begin, end, p), tuple(phases), tuple(stamps), lengths)


def _in_order(p: Postmortem) -> list[tuple[str, datetime]]:
    """The timestamps that bound phases, without any that go back."""
    found: list[tuple[str, datetime]] = []
    for key in ("started_at", *PHASES):
        at = p.times.get(key)
        if at and (not found or at > found[-1][1]):
            found.append((key, at))
    return found


def _name(first: str, known: Sequence[tuple[str, datetime]], key: str) -> str:
    """The name of the phase that ends with a timestamp, with those that are not distinguished."""
    order = list(PHASES)
    keys = [one for one, _ in known]
    before = keys[keys.index(key) - 1]
    start = order.index(before) + 1 if before in order else 0
    names = [PHASES[one] for one in order[start : order.index(key) + 1]]
    if before == first == "started_at" and key != "detected_at":
        names = names[1:]  # nobody knows how long it was undetected
    names = [names[0], *(name.lower() for name in names[1:])]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _more(begin: datetime, end: datetime, p: Postmortem) -> str:
    """The day or days, and how much of it was undetected."""
    first, last = begin.astimezone(UTC).date(), end.astimezone(UTC).date()
    days = day(first) if first == last else f"{day(first)} to {day(last)}"
    undetected = p.time_to("detect")
    share = undetected / (end - begin) if undetected and p.times.get("started_at") == begin else 0
    for least, word in ((0.95, "Nearly all"), (0.55, "Most"), (0.48, "Half"), (0.4, "Nearly half")):
        if share >= least:
            return f"{days}, UTC. {word} of it was undetected."
    return f"{days}, UTC."


def _label(key: str) -> str:
    return TIMESTAMPS[key].label


def _noun(key: str) -> str:
    return {
        "started_at": "start",
        "detected_at": "detection",
        "mitigated_at": "mitigation",
        "corrected_at": "corrected data",
        "resolved_at": "resolution",
    }[key]
