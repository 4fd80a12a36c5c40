"""Search: the frame that the site's script fills."""

from __future__ import annotations

from datetime import date

from incident.archive import Archive
from incident.reports import _page

TITLE = "Search"
PATH = "search.md"


def build(archive: Archive, today: date) -> str:
    """The page's HTML."""
    return _page.render("search.html.j2", PATH, archive, total=len(archive.entries))
