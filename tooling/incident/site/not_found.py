"""The error page: where to go from an address that does not exist."""

from __future__ import annotations

from urllib.parse import urlsplit

from markupsafe import escape

_HEADING = "<h1>404 - Not found</h1>"


def with_links(page: str, site_url: str | None) -> str:
    """The theme's error page with links; one of another theme stays as it is.

    It can appear at any address, so its links begin with the site's path.
    """
    root = escape(f"{urlsplit(site_url or '').path.rstrip('/')}/")
    return page.replace(
        _HEADING,
        "<h1>This page does not exist</h1>"
        f'<p class="lost">Go to <a href="{root}">the overview</a> or '
        f'<a href="{root}incidents/">the list of incidents</a>, or '
        f'<a href="{root}search/">search</a>.</p>',
    )
