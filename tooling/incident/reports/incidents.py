"""Incidents: every postmortem in one table, newest first."""

from __future__ import annotations

from datetime import date

from incident.archive import Archive
from incident.reports import _page

TITLE = "Incidents"
PATH = "incidents/index.md"


def build(archive: Archive, today: date) -> str:
    """The page's HTML."""
    return _page.render(
        "incidents.html.j2",
        PATH,
        archive,
        postmortems=archive.postmortems,
        broken=archive.broken,
    )
