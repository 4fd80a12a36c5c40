"""Home: what this is, the newest incidents, what is still open."""

from __future__ import annotations

from datetime import date

from incident.archive import Archive
from incident.reports import _page, actions

TITLE = "Home"
PATH = "index.md"
NEWEST = 6
ITEMS = 8


def build(archive: Archive, today: date) -> str:
    """The page's HTML."""
    found = archive.postmortems
    items = actions.open_items(archive, today)
    return _page.render(
        "home.html.j2",
        PATH,
        archive,
        newest=found[:NEWEST],
        total=len(found),
        items=items[:ITEMS],
        open_total=len(items),
        overdue=sum(item.overdue for item in items),
        unresolved=[p for p in found if "resolved_at" not in p.times],
    )
