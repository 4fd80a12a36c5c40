"""What the pages share: the templates, and how values are shown."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident import assets, model, severity

LABELS = {
    "started_at": "Started",
    "detected_at": "Detected",
    "acknowledged_at": "Acknowledged",
    "mitigated_at": "Mitigated",
    "corrected_at": "Data corrected",
    "consumers_notified_at": "Consumers told",
    "resolved_at": "Resolved",
}


_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,19}:[a-z0-9_][a-z0-9_.-]{0,99}|[a-z][a-z0-9_-]{0,79}")
# names that another page has, that Windows keeps for devices, or that it would shorten
_RESERVED = re.compile(r"(?:index|readme)$|(?:con|prn|aux|nul|com\d|lpt\d)(?:[.:]|$)|.*\.$")
_OTHER = re.compile(r"[^a-z0-9_.]+")


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
    environment.filters["minutes"] = model.minutes
    environment.globals["meanings"] = severity.MEANINGS
    return environment


def render(template: str, page: str, root: Path | None, **values: Any) -> str:
    """The HTML of the page at the path `page`; every value is escaped.

    `root`: the repository, whose own templates win, or None.
    """
    found = _environment(root).get_template(template)
    return found.render(base=base(page), url=url, data_url=data_url, owner_url=owner_url, **values)


def words(value: str) -> str:
    """`in_review` as people read it: `in review`."""
    return "won't do" if value == "wont_do" else value.replace("_", " ")


def base(path: str) -> str:
    """The relative address of the site's root from the page at `path`."""
    depth = path.count("/") + (not path.endswith("index.md"))
    return "/".join([".."] * depth) or "."


page_path = model.page_path
url = model.page_url


def slug(name: str) -> str:
    """A name as a part of an address, another for every name: `dbt.model.shop.orders`."""
    if _PLAIN.fullmatch(name) and not _RESERVED.match(name):
        return name.replace(":", ".", 1)
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{_OTHER.sub('-', name.lower()).strip('-.')[:60]}~{mark}".lstrip("~")


def data_url(ref: str) -> str:
    """The address of an asset's page from the site's root."""
    return f"data/{slug(ref)}/"


def owner_url(owner: str) -> str:
    """The address of an owner's page from the site's root."""
    return f"actions/{slug(owner)}/"
