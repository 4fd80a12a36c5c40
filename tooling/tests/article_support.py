"""What a built page says and where it leads: the article, whatever the theme adds around it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin

from crawler import ADDRESSES

VOID = {"br", "img", "input", "hr", "meta", "link", "source", "wbr", "area", "col", "embed"}


class Article(NamedTuple):
    """The words of an article, its elements in order, and the addresses that it leads to."""

    words: list[str]
    elements: list[str]
    addresses: list[str]


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.depth = self.form = 0
        self.words: list[str] = []
        self.elements: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kinds = (dict(attrs).get("class") or "").split()
        if not self.depth and not {"incident", "report"} & set(kinds):
            return
        if tag not in VOID:
            self.depth += 1
        if tag == "form":
            self.form = self.depth
        if self.form:
            return  # a search box depends on the engine
        self.elements.append(tag)
        for name, value in attrs:
            if (tag, name) in ADDRESSES and value is not None:
                self.addresses.append(unquote(urljoin(f"http://wiki.example/{self.page}", value)))

    def handle_endtag(self, tag: str) -> None:
        if self.depth and tag not in VOID:
            if self.form == self.depth:
                self.form = 0
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth and not self.form:
            self.words += data.split()


def articles(site: Path) -> dict[str, Article]:
    """The article of each page of a site, by the page's address."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        page = path.relative_to(site).as_posix().removesuffix("index.html")
        reader = _Reader(page)
        reader.feed(path.read_text(encoding="utf-8"))
        if reader.elements:
            found[page] = Article(reader.words, reader.elements, reader.addresses)
    return found


def differences(wiki: dict[str, Article], other: dict[str, Article]) -> list[str]:
    """The pages that are missing, say something else or lead elsewhere; search aside."""
    search = next(page for page in wiki if page.startswith("search"))
    found = sorted((wiki.keys() - {search}) ^ other.keys())
    for page in wiki.keys() & other.keys():
        ours, theirs = wiki[page], other[page]
        if page in {"", "index.html"}:  # the wiki's own has a search box, and suggests searches
            is_same = set(theirs.words) <= set(ours.words)
            is_same &= set(theirs.addresses) <= set(ours.addresses)
        else:
            is_same = ours == theirs
        found += [] if is_same else [page]
    return found
