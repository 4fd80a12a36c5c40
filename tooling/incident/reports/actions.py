"""Action items: a board by status, and a page and a calendar per owner; overdue first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from incident.archive.board import DatedItem
from incident.postmortem.model import Postmortem
from incident.reports import _calendar, _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "actions.md"
DATA = "actions.json"
CALENDAR = "actions.ics"
COLUMN = 12  # cards per column; the script and the owners' pages show the others
FOLDED = 20
OWNERS = 8
OPEN = 80  # on an owner's page: it stays below 100 kB
SETTLED = 20
STATES = {"in_progress": "In progress", "committed": "Committed", "": "Proposed"}
FIELDS = (
    "key",
    "title",
    "state",
    "owner",
    "owner_url",
    "type",
    "severity",
    "severity_label",
    "due",
    "incident",
    "url",
)


class Owner(NamedTuple):
    """One owner's counts."""

    name: str
    open: int
    overdue: int
    settled: int


class Column(NamedTuple):
    """The open items with one status, overdue first."""

    state: str
    name: str
    items: list[DatedItem]

    @property
    def overdue(self) -> int:
        """How many are overdue."""
        return sum(one.overdue for one in self.items)


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The board with its data and calendar, and a page and a calendar per owner."""
    items = wiki.open_items
    columns = [
        Column(state, name, [one for one in items if _state(one) == state])
        for state, name in STATES.items()
    ]
    late = [one for one in items if one.overdue]
    html = _rendering.render(
        "actions.html.j2",
        PATH,
        wiki,
        columns=columns,
        most=COLUMN,
        folded=[
            (name, found, found[:FOLDED])
            for name, status in (("Done", "done"), ("Won't do", "wont_do"))
            if (found := _settled(wiki, status))
        ],
        total=len(items),
        said=_said(len(items), [-(one.days or 0) for one in late]),
        owners=[one for one in owners(wiki) if one.open][:OWNERS],
        data=DATA,
        calendar=CALENDAR,
    )
    yield Page(PATH, "Action items", html)
    yield File(DATA, json.dumps(rows(wiki), ensure_ascii=False, separators=(",", ":")) + "\n")
    yield File(CALENDAR, _calendar.render(wiki, items, wiki.postmortems))
    by_owner: dict[str, list[DatedItem]] = {}
    for one in wiki.items:
        by_owner.setdefault(one.item.owner, []).append(one)
    owned: dict[str, list[Postmortem]] = {}
    for p in wiki.postmortems:
        owned.setdefault(p.owner, []).append(p)
    for owner in sorted((by_owner.keys() | owned.keys()) - {""}):
        found, own = by_owner.get(owner, []), owned.get(owner, [])[:SETTLED]
        shown = wiki.marks_of([*(one.postmortem for one in found), *own])
        inputs = ("owner", owner, wiki.today, wiki.site_url, shown)
        yield from wiki.remember(inputs, partial(_owner, wiki, owner, found, own))


def _said(total: int, late: list[int]) -> str:
    """How many items are open and overdue, as a sentence; `late`: days."""
    if not late:
        return f"{total:,} open, {'not' if total == 1 else 'none of them'} overdue."
    if total == 1:
        return f"1 open, overdue for {late[0]:,} day{'' if late[0] == 1 else 's'}."
    count = "all" if len(late) == total else f"{len(late):,}"
    by = f"by {max(late):,} day{'' if max(late) == 1 else 's'}"
    oldest = by if len(late) == 1 else f"the oldest {by}"
    return f"{total:,} open, {count} of them overdue, {oldest}."


def rows(wiki: Wiki) -> dict[str, object]:
    """The names of the fields, and a list per open item, earliest due date first."""
    return {"fields": FIELDS, "rows": [_row(wiki, one) for one in wiki.open_items]}


def _row(wiki: Wiki, one: DatedItem) -> list[object]:
    p, item = one.postmortem, one.item
    at = wiki.layout.url
    return [
        one.key,
        item.title or item.id,
        _state(one),
        item.owner,
        at(_rendering.owner_page(item.owner)) if item.owner else "",
        item.type,
        p.severity,
        p.severity_label,
        str(item.due or ""),
        p.title or p.id,
        at(_rendering.page_of(p)),
    ]


def _state(one: DatedItem) -> str:
    """The column of an open item."""
    return one.item.status if one.item.status in STATES else ""


def _owner(
    wiki: Wiki, owner: str, found: list[DatedItem], owned: list[Postmortem]
) -> Iterator[Page | File]:
    path = _rendering.owner_page(owner)
    html = _rendering.render(
        "owner.html.j2",
        path,
        wiki,
        owner=owner,
        open=(items := [one for one in found if one.item.is_open])[:OPEN],
        open_total=len(items),
        settled=_newest([one for one in found if not one.item.is_open])[:SETTLED],
        owned=owned,
        calendar=f"actions/{_rendering.slug(owner)}.ics",
    )
    yield Page(path, owner, html)
    text = _calendar.render(wiki, items, owned, owner)
    yield File(f"actions/{_rendering.slug(owner)}.ics", text)


def owners(wiki: Wiki) -> list[Owner]:
    """Everyone with an item, most overdue first; "" for unassigned."""
    counts: dict[str, Counter[str]] = {}
    for one in wiki.items:
        count = counts.setdefault(one.item.owner, Counter())
        count["open" if one.item.is_open else "settled"] += 1
        count["overdue"] += one.overdue
    found = [Owner(name, c["open"], c["overdue"], c["settled"]) for name, c in counts.items()]
    return sorted(found, key=lambda o: (-o.overdue, -o.open, o.name))


def _settled(wiki: Wiki, status: str) -> list[DatedItem]:
    return _newest([one for one in wiki.items if one.item.status == status])


def _newest(items: list[DatedItem]) -> list[DatedItem]:
    return sorted(items, key=lambda one: (str(one.item.due or ""), one.postmortem.id), reverse=True)
