"""The theme's page, rendered once per kind of page and then filled in.

Rendering the theme takes longer than all that differs between pages: title, content, table of
contents and URLs.
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

    `is_active`: whether to use skeletons; otherwise the theme renders every page.
    `env`: the theme's templates. `token` is new in each build, so no page can contain it.
    """

    is_active: bool
    env: Environment = field(default_factory=lambda: Environment(autoescape=True))
    token: str = field(default_factory=lambda: f"x{secrets.token_hex(12)}x")
    known: dict[Kind, list[str]] = field(default_factory=dict)
    asked: set[Kind] = field(default_factory=set)
    parts: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, page: Page) -> None:
        """Fill in this page; the theme renders only the first of its kind."""
        if not self.is_active:
            return
        kind = _kind(page)
        if kind in self.asked:
            page.meta["template"] = TEMPLATE
        self.asked.add(kind)
        self.parts[page.file.src_uri] = {}

    def mark(self, page: Page) -> None:
        """Replace the parts that differ with marks, and remember the parts."""
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
        # the theme adds a heading if there is none
        page.content = f"<!--<h1-->{self._mark('content')}"
        only = AnchorLink(self._mark("toc"), self._mark("first"), 2)
        page.toc = TableOfContents([only] if toc else [])
        page.canonical_url = page.canonical_url and self._mark("canonical")
        page.edit_url = page.edit_url and self._mark("edit")

    def fill(self, page: Page, output: str) -> str:
        """The finished page: a skeleton with this page's parts, or the theme's `output`."""
        values = self.parts.pop(page.file.src_uri, None)
        if values is None:
            return output
        kind = _kind(page)
        if page.meta.get("template") != TEMPLATE:
            self._learn(kind, output)
        pieces = self.known[kind]
        return "".join(values[piece] if n % 2 else piece for n, piece in enumerate(pieces))

    def _learn(self, kind: Kind, output: str) -> None:
        """Split the rendered page at the marks."""
        output = output.replace("<!--<h1-->", "")
        item = rf'<li class="md-nav__item">(?:(?!<li).)*?{self._mark("toc")}.*?</li>'
        output = re.sub(item, self._mark("toc"), output, flags=re.DOTALL)
        self.known[kind] = re.split(f"{self.token}-({'|'.join(PARTS)})-", squeeze(output))

    def _mark(self, part: str) -> str:
        return f"{self.token}-{part}-"


def squeeze(text: str) -> str:
    """HTML without indentation; the contents of `pre` and scripts are kept."""
    # every third part is the name of a kept element; the part before it is the element itself
    return "".join(
        _BREAK.sub("\n", part) if n % 3 == 0 else part
        for n, part in enumerate(_KEPT.split(text))
        if n % 3 != 2
    )


def _contents(env: Environment, toc: list[AnchorLink]) -> str:
    """The table of contents, as the theme renders it."""
    template = env.get_template("partials/toc-item.html")
    return _BREAK.sub("\n", "".join(template.render(toc_item=item) for item in toc))


def _shown(toc: TableOfContents) -> list[AnchorLink]:
    """The entries that the theme shows: those under a first-level heading."""
    items = list(toc)
    return items[0].children if items and items[0].level == 1 else items


def _kind(page: Page) -> Kind:
    return (
        page.url.rstrip("/").rpartition("/")[0],  # links to other pages depend on this
        tuple(page.meta.get("hide", ())),
        bool(page.canonical_url),
        bool(page.edit_url),
        bool(_shown(page.toc)),
    )
