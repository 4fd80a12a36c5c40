"""Action items with their due dates, from the archive alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from incident.postmortem.model import ActionItem, Postmortem


class DatedItem(NamedTuple):
    """An action item and its postmortem; `days` until it is due, negative when that is past."""

    postmortem: Postmortem
    item: ActionItem
    days: int | None

    @property
    def key(self) -> str:
        """`2025-05-14-revenue-drops/AI-1`."""
        return f"{self.postmortem.id}/{self.item.id}"

    @property
    def overdue(self) -> bool:
        """Open and past its due date."""
        return self.item.is_open and self.days is not None and self.days < 0


class Group(NamedTuple):
    """The items of one owner or severity."""

    name: str
    lines: tuple[DatedItem, ...]

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(line.overdue for line in self.lines)


def items(postmortems: Iterable[Postmortem], today: date, settled: bool = False) -> list[DatedItem]:
    """The open action items, earliest due date first; with `settled`, all."""
    found = [
        DatedItem(p, item, (item.due - today).days if item.due else None)
        for p in postmortems
        for item in p.action_items
        if settled or item.is_open
    ]
    return sorted(found, key=lambda line: (line.item.due or date.max, line.postmortem.id))


def groups(found: Iterable[DatedItem], by: str) -> list[Group]:
    """The lines by `owner` or `severity`, most overdue first, then by name."""
    named: dict[str, list[DatedItem]] = {}
    for line in found:
        name = line.item.owner if by == "owner" else line.postmortem.severity_label
        named.setdefault(name, []).append(line)
    made = [Group(name, tuple(some)) for name, some in named.items()]
    return sorted(made, key=lambda group: (-group.overdue, group.name))


def when(line: DatedItem) -> str:
    """`9 days overdue`, `due in 3 days`, `due 2026-12-01`, or `no due date`."""
    if line.days is None or line.item.due is None:
        return "no due date"
    if line.days < 0:
        return f"{-line.days} day{'s' * (line.days != -1)} overdue"
    if line.days == 0:
        return "due today"
    if line.days <= 14:
        return f"due in {line.days} day{'s' * (line.days != 1)}"
    return f"due {line.item.due}"
