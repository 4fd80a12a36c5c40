"""The wiki's styles, scripts and fonts."""

from __future__ import annotations

from pathlib import Path

from incident.reports import rendering
from incident.repository import resources

ASSETS = "assets/incident"
STYLE = f"{ASSETS}/incident.css"
SCRIPT = f"{ASSETS}/incident.mjs"
LOOK = f"{ASSETS}/look.css"
PAGE_ASSETS = "templates/pages/assets"
MERMAID = "mermaid.min.js"


def static(root: Path) -> dict[str, Path]:
    """Path in the wiki and source of every style, script and font; a repository's own win."""
    folders = (resources.root() / PAGE_ASSETS, root / PAGE_ASSETS)
    names = {f.name for folder in folders if folder.is_dir() for f in folder.iterdir()}
    found = {f"{ASSETS}/{name}": rendering.find(PAGE_ASSETS, name, root) for name in sorted(names)}
    graphs = root / "node_modules" / "mermaid" / "dist" / MERMAID
    if graphs.is_file():
        found.setdefault(f"{ASSETS}/{MERMAID}", graphs)
    return found


def has_graphs(root: Path) -> bool:
    """Whether the site has the script that draws graphs."""
    return f"{ASSETS}/{MERMAID}" in static(root)
