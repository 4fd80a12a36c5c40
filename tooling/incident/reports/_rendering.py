"""What all pages share: templates, and how values are formatted."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident.archive.files import is_outside
from incident.errors import UsageError
from incident.postmortem import model, severity, wiki_urls
from incident.postmortem.model import Postmortem
from incident.repository import resources
from incident.repository.templates import Template, Templates
from incident.text import instants

if TYPE_CHECKING:
    from incident.reports._site_data import Wiki

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
        "day": day,
        "duration": model.duration,
        "minutes": model.minutes,
    }
    names = {
        "meanings": severity.MEANINGS,
    }
    return Templates(FOLDER, root, filters, names, html=True)


@cache
def _template(name: str, root: Path | None) -> Template:
    return _templates(root).load(name)


def reload() -> None:
    """Read templates again: `mkdocs serve` builds several times in one process."""
    _templates.cache_clear()
    _template.cache_clear()


def render(template: str, page: str, wiki: Wiki, **values: Any) -> str:
    """The HTML of the page at the path `page`; every value is escaped.

    The repository's own templates take precedence. An address in them is `base`, which leads to the
    wiki's root, followed by `at` (a page by its path), `url`, `data_url` or `owner_url`.
    `search` says whose search box the page has.
    Raises UsageError with the template's file and line.
    """
    at = wiki.layout.url
    return _template(template, wiki.root).render(
        base=wiki.layout.base(page),
        search=wiki.search,
        at=at,
        url=lambda p: at(page_of(p)),
        data_url=lambda ref: at(data_page(ref)),
        owner_url=lambda owner: at(owner_page(owner)),
        **values,
    )


def find(folder: str, name: str, root: Path | None) -> Path:
    """The repository's own file, else the packaged one. Raises UsageError if it is outside."""
    path = resources.find(folder, name, root)
    if root and path.is_relative_to(root) and is_outside(path, root):
        raise UsageError(f"{path} is outside the repository", "remove the link")
    return path


def day(at: date) -> str:
    """`Nov 3, 2026`."""
    return f"{at:%b} {at.day}, {at.year}"


def words(value: str) -> str:
    """`in_review` for display: `in review`."""
    return "won't do" if value == "wont_do" else value.replace("_", " ")


def page_of(postmortem: Postmortem) -> str:
    """The path of a postmortem's page."""
    return wiki_urls.page_path(postmortem.path, postmortem.archive)


def item_anchors(postmortem: Postmortem) -> dict[int, str]:
    """By index, the anchor of each action item on its incident's page: `item-ai-1`."""
    found: dict[int, str] = {}
    for item in postmortem.action_items:
        anchor = f"item-{slug(item.id.lower()) if item.id else item.index + 1}"
        found[item.index] = f"{anchor}-{item.index + 1}" if anchor in found.values() else anchor
    return found


def slug(name: str) -> str:
    """A name as a URL segment, unique for each name: `dbt.model.shop.orders`."""
    if _PLAIN.fullmatch(name) and not _RESERVED.match(name):
        return name.replace(":", ".", 1)
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{_OTHER.sub('-', name.lower()).strip('-.')[:60]}~{mark}".lstrip("~")


def data_page(ref: str) -> str:
    """The path of an asset's page."""
    return f"data/{slug(ref)}.md"


def owner_page(owner: str) -> str:
    """The path of an owner's page."""
    return f"actions/{slug(owner)}.md"
