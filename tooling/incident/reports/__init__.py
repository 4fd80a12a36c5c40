"""Reports of the wiki: one module each, whose `build(wiki)` yields pages and files.

Pure functions from the archive to text: no clock, no MkDocs.
"""

from __future__ import annotations

from collections.abc import Iterator

from incident import discovery
from incident.reports._site_data import File, Page, Search, Wiki, make

__all__ = ["File", "Page", "Search", "Wiki", "build_all", "make"]


def build_all(wiki: Wiki) -> Iterator[Page | File]:
    """Every generated page and file of the wiki, at its path below the wiki's root."""
    for module in discovery.load_all(__name__):
        for one in module.build(wiki):
            yield one._replace(path=wiki.layout.path(one.path))
