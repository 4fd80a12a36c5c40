"""Action items: all that are open, overdue first."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from incident.archive import Archive
from incident.model import ActionItem, Postmortem
from incident.reports import _page

TITLE = "Action items"
PATH = "actions.md"


class OpenItem(NamedTuple):
    """An open action item with its postmortem; `days` until it is due, negative when overdue."""

    item: ActionItem
    postmortem: Postmortem
    days: int | None
    overdue: bool


def open_items(archive: Archive, today: date) -> list[OpenItem]:
    """Every open action item, the one that was due first at the top."""
    found = [
        OpenItem(item, p, (item.due - today).days if item.due else None, item.overdue(today))
        for p in archive.postmortems
        for item in p.open_items
    ]
    return sorted(found, key=lambda one: (one.item.due or date.max, one.postmortem.id))


def build(archive: Archive, today: date) -> str:
    """The page's HTML."""
    return _page.render("actions.html.j2", PATH, archive, items=open_items(archive, today))
