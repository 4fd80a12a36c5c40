"""Reports of the wiki: one module each, whose `build(wiki)` yields pages and files.

Pure functions from the archive to text: no clock, no MkDocs.
"""

from __future__ import annotations

from collections.abc import Iterator

from incident import discovery
from incident.reports import _incident as incident_page
from incident.reports import _rendering as rendering
from incident.reports import _search_records as search_records
from incident.reports._site_data import MAIN_PAGES, File, Page, Search, Wiki, make

__all__ = [
    "MAIN_PAGES",
    "File",
    "Page",
    "Search",
    "Wiki",
    "build_all",
    "incident_page",
    "make",
    "rendering",
    "search_records",
]


def build_all(wiki: Wiki) -> Iterator[Page | File]:
    """Every generated page and file of the wiki, at its path below the wiki's root."""
    for module in discovery.load_all(__name__):
        for one in module.build(wiki):
            yield one._replace(path=wiki.layout.path(one.path))
