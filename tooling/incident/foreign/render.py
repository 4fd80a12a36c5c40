"""A foreign postmortem as a draft of ours."""

from __future__ import annotations

import re
from typing import Any

from incident.drafts import new_draft
from incident.foreign.imported import Imported
from incident.foreign.timeline import Entry
from incident.postmortem import sections
from incident.repository import templates
from incident.repository.config import Config
from incident.text import instants
from incident.text.untrusted_text import one_line

# what YAML does not read, and no text needs
_UNREADABLE = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LIGHT = ("summary", "impact", "timeline", "root_cause", "what_went_well", "what_went_badly")


def render(found: Imported, config: Config) -> str:
    """The draft's text. Raises UsageError where a repository's own template fails."""
    template = templates.load("templates", "imported.md.j2", config.root, new_draft.FILTERS)
    text = template.render(
        found=found,
        kept=plain_value(found.left),
        sections=list(_sections(found)),
        others=[(_heading(p.title), p.text) for p in found.others],
    )
    return new_draft.readable(_UNREADABLE.sub("", text), found.id, template.path)


def _sections(found: Imported) -> list[tuple[str, str, str]]:
    """Key, heading and text of each section: what the light template asks, and what was found."""
    kept = []
    for key, title in sections.TITLES.items():
        text = entries(found) if key == "timeline" else ""
        text = "\n\n".join(t for t in (text, found.texts.get(key, "")) if t)
        if text or key in LIGHT:
            kept.append((key, title, text))
    return kept


def entries(found: Imported) -> str:
    """The timeline in our form; an entry of which only the day is known has only that."""
    lines = []
    for entry in found.entries:
        written = f' (written "{entry.written}")' if entry.written else ""
        parts = ["-", _when(entry), one_line(entry.text + written)]
        lines.append(" ".join(part for part in parts if part))
    return "\n".join(lines)


def _when(entry: Entry) -> str:
    """The time of an entry as far as it is known; nothing if the text has it as written."""
    if entry.at:
        return instants.iso(entry.at)
    if entry.local:
        return f"{entry.local.isoformat(timespec='minutes')} (zone unknown)"
    return str(entry.day or "")


def _heading(title: str) -> str:
    return one_line(re.sub(r":[a-z0-9_+-]{2,40}:", "", title)) or "Notes"


def plain_value(value: Any, depth: int = 5) -> Any:
    """`value` as JSON can hold it, for the keys that have no place with us."""
    if isinstance(value, dict) and depth:
        return {str(key): plain_value(one, depth - 1) for key, one in value.items()}
    if isinstance(value, list) and depth:
        return [plain_value(one, depth - 1) for one in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
