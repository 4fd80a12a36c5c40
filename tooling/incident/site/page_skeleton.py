"""The theme's page around many pages: rendered once for each kind, then filled.

Rendering the theme takes longer than everything that differs from page to page: title, content,
table of contents and addresses.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

from jinja2 import Environment
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

PARTS = ("title", "content", "toc", "first", "canonical", "edit")
_KEPT = re.compile(r"(<(script|style|pre|textarea)\b.*?</\2>)", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")

Kind = tuple[object, ...]


@dataclass
class Shells:
    """The shells of one build, by kind of page. `token` is made anew: no page can hold it."""

    token: str = field(default_factory=lambda: f"x{secrets.token_hex(12)}x")
    known: dict[Kind, list[str]] = field(default_factory=dict)
    asked: set[Kind] = field(default_factory=set)

    def first(self, page: Page) -> bool:
        """Whether this page is the first of its kind: the one that the theme renders."""
        kind = _kind(page)
        if kind in self.asked:
            return False
        self.asked.add(kind)
        return True

    def mark(self, page: Page) -> dict[str, str]:
        """Put marks in place of what differs, and give back what they stand for."""
        toc = _shown(page.toc)
        values = {
            "title": str(page.title or ""),
            "content": squeeze(page.content or ""),
            "toc": "",
            "first": next((item.url for item in page.toc), "#")[1:],
            "canonical": page.canonical_url or "",
            "edit": page.edit_url or "",
        }
        page.title = self._mark("title")
        # the theme adds a heading where it sees none
        page.content = f"<!--<h1-->{self._mark('content')}"
        only = AnchorLink(self._mark("toc"), self._mark("first"), 2)
        page.toc = TableOfContents([only] if toc else [])
        page.canonical_url = page.canonical_url and self._mark("canonical")
        page.edit_url = page.edit_url and self._mark("edit")
        return values

    def learn(self, page: Page, output: str) -> None:
        """Cut the rendered page where the marks are."""
        output = output.replace("<!--<h1-->", "")
        item = rf'<li class="md-nav__item">(?:(?!<li).)*?{self._mark("toc")}.*?</li>'
        output = re.sub(item, self._mark("toc"), output, flags=re.DOTALL)
        text = squeeze(output)
        self.known[_kind(page)] = re.split(f"{self.token}-({'|'.join(PARTS)})-", text)

    def fill(self, page: Page, values: dict[str, str]) -> str:
        """The finished page."""
        pieces = self.known[_kind(page)]
        return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(pieces))

    def _mark(self, part: str) -> str:
        return f"{self.token}-{part}-"


def squeeze(text: str) -> str:
    """HTML without the blanks that indent it; what stands in `pre` or a script is kept."""
    # every third part is the name of a kept element, each before it the element itself
    return "".join(
        _BREAK.sub("\n", part) if n % 3 == 0 else part
        for n, part in enumerate(_KEPT.split(text))
        if n % 3 != 2
    )


def contents(env: Environment, page: Page) -> str:
    """The entries of the table of contents, as the theme writes them."""
    template = env.get_template("partials/toc-item.html")
    found = "".join(template.render(toc_item=item) for item in _shown(page.toc))
    return _BREAK.sub("\n", found)


def _shown(toc: TableOfContents) -> list[AnchorLink]:
    """What the theme shows: below a heading of the first level, what stands under it."""
    items = list(toc)
    return items[0].children if items and items[0].level == 1 else items


def _kind(page: Page) -> Kind:
    return (
        page.url.rstrip("/").rpartition("/")[0],  # links to other pages depend on it
        tuple(page.meta.get("hide", ())),
        bool(page.canonical_url),
        bool(page.edit_url),
        bool(_shown(page.toc)),
    )
