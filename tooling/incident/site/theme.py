"""What the wiki adds to the theme: templates, styles, scripts, and graphs from code blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from pymdownx.superfences import fence_code_format

from incident.postmortem.markdown.rendering import slug
from incident.reports import _rendering
from incident.repository import resources

ASSETS = "assets/incident"
PAGE_ASSETS = "templates/pages/assets"
THEME = "templates/theme"
MERMAID = "mermaid.min.js"
_FENCES = "pymdownx.superfences"


def prepare(config: MkDocsConfig, root: Path) -> None:
    """Put the wiki's templates before the theme's, and turn `mermaid` code blocks into graphs."""
    for folder in (resources.root() / THEME, root / THEME):
        if folder.is_dir() and str(folder) not in config.theme.dirs:
            config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(folder))
    # one scope for all pages, so that the theme's inline script and its hash are the same on each
    path = urlsplit(config.site_url or "").path or "/"
    config.extra.setdefault("scope", path)
    # the linter uses this function's anchors; a team's own choice takes precedence
    config.mdx_configs.setdefault("toc", {}).setdefault("slugify", slug)
    if _FENCES in config.markdown_extensions:
        options = config.mdx_configs.setdefault(_FENCES, {})
        fences = options.setdefault("custom_fences", [])
        if not any(fence.get("name") == "mermaid" for fence in fences):
            # not the theme's class `mermaid`: it would load the script from another host
            drawn = f"{ASSETS}/{MERMAID}" in static(root)
            shape = fence_code_format if drawn else _undrawn
            fences.append({"name": "mermaid", "class": "graph", "format": shape})


def _undrawn(source: str, language: str, css_class: str, *args: Any, **options: Any) -> str:
    """A graph as code, and why it is not drawn."""
    shown = fence_code_format(source, language, f"{css_class}-source", *args, **options)
    note = "A Mermaid diagram, shown as text: this wiki has no mermaid.min.js."
    return f'{shown}<p class="quiet">{note}</p>'


def own(root: Path, config: MkDocsConfig) -> bool:
    """Whether only this project's and the theme's templates are used."""
    return not config.theme.custom_dir and not (root / THEME).is_dir()


def static(root: Path) -> dict[str, Path]:
    """Path in the site and source of every style, script and font; a repository's own win."""
    folders = (resources.root() / PAGE_ASSETS, root / PAGE_ASSETS)
    names = {f.name for folder in folders if folder.is_dir() for f in folder.iterdir()}
    found = {f"{ASSETS}/{name}": _rendering.find(PAGE_ASSETS, name, root) for name in sorted(names)}
    graphs = root / "node_modules" / "mermaid" / "dist" / MERMAID
    if graphs.is_file():
        found.setdefault(f"{ASSETS}/{MERMAID}", graphs)
    return found
