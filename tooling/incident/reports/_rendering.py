"""What the pages share: the templates, and how values are shown."""

from __future__ import annotations

import hashlib
import re
import traceback
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from incident.archive.files import is_outside
from incident.errors import UsageError
from incident.postmortem import model, severity
from incident.repository import resources
from incident.text import instants

_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,19}:[a-z0-9_][a-z0-9_.-]{0,99}|[a-z][a-z0-9_-]{0,79}")
# names that another page has, that Windows keeps for devices, or that it would shorten
_RESERVED = re.compile(r"(?:index|readme)$|(?:con|prn|aux|nul|com\d|lpt\d)(?:[.:]|$)|.*\.$")
_OTHER = re.compile(r"[^a-z0-9_.]+")


@cache
def _environment(repository: Path | None) -> Environment:
    def source(name: str) -> tuple[str, str, None]:
        path = find("templates/pages", name, repository)
        return path.read_text(encoding="utf-8"), str(path), None

    # the sandbox takes an eighth of a build's time: it is for templates that others brought
    brought = (
        repository is not None
        and (repository / "templates" / "pages").is_dir()
        and repository.resolve() != resources.root()
    )
    environment = (ImmutableSandboxedEnvironment if brought else Environment)(
        loader=FunctionLoader(source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["words"] = words
    environment.filters["utc"] = instants.readable
    environment.filters["duration"] = model.duration
    environment.filters["minutes"] = model.minutes
    environment.globals["meanings"] = severity.MEANINGS
    return environment


def reload() -> None:
    """Read templates again: `mkdocs serve` builds several times in one process."""
    _environment.cache_clear()


def render(template: str, page: str, root: Path | None, **values: Any) -> str:
    """The HTML of the page at the path `page`; every value is escaped.

    `root`: the repository, whose own templates win, or None. Raises UsageError with the template's
    file and line.
    """
    try:
        found = _environment(root).get_template(template)
        return found.render(
            base=base(page), url=url, data_url=data_url, owner_url=owner_url, **values
        )
    except UsageError:
        raise
    except Exception as error:  # whatever a template of others does
        raise UsageError(f"{_place(error, template)}: {error}", "correct the template") from error


def _place(error: Exception, template: str) -> str:
    """File and line of the template in which it happened."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or template}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else template


def find(folder: str, name: str, root: Path | None) -> Path:
    """A file of the repository, else the packaged one. Raises UsageError where it leads out."""
    path = resources.find(folder, name, root)
    if root and path.is_relative_to(root) and is_outside(path, root):
        raise UsageError(f"{path} leads out of the repository", "remove the link")
    return path


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
