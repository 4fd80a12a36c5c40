"""A crawler over a built site: which links lead nowhere, as its host would answer them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

ADDRESSES = {
    *(("a", "href"), ("link", "href"), ("img", "src"), ("script", "src"), ("form", "action")),
    *(("source", "src"), ("iframe", "src"), ("use", "href")),
}
HOST = "http://wiki.example"


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids = {"", "top"}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.ids.add(value)
            if (tag, name) in ADDRESSES and value is not None:
                self.links.append(value)


def _answer(site: Path, path: str, index: str | None) -> Path | None:
    """The file that the host answers a path with."""
    target = site / path
    if target.is_dir():
        if index is None or not (path.endswith("/") or path == ""):
            return None
        target = target / index
    return target if target.is_file() else None


def missing(site: Path, addresses: Iterable[str], index: str | None) -> list[str]:
    """Those of some addresses, relative to the site's root, at which the host has nothing."""
    paths = ((address, unquote(urlsplit(address).path)) for address in addresses)
    return [one for one, path in paths if _answer(site, path, index) is None]


def dead_links(
    site: Path, prefix: str = "/", *, index: str | None = "index.html", name: str = ""
) -> tuple[int, list[str]]:
    """The number of pages, and "page: link" for each link to no file or no anchor of the site.

    `prefix`: where the host has the site. `index`: the file that it answers a folder with; None for
    a bucket or a disk, which have no such file. `name`: the host itself, in the site's own URLs.
    """

    @cache
    def page(path: Path) -> _Page:
        read = _Page()
        read.feed(path.read_text(encoding="utf-8"))
        return read

    def is_there(address: str) -> bool:
        parts = urlsplit(address)
        path = unquote(parts.path)
        target = (
            _answer(site, path.removeprefix(prefix), index) if path.startswith(prefix) else None
        )
        if target is None or target.suffix != ".html":
            return target is not None
        return unquote(parts.fragment) in page(target).ids | {parts.fragment[:2]}

    found = []
    pages = sorted(site.rglob("*.html"))
    for path in pages:
        where = path.relative_to(site).as_posix()
        shown = where.removesuffix("index.html") if index and where != "404.html" else where
        for link in page(path).links:
            address = urljoin(f"{HOST}{prefix}{shown}", link)
            if name and address.startswith(name):
                address = HOST + prefix + address.removeprefix(name)
            if address.startswith(f"{HOST}/") and not is_there(address):
                found.append(f"{where}: {link}")
    return len(pages), found
