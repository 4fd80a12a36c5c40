"""Paths and addresses of wiki pages."""

from __future__ import annotations

from typing import NamedTuple

LIST = "incidents/index.md"


class Layout(NamedTuple):
    """Where the wiki's pages are, below its root.

    A page is named as in a wiki of its own ("incidents/2025/x.md", "data/index.md"). In a handbook
    the wiki's root is the folder for incidents, and its postmortems are at the top of it: a team's
    own links to them keep working. `directory_urls`: as `use_directory_urls` in mkdocs.yml.
    """

    in_handbook: bool = False
    directory_urls: bool = True

    def path(self, page: str) -> str:
        """The path of a page's source, or of a file."""
        if not self.in_handbook:
            return page
        return "all/index.md" if page == LIST else page.removeprefix("incidents/")

    def url(self, page: str) -> str:
        """The address of a page or file, from the wiki's root; "" for the root itself."""
        from urllib.parse import quote

        path = quote(self.path(page))
        if not path.endswith(".md"):
            return path
        path = path.removesuffix(".md")
        if not self.directory_urls:
            return f"{path}.html"
        if path == "index" or path.endswith("/index"):
            return path.removesuffix("index")
        return f"{path}/"

    def base(self, page: str) -> str:
        """The relative address of the wiki's root from a page."""
        return "/".join([".."] * self.url(page).count("/")) or "."


def page_path(path: str, archive: str) -> str:
    """The path of the wiki page for a file of the folder `archive`: `incidents/<year>/<id>.md`."""
    return f"incidents/{path.removeprefix(f'{archive}/')}"


def page_url(path: str, archive: str) -> str:
    """The address of that page from the wiki's root."""
    return Layout().url(page_path(path, archive))


def rule_url(name: str) -> str:
    """The address of a rule's page, from the wiki's root."""
    return f"rules/{name}/"


def absolute(wiki_url: str, url: str) -> str:
    """The full address of `url` in the wiki at `wiki_url`; "" if no wiki is configured."""
    return f"{wiki_url.rstrip('/')}/{url}" if wiki_url else ""
