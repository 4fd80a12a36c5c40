"""What the pages share: the templates, and how values are shown."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident import assets, model, severity
from incident.archive import Archive

LABELS = {
    "started_at": "Started",
    "detected_at": "Detected",
    "acknowledged_at": "Acknowledged",
    "mitigated_at": "Mitigated",
    "corrected_at": "Data corrected",
    "consumers_notified_at": "Consumers told",
    "resolved_at": "Resolved",
}


@cache
def _environment(repository: Path | None) -> Environment:
    roots = [repository] if repository else []
    folders = [root / "templates" / "pages" for root in (*roots, assets.root())]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = words
    environment.filters["utc"] = model.utc
    environment.filters["duration"] = model.duration
    environment.globals["meanings"] = severity.MEANINGS
    return environment


def render(template: str, page: str, archive: Archive, **values: Any) -> str:
    """The HTML of the page at the path `page`; every value is escaped."""
    found = _environment(archive.root).get_template(template)
    return found.render(base=base(page), url=url, **values)


def words(value: str) -> str:
    """`in_review` as people read it: `in review`."""
    return "won't do" if value == "wont_do" else value.replace("_", " ")


def base(path: str) -> str:
    """The relative address of the site's root from the page at `path`."""
    depth = path.count("/") + (not path.endswith("index.md"))
    return "/".join([".."] * depth) or "."


page_path = model.page_path
url = model.page_url
