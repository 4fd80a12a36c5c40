"""What all pages share: templates, and how values are formatted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from incident.archive.files import is_outside
from incident.errors import UsageError
from incident.postmortem import model, severity, wiki_urls
from incident.postmortem.model import Postmortem
from incident.repository import resources
from incident.repository.templates import Template, Templates
from incident.text import instants

FOLDER = "templates/pages"

_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,19}:[a-z0-9_][a-z0-9_.-]{0,99}|[a-z][a-z0-9_-]{0,79}")
# names taken by another page, or special on Windows
_RESERVED = re.compile(r"(?:index|readme)$|(?:con|prn|aux|nul|com\d|lpt\d)(?:[.:]|$)|.*\.$")
_OTHER = re.compile(r"[^a-z0-9_.]+")


@cache
def _templates(root: Path | None) -> Templates:
    filters: dict[str, Callable[..., Any]] = {
        "words": words,
        "utc": instants.readable,
        "duration": model.duration,
        "minutes": model.minutes,
    }
    names = {
        "meanings": severity.MEANINGS,
        "url": url,
        "data_url": data_url,
        "owner_url": owner_url,
    }
    return Templates(FOLDER, root, filters, names, html=True)


@cache
def _template(name: str, root: Path | None) -> Template:
    return _templates(root).load(name)


def reload() -> None:
    """Read templates again: `mkdocs serve` builds several times in one process."""
    _templates.cache_clear()
    _template.cache_clear()


def render(template: str, page: str, root: Path | None, **values: Any) -> str:
    """The HTML of the page at the path `page`; every value is escaped.

    `root`: the repository, whose own templates take precedence, or None. Raises UsageError with the
    template's file and line.
    """
    return _template(template, root).render(base=base(page), **values)


def find(folder: str, name: str, root: Path | None) -> Path:
    """The repository's own file, else the packaged one. Raises UsageError if it is outside."""
    path = resources.find(folder, name, root)
    if root and path.is_relative_to(root) and is_outside(path, root):
        raise UsageError(f"{path} is outside the repository", "remove the link")
    return path


def words(value: str) -> str:
    """`in_review` for display: `in review`."""
    return "won't do" if value == "wont_do" else value.replace("_", " ")


def base(path: str) -> str:
    """The relative URL of the site's root from the page at `path`."""
    depth = path.count("/") + (not path.endswith("index.md"))
    return "/".join([".."] * depth) or "."


def url(postmortem: Postmortem) -> str:
    """The URL of a postmortem's page, relative to the site's root."""
    return wiki_urls.page_url(postmortem.path, postmortem.archive)


def slug(name: str) -> str:
    """A name as a URL segment, unique for each name: `dbt.model.shop.orders`."""
    if _PLAIN.fullmatch(name) and not _RESERVED.match(name):
        return name.replace(":", ".", 1)
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{_OTHER.sub('-', name.lower()).strip('-.')[:60]}~{mark}".lstrip("~")


def data_url(ref: str) -> str:
    """The URL of an asset's page, relative to the site's root."""
    return f"data/{slug(ref)}/"


def owner_url(owner: str) -> str:
    """The URL of an owner's page, relative to the site's root."""
    return f"actions/{slug(owner)}/"
