"""A new postmortem from a template: its id, its text, and a file that never overwrites another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.errors import IncidentError, UsageError
from incident.postmortem import document, edit, model, severity
from incident.repository import atomic_files, templates
from incident.repository.config import Config
from incident.repository.path_containment import escapes
from incident.text import instants

_SLUG_LENGTH = 60
_FULL = frozenset({"P0", "P1"})


@dataclass(frozen=True)
class Draft:
    """What is known of a new incident. Times are aware datetimes.

    `severity`: in the team's own scale. `started`, `detected`: the timeline entries for these two
    moments, as Markdown. `channel`: the chat channel, or "".
    """

    title: str
    severity: str
    owner: str
    detected_at: datetime
    started_at: datetime | None = None
    kind: str | None = None
    status: str = "draft"
    assets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    factors: Mapping[str, Any] = field(default_factory=dict)
    started: str = "the data became wrong"
    detected: str = "the incident was declared"
    drill: bool = False
    channel: str = ""
    suggested_channel: str = "inc-orders-late"

    @property
    def id(self) -> str:
        """`YYYY-MM-DD-slug`: the day it started, else was detected, and the title in ASCII."""
        day = (self.started_at or self.detected_at).date().isoformat()
        return f"{day}-{slug(self.title)}"


def slug(title: str) -> str:
    """`title` in lower-case ASCII words joined by hyphens, at most 60 characters."""
    from anyascii import anyascii

    words = re.findall(r"[a-z0-9]+", anyascii(title).lower().replace("'", ""))
    result = "-".join(words)
    if len(result) > _SLUG_LENGTH:
        cut = result[: _SLUG_LENGTH + 1]
        result = cut[: cut.rfind("-")] if "-" in cut else result[:_SLUG_LENGTH]
    return result or "incident"


def channel(draft: Draft, template: str) -> str:
    """The name of a chat channel: `template` with the draft's values in its braces."""
    values = {"id": draft.id, "date": draft.id[:10], "slug": draft.id[11:]}
    values |= {"severity": draft.severity, "owner": draft.owner}
    # what chat programs accept: lower case, no blanks or dots, at most 80 characters
    filled = re.sub(r"\{(\w+)\}", lambda match: values[match[1]], template)
    name = re.sub(r"[^\w-]+", "-", filled.lower())
    return name[:80].strip("-")


FILTERS: Mapping[str, Callable[..., str]] = {
    "yaml": edit.render,
    "quoted": lambda value: json.dumps(value, ensure_ascii=False),
    "instant": instants.iso,
}


def place(id_: str, config: Config) -> Path:
    """Where a postmortem belongs: `incidents/<year>/<id>.md`. Raises IncidentError."""
    path = config.archive_dir / id_[:4] / f"{id_}.md"
    if escapes(path.parent, config.archive_dir):
        raise IncidentError(f"{path.parent} is outside the archive", "remove the symlink")
    return path


def render(draft: Draft, config: Config) -> str:
    """The draft's text: the full template for P0 and P1, the light one for P2 and P3.

    Raises UsageError if a repository's own template fails or renders an unreadable document.
    """
    level = severity.level(draft.severity, config.severity_aliases)
    name = "postmortem.md.j2" if level in _FULL else "postmortem-light.md.j2"
    template = templates.load("templates", name, config.root, FILTERS)
    text = template.render(draft=draft, meaning=severity.MEANINGS[level])
    return readable(text, draft.id, template.path)


def readable(text: str, id_: str, template: Path) -> str:
    """`text`, if it parses as a document with that id. Raises UsageError."""
    read = document.parse(text, template.name)
    if read.faults or model.postmortem(read).id != id_:
        reason = read.faults[0].message if read.faults else "its id is different"
        raise UsageError(f"{template}: the draft cannot be read: {reason}", "correct the template")
    return text


def create(draft: Draft, config: Config, text: str | None = None) -> Path:
    """Write the draft, or `text` rendered from it, into the archive.

    Raises UsageError if a postmortem with that id exists.
    """
    path = place(draft.id, config)
    atomic_files.create_text(path, render(draft, config) if text is None else text)
    return path
