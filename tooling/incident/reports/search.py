"""Search: the frame that the site's script fills."""

from __future__ import annotations

from collections.abc import Iterator

from incident.reports import _page
from incident.reports._wiki import File, Page, Wiki

PATH = "search.md"


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page."""
    html = _page.render("search.html.j2", PATH, wiki.root, total=len(wiki.postmortems))
    yield Page(PATH, "Search", html)
