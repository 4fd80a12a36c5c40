"""Paths and addresses of wiki pages."""

from __future__ import annotations


def page_path(path: str, archive: str) -> str:
    """The path of the wiki page for a file of the folder `archive`: `incidents/<year>/<id>.md`."""
    return f"incidents/{path.removeprefix(f'{archive}/')}"


def page_url(path: str, archive: str) -> str:
    """The address of that page from the wiki's root."""
    from urllib.parse import quote

    return quote(page_path(path, archive).removesuffix(".md")) + "/"


def rule_url(name: str) -> str:
    """The address of a rule's page, from the wiki's root."""
    return f"rules/{name}/"


def absolute(wiki_url: str, url: str) -> str:
    """The full address of `url` in the wiki at `wiki_url`; "" if no wiki is configured."""
    return f"{wiki_url.rstrip('/')}/{url}" if wiki_url else ""
