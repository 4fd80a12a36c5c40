"""Code blocks of Mermaid: graphs, if the wiki has the script that draws them."""

from __future__ import annotations

from typing import Any

from pymdownx.superfences import fence_code_format


def fence(has_graphs: bool) -> dict[str, Any]:
    """The custom fence for superfences."""
    # not the theme's class `mermaid`: it would load the script from another host
    shape = fence_code_format if has_graphs else _undrawn
    return {"name": "mermaid", "class": "graph", "format": shape}


def _undrawn(source: str, language: str, css_class: str, *args: Any, **options: Any) -> str:
    """A graph as code, and why it is not drawn."""
    shown = fence_code_format(source, language, f"{css_class}-source", *args, **options)
    note = "A Mermaid diagram, shown as text: this wiki has no mermaid.min.js."
    return f'{shown}<p class="quiet">{note}</p>'
