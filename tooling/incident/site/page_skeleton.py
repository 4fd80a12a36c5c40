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

TEMPLATE = "incident-ready.html"
PARTS = ("title", "content", "toc", "first", "canonical", "edit")
_KEPT = re.compile(r"(<(script|style|pre|textarea)\b.*?</\2>)", re.DOTALL)
_BREAK = re.compile(r"\s*\n\s*")

Kind = tuple[object, ...]


@dataclass
class Skeletons:
    """The skeletons of one build, by kind of page.

    `is_active`: whether pages are filled at all; otherwise the theme renders each of them.
    `env`: the theme's templates. `token` is new in each build: no page can contain it.
    """

    is_active: bool
    env: Environment = field(default_factory=lambda: Environment(autoescape=True))
    token: str = field(default_factory=lambda: f"x{secrets.token_hex(12)}x")
    known: dict[Kind, list[str]] = field(default_factory=dict)
    asked: set[Kind] = field(default_factory=set)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, page: Page) -> None:
        """Fill this page; the theme renders only the first of its kind."""
        if not self.is_active:
            return
        kind = _kind(page)
        if kind in self.asked:
            page.meta["template"] = TEMPLATE
        self.asked.add(kind)
        self.parts[page.file.src_uri] = {}

    def mark(self, page: Page) -> None:
        """Put marks in place of what differs, and remember what they stand for."""
        path = page.file.src_uri
        if path not in self.parts:
            return
        toc = _shown(page.toc)
        self.parts[path] = {
            "title": str(page.title or ""),
            "content": squeeze(page.content or ""),
            "toc": _contents(self.env, toc),
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

    def fill(self, page: Page, output: str) -> str:
        """The finished page: a skeleton with the parts of this page, or the theme's `output`."""
        values = self.parts.pop(page.file.src_uri, None)
        if values is None:
            return output
        kind = _kind(page)
        if page.meta.get("template") != TEMPLATE:
            self._learn(kind, output)
        pieces = self.known[kind]
        return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(pieces))

    def _learn(self, kind: Kind, output: str) -> None:
        """Cut the rendered page where the marks are."""
        output = output.replace("<!--<h1-->", "")
        item = rf'<li class="md-nav__item">(?:(?!<li).)*?{self._mark("toc")}.*?</li>'
        output = re.sub(item, self._mark("toc"), output, flags=re.DOTALL)
        self.known[kind] = re.split(f"{self.token}-({'|'.join(PARTS)})-", squeeze(output))

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


def _contents(env: Environment, toc: list[AnchorLink]) -> str:
    """The entries of the table of contents, as the theme writes them."""
    template = env.get_template("partials/toc-item.html")
    return _BREAK.sub("\n", "".join(template.render(toc_item=item) for item in toc))


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
