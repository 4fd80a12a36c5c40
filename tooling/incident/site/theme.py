"""The wiki's styles, scripts and fonts, and what a wiki of its own changes in the theme."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig

from incident.reports import _rendering
from incident.repository import resources

ASSETS = "assets/incident"
STYLE = f"{ASSETS}/incident.css"
SCRIPT = f"{ASSETS}/incident.mjs"
LOOK = f"{ASSETS}/look.css"
PAGE_ASSETS = "templates/pages/assets"
THEME = "templates/theme"
MERMAID = "mermaid.min.js"


def prepare(config: MkDocsConfig, root: Path) -> None:
    """Prepare the theme of a wiki of its own; a handbook keeps its theme."""
    own = root / THEME
    if own.is_dir() and str(own) not in config.theme.dirs:
        config.theme.dirs.insert(1 if config.theme.custom_dir else 0, str(own))
    # one scope for all pages, so that the theme's inline script and its hash are the same on each
    config.extra.setdefault("scope", urlsplit(config.site_url or "").path or "/")
    config.extra_css[:0] = [LOOK, STYLE]
    script = ExtraScriptValue(SCRIPT)
    script.type = "module"
    config.extra_javascript.insert(0, script)


def static(root: Path) -> dict[str, Path]:
    """Path in the wiki and source of every style, script and font; a repository's own win."""
    folders = (resources.root() / PAGE_ASSETS, root / PAGE_ASSETS)
    names = {f.name for folder in folders if folder.is_dir() for f in folder.iterdir()}
    found = {f"{ASSETS}/{name}": _rendering.find(PAGE_ASSETS, name, root) for name in sorted(names)}
    graphs = root / "node_modules" / "mermaid" / "dist" / MERMAID
    if graphs.is_file():
        found.setdefault(f"{ASSETS}/{MERMAID}", graphs)
    return found


def has_graphs(root: Path) -> bool:
    """Whether the site has the script that draws graphs."""
    return f"{ASSETS}/{MERMAID}" in static(root)
