"""Search: the page that the site's script fills."""

from __future__ import annotations

from collections.abc import Iterator

from incident.reports import _rendering, _search_records
from incident.reports._site_data import File, Page, Wiki

PATH = "search.md"


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page; a handbook has its own search."""
    if wiki.search != "own":
        return
    html = _rendering.render("search.html.j2", PATH, wiki, kinds=list(_search_records.Kind))
    yield Page(PATH, "Search", html)
