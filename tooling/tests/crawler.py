"""A crawler over a built site: which links lead nowhere, as its host would answer them."""

from __future__ import annotations

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
        if not path.startswith(prefix):
            return False
        target = site / path.removeprefix(prefix)
        if target.is_dir():
            if index is None or not path.endswith("/"):
                return False
            target = target / index
        if not target.is_file():
            return False
        is_page = target.suffix == ".html"
        return not is_page or unquote(parts.fragment) in page(target).ids | {parts.fragment[:2]}

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
