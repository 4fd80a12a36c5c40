"""Action items: a board by status, and a page per owner; overdue first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from incident.archive.board import DatedItem
from incident.postmortem.model import Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "actions.md"
COLUMN = 60  # cards per column; owner pages list them all
DONE = 8
SETTLED = 50


class Owner(NamedTuple):
    """One owner's counts."""

    name: str
    open: int
    overdue: int
    settled: int


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The board, and one page per owner."""
    items = wiki.open_items
    states = {
        "": [one for one in items if one.item.status not in {"committed", "in_progress"}],
        "committed": [one for one in items if one.item.status == "committed"],
        "in_progress": [one for one in items if one.item.status == "in_progress"],
        "done": _settled(wiki, "done"),
    }
    names = {"": "Proposed", "committed": "Committed", "in_progress": "In progress", "done": "Done"}
    html = _rendering.render(
        "actions.html.j2",
        PATH,
        wiki,
        columns=[
            (names[state], len(found), found[: DONE if state == "done" else COLUMN])
            for state, found in states.items()
        ],
        overdue=[one for one in items if one.overdue],
        total=len(items),
        owners=owners(wiki),
    )
    yield Page(PATH, "Action items", html)
    by_owner: dict[str, list[DatedItem]] = {}
    for one in wiki.items:
        by_owner.setdefault(one.item.owner, []).append(one)
    owned: dict[str, list[Postmortem]] = {}
    for p in wiki.postmortems:
        owned.setdefault(p.owner, []).append(p)
    for owner in sorted((by_owner.keys() | owned.keys()) - {""}):
        found, own = by_owner.get(owner, []), owned.get(owner, [])[:SETTLED]
        shown = wiki.marks_of([*(one.postmortem for one in found), *own])
        inputs = ("owner", owner, wiki.today, shown)
        yield from wiki.remember(inputs, partial(_owner, wiki, owner, found, own))


def _owner(
    wiki: Wiki, owner: str, found: list[DatedItem], owned: list[Postmortem]
) -> Iterator[Page]:
    path = _rendering.owner_page(owner)
    html = _rendering.render(
        "owner.html.j2",
        path,
        wiki,
        owner=owner,
        open=[one for one in found if one.item.is_open],
        settled=_newest([one for one in found if not one.item.is_open])[:SETTLED],
        owned=owned,
    )
    yield Page(path, owner, html)


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
