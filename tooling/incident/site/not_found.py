"""The error page: where to go from an address that does not exist."""

from __future__ import annotations

from urllib.parse import urlsplit

from markupsafe import escape

from incident.postmortem.wiki_urls import Layout

_HEADING = "<h1>404 - Not found</h1>"


def with_links(page: str, site_url: str | None, layout: Layout) -> str:
    """The theme's error page with links; one of another theme stays as it is.

    It can appear at any address, so its links begin with the site's path.
    """
    root = urlsplit(site_url or "").path.rstrip("/")

    def link(name: str, text: str) -> str:
        return f'<a href="{escape(f"{root}/{layout.url(name)}")}">{text}</a>'

    return page.replace(
        _HEADING,
        "<h1>This page does not exist</h1>"
        f'<p class="lost">Go to {link("index.md", "the overview")} or '
        f"{link('incidents/index.md', 'the list of incidents')}, or "
        f"{link('search.md', 'search')}.</p>",
    )
