"""The pages of the wiki: MkDocs and other plugins get the finished HTML, never an author's text."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from incident.postmortem.markdown.rendering import slug
from incident.repository import resources
from incident.site import graph_fence

if TYPE_CHECKING:
    from incident.site.build import Build

GUARD = "incident"
_FENCES = "pymdownx.superfences"


class OwnFile(File):
    """A file whose page is ours, even if a navigation plugin wants to create it again."""

    own: Page | None = None

    @property
    def page(self) -> Page | None:
        """The page."""
        return self.own

    @page.setter
    def page(self, page: Page | None) -> None:
        if isinstance(page, OwnPage):
            self.own = page


class OwnPage(Page):
    """A page of ours.

    Its Markdown is empty for other plugins: they could run code in it (macros, includes) or change
    what the linter checked. They see the HTML, after it was sanitized.
    """

    def __init__(self, file: OwnFile, build: Build) -> None:
        super().__init__(None, file, build.config)
        self.build = build
        self.filled = ""  # the finished page, if the theme did not render it

    def read_source(self, config: MkDocsConfig) -> None:
        """Set title and metadata."""
        self.markdown, self.meta = "", {}
        self.build.start_page(self)

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert, sanitize, and add the generated header."""
        text = self.build.contents.markdown(self.file.src_uri)
        if text.strip():
            self.markdown = text
            with self.build.converting(self):
                super().render(self.build.conversion, files)
            self.markdown = ""
        else:
            self.content, self.present_anchor_ids, self.links_to_anchors = "", set(), {}
        self.content = self.build.content(self.content or "", self)


def conversion(config: MkDocsConfig, in_handbook: bool, has_graphs: bool) -> MkDocsConfig:
    """The configuration for converting our pages; the handbook's pages keep theirs.

    In a handbook, the extensions are those of our own mkdocs.yml: the linter checks for these, and
    the handbook's may include files or run code.
    """
    made = copy.copy(config)
    if in_handbook:
        names, options = _packaged()
        made.markdown_extensions, made.mdx_configs = list(names), copy.deepcopy(options)
    else:
        made.mdx_configs = {name: dict(value) for name, value in config.mdx_configs.items()}
        made.markdown_extensions = list(config.markdown_extensions)
    if GUARD not in made.markdown_extensions:  # it rewrites links, too
        made.markdown_extensions.append(GUARD)
    # the linter uses this function's anchors; a team's own choice takes precedence
    made.mdx_configs.setdefault("toc", {}).setdefault("slugify", slug)
    if _FENCES in made.markdown_extensions:
        options = made.mdx_configs.setdefault(_FENCES, {})
        fences = list(options.get("custom_fences", []))
        if not any(fence.get("name") == "mermaid" for fence in fences):
            fences.append(graph_fence.fence(has_graphs))
        options["custom_fences"] = fences
    return made


@cache
def _packaged() -> tuple[list[str], dict[str, Any]]:
    """The Markdown extensions of our own mkdocs.yml, and their options."""
    text = (resources.root() / "mkdocs.yml").read_text(encoding="utf-8")
    names, options = [], {}
    for one in yaml.safe_load(text)["markdown_extensions"]:
        for name, value in one.items() if isinstance(one, dict) else [(one, {})]:
            names.append(name)
            options[name] = value or {}
    return names, options
