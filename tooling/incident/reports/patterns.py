"""Patterns: which checks should have caught incidents, what recurs, causes and triggers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from incident.archive import check_kinds as kinds
from incident.archive import metrics
from incident.postmortem.model import Postmortem
from incident.reports import _lessons, _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "patterns.md"
SHOWN = 60


class Missed(NamedTuple):
    """An incident that a check should have caught: its `detect` items, done, open and overdue."""

    postmortem: Postmortem
    added: int
    promised: int
    overdue: int


class CheckKind(NamedTuple):
    """A kind of check, and the incidents that it should have caught, newest first."""

    name: str
    title: str
    missed: list[Missed]

    @property
    def assets(self) -> list[str]:
        """Where these incidents began, else what they affected."""
        found = [
            asset.name
            for one in self.missed
            for asset in (
                [a for a in one.postmortem.assets if a.role == "root"] or one.postmortem.assets[:1]
            )
        ]
        return list(dict.fromkeys(found))

    @property
    def there(self) -> int:
        """For how many of them there is such a check now."""
        return sum(one.added > 0 for one in self.missed)

    @property
    def overdue(self) -> int:
        """How many promised checks are overdue."""
        return sum(one.overdue for one in self.missed)


class Chain(NamedTuple):
    """A recurrence: the incidents, first to last.

    `missed`: what each later postmortem says the earlier one missed, or "", in the same order.
    """

    incidents: list[Postmortem]
    missed: list[str]

    @property
    def said(self) -> list[tuple[Postmortem, str]]:
        """Each later postmortem with what it says; none if no one says anything."""
        return list(zip(self.incidents[1:], self.missed, strict=True)) if any(self.missed) else []


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page."""
    found = wiki.postmortems
    cells = Counter((p.cause_category or "unknown", p.trigger or "unknown") for p in found)
    causes, triggers = Counter[str](), Counter[str]()
    for (cause, trigger), n in cells.items():
        causes[cause] += n
        triggers[trigger] += n
    html = _rendering.render(
        "patterns.html.j2",
        PATH,
        wiki,
        causes=_ordered(causes),
        triggers=_ordered(triggers),
        cells=cells,
        most=max(cells.values(), default=1),
        query=lambda **keys: urlencode(keys),
        chains=[Chain(chain, [_missed(p, wiki) for p in chain[1:]]) for chain in chains(wiki)],
        kinds=check_kinds(wiki),
        shown=SHOWN,
        said=summary(wiki),
        today=wiki.today,
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


def check_kinds(wiki: Wiki) -> list[CheckKind]:
    """By kind of check, the incidents that it should have caught; most incidents first."""
    found: dict[str, list[Missed]] = {}
    for p in wiki.postmortems:
        if p.kind == "near_miss" and not p.should_have_been:
            continue
        items = [item for item in p.action_items if item.type == "detect"]
        one = Missed(
            p,
            sum(item.status == "done" for item in items),
            sum(item.is_open for item in items),
            sum(item.overdue(wiki.today) for item in items),
        )
        found.setdefault(kinds.of(p), []).append(one)
    made = [CheckKind(name, kinds.title(name), missed) for name, missed in found.items()]
    last = {"other": 1, kinds.UNKNOWN: 2}
    return sorted(made, key=lambda k: (last.get(k.name, 0), -len(k.missed), k.title))


def summary(wiki: Wiki) -> list[str]:
    """What the archive says, in up to three sentences."""
    found = wiki.postmortems
    first = min((p.date for p in found if p.date), default=None)
    if not found or first is None:
        return []
    said = [_noticed(found, f"{first:%B %Y}")]
    named = [
        kind
        for kind in check_kinds(wiki)
        if kind.name not in {"other", kinds.UNKNOWN} and len(kind.missed) > 1
    ][:2]
    if named:
        names = " and ".join(kinds.KINDS[kind.name].checks for kind in named)
        names = names.replace(" checks and ", " and ") if names.endswith(" checks") else names
        total = sum(len(kind.missed) for kind in named)
        every = "both" if total == 2 else f"all {number(total)}"
        caught = every if total == len(found) else number(total)
        said.append(f"{names[0].upper()}{names[1:]} should have caught {caught}.")
    said += _came_back(chains(wiki))
    return said


def _noticed(found: Sequence[Postmortem], since: str) -> str:
    """How many incidents there are, and how many a consumer noticed first, as far as is known."""
    by_whom = "by a consumer or an outside party"
    methods = [p.detection_method for p in found if p.detection_method]
    others, total = sum(method in metrics.BY_CONSUMER for method in methods), len(found)
    unknown = total - len(methods)
    if total == 1 and unknown:
        return f"One incident, in {since}; how it was detected is not recorded."
    if total == 1:
        was = f"noticed {by_whom} before any check" if others else f"not first noticed {by_whom}"
        return f"The only incident, in {since}, was {was}."
    count = f"{number(total)} incidents since {since}"
    if not methods:
        return f"{count[0].upper()}{count[1:]}; how they were detected is not recorded."
    if others == total:
        every = f"Both incidents since {since}" if total == 2 else f"All {count}"
        return f"{every} were noticed {by_whom} before any check."
    if others:
        said = f"{number(others)} {_was(others)} noticed {by_whom} before any check"
    else:
        said = f"none {'is known to have been' if unknown else 'was'} first noticed {by_whom}"
    rest = f"; how {number(unknown)} {_was(unknown)} detected is not recorded" if unknown else ""
    return f"Of {count}, {said}{rest}."


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _came_back(found: list[list[Postmortem]]) -> list[str]:
    """How many incidents came back, and how often."""
    first = {chain[0].id for chain in found}
    times = len({p.id for chain in found for p in chain} - first)
    if not first:
        return []
    often = {1: "", 2: " twice"}.get(times, f" {number(times)} times")
    if len(first) > 1:
        often = f", {number(times)} times in all" if times > len(first) else ""
    return [f"{number(len(first)).capitalize()} came back{often}."]


_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def number(n: int) -> str:
    """Small numbers as words."""
    return _NUMBERS[n] if n < len(_NUMBERS) else f"{n:,}"


def _missed(p: Postmortem, wiki: Wiki) -> str:
    """What a postmortem says its predecessor missed: the first point."""
    entry = next((e for e in wiki.archive.entries if e.postmortem.path == p.path), None)
    text = entry.document.section_text("first_postmortem_missed") if entry else ""
    return _lessons.first(text)
