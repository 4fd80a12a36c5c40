"""The page of one incident: a readable head in place of the raw frontmatter, then the text."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, NamedTuple

from incident import model
from incident.archive import Archive, Entry
from incident.document import Document
from incident.model import CLOCK, Postmortem
from incident.reports import _page

_CODE_OR_COMMENT = re.compile(
    r"(?P<code>^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n.*?(?:^ {0,3}(?P=fence)[ \t]*\r?$|\Z)"
    r"|(?P<tick>`+)(?!`)[^\n]*?(?<!`)(?P=tick)(?!`))|<!--.*?(?:-->|\Z)",
    re.MULTILINE | re.DOTALL,
)


class Tick(NamedTuple):
    """One timestamp, and how long after the one before it."""

    label: str
    at: str
    after: str


def head(entry: Entry, archive: Archive, today: date) -> str:
    """The HTML above the text."""
    p = entry.postmortem
    by_id = {other.postmortem.id: other.postmortem for other in archive.entries}
    return _page.render(
        "incident.html.j2",
        _page.page_path(p.path),
        archive,
        p=p,
        clock=_clock(p),
        lengths=_lengths(p),
        roles=_roles(p),
        related=[(id_, by_id.get(id_)) for id_ in p.related if id_ != p.recurrence_of],
        earlier=by_id.get(p.recurrence_of),
        later=[other for other in archive.postmortems if other.recurrence_of == p.id],
        data=_Data(p.data),
        today=today,
    )


def body(document: Document) -> str:
    """The Markdown below the frontmatter, without comments: guidance is for writers only."""
    text = document.text[document.meta.body :].replace("\r\n", "\n")
    return _CODE_OR_COMMENT.sub(lambda match: match["code"] or "", text).strip("\n") + "\n"


def broken(document: Document, archive: Archive) -> str:
    """The HTML for a document that cannot be read."""
    faults = [(document.span(f.start, f.end).line, f.message, f.hint) for f in document.faults]
    return _page.render("broken.html.j2", document.path, archive, path=document.path, faults=faults)


class _Data:
    """Values of the frontmatter that the model has no field for, as text; "" for none."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data

    def __call__(self, *path: str) -> str:
        value: Any = self.data
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            return "yes" if value else "no"
        return str(value) if isinstance(value, (str, int, float)) else ""

    def list(self, key: str) -> list[_Data]:
        """The mappings in a list of the frontmatter."""
        found = self.data.get(key)
        items = found if isinstance(found, list) else []
        return [_Data(item) for item in items if isinstance(item, dict)]


def _clock(p: Postmortem) -> list[Tick]:
    ticks = []
    before = None
    for key in sorted((k for k in CLOCK if k in p.times), key=lambda k: p.times[k]):
        at = p.times[key]
        gap = f"+{model.duration(at - before)}" if before is not None else ""
        ticks.append(Tick(_page.LABELS[key], model.utc(at), gap))
        before = at
    return ticks


def _lengths(p: Postmortem) -> list[tuple[str, timedelta]]:
    ends = {
        "To detect": "detected_at",
        "To mitigate": "mitigated_at",
        "To correct": "corrected_at",
        "To tell consumers": "consumers_notified_at",
        "To resolve": "resolved_at",
    }
    found = ((label, p.between("started_at", end)) for label, end in ends.items())
    return [(label, length) for label, length in found if length is not None]


def _roles(p: Postmortem) -> list[str]:
    """Which roles there were, never who had them."""
    roles = []
    for role, who in p.roles.items():
        if who:
            name = _page.words(role)
            roles.append(f"{len(who)} {name}" if len(who) > 1 else name.removesuffix("s"))
    if p.reviewers:
        roles.append(f"{len(p.reviewers)} reviewer{'s' * (len(p.reviewers) > 1)}")
    return roles
