"""The theme's page, rendered once for each kind of page and then filled in.

Rendering the theme takes several times as long as inserting what differs between such pages.
"""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jinja2 import ChoiceLoader, DictLoader, Environment
from markupsafe import Markup
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils.templates import TemplateContext

EMPTY = "incident-empty.html"  # the template of a page that is filled in
_HAS_HEADING = "<!--<h1-->"  # without one in the content, the theme adds a heading


@dataclass(frozen=True)
class _Skeleton:
    """`pieces`: HTML, and at every second place the name of what goes there.

    `within`, `between`: the HTML from an id to its title in the outline, and on to the next id.
    """

    pieces: Sequence[str]
    within: str = ""
    between: str = ""

    def filled(self, page: Page) -> str:
        items = list(page.toc)
        title = str(page.title or "")
        values = {
            "title&amp;": title,
            "title&": Markup(title).striptags(),  # noqa: S704 - where the theme does this, too
            "content": page.content or "",
            "outline": self.between.join(f"{i.id}{self.within}{i.title}" for i in items),
            "id1": items[0].id if items else "",
            "canonical": page.canonical_url or "",
            "edit": page.edit_url or "",
        }
        return "".join(values[one] if n % 2 else one for n, one in enumerate(self.pieces))


class Skeletons:
    """The skeletons of one build.

    `env`: the theme's templates. `finish`: what is done to a page, and to a skeleton, at the end.
    """

    def __init__(self, env: Environment, finish: Callable[[str, Page], str]) -> None:
        env.loader = ChoiceLoader([DictLoader({EMPTY: ""}), *filter(None, [env.loader])])
        self.env, self.finish = env, finish
        self.token = f"x{secrets.token_hex(12)}x"  # no page can contain it
        self.known: dict[object, _Skeleton | None] = {}

    def render(self, page: Page, context: TemplateContext) -> str:
        """The finished page."""
        kind = _kind(page)
        if kind and kind not in self.known:
            self.known[kind] = self._learn(page, context)
        if skeleton := self.known.get(kind):
            return skeleton.filled(page)
        return self.finish(self._themed(page, context), page)

    def _themed(self, page: Page, context: TemplateContext) -> str:
        return self.env.get_template("main.html").render({**context, "page": page})

    def _learn(self, page: Page, context: TemplateContext) -> _Skeleton | None:
        """The skeleton of a page like this one; None if the theme shows more of it than we know."""
        marked = copy.copy(page)
        marked.title = self._mark("title&amp;")
        marked.content = f"{_HAS_HEADING}{self._mark('content')}"
        items = [AnchorLink(self._mark(f"title{n}"), self._mark(f"id{n}"), 2) for n in (1, 2)]
        marked.toc = TableOfContents(items if list(page.toc) else [])
        marked.canonical_url = page.canonical_url and self._mark("canonical")
        marked.edit_url = page.edit_url and self._mark("edit")
        themed = self._themed(marked, context).replace(_HAS_HEADING, "")
        if self._split(themed).filled(page) != self._themed(page, context):
            return None
        return self._split(self.finish(themed, page))

    def _mark(self, part: str) -> str:
        return f"{self.token}-{part}-"

    def _split(self, text: str) -> _Skeleton:
        html = f"((?:(?!{self.token}).)*)"
        outline = html.join(map(self._mark, ("id1", "title1", "id2", "title2")))
        within = between = ""
        if found := re.search(outline, text, re.DOTALL):
            within, between, _ = found.groups()
            text = f"{text[: found.start()]}{self._mark('outline')}{text[found.end() :]}"
        return _Skeleton(re.split(f"{self.token}-([a-z0-9&;]+)-", text), within, between)


def _kind(page: Page) -> object:
    """Pages of one kind differ only in what is inserted; None for a page that needs the theme."""
    items = list(page.toc)
    if "<h1" not in (page.content or "") or any(i.children or i.level == 1 for i in items):
        return None
    folder = page.url.rstrip("/").rpartition("/")[0]  # links to other pages depend on it
    first = page.file.src_uri.partition("/")[0]  # the tab depends on it
    shown = bool(items), bool(page.canonical_url), bool(page.edit_url)
    return folder, first, tuple(page.meta.get("hide", ())), shown
