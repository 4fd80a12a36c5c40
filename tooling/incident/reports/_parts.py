"""The converted text of a postmortem in parts, so that the page can put them in its own order.

A reader without time stops early: what happened and to whom comes first, the record last. Sections
about one question stand together, under the heading of the first. Nothing is left out: a section
with an unknown heading, or a second one with the same, keeps its heading and stands after these.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple

from markupsafe import Markup

from incident.postmortem import sections

# the first gives the group its heading
GROUPS = {
    "summary": ("summary",),
    "impact": ("impact",),
    "timeline": ("timeline",),
    "resolution": ("resolution",),
    "root_cause": (
        "root_cause",
        "contributing_factors",
        "detection",
        "first_postmortem_missed",
    ),
    "lessons_learned": (
        "lessons_learned",
        "what_went_well",
        "what_went_badly",
        "where_we_got_lucky",
    ),
    "supporting_evidence": ("supporting_evidence",),
}
_HEADING = re.compile(r"<h2(?: [^>]*)?>(?P<title>.*?)</h2>", re.DOTALL)
_LINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LEVEL = re.compile(r"<(/?)h([2-5])(?=[ >])")


class Part(NamedTuple):
    """A section: its heading as HTML, and what follows."""

    key: str
    heading: str
    body: str


class Group(NamedTuple):
    """Sections about one question. `text`: of the first; `parts`: the others, a level lower."""

    heading: Markup
    text: Markup
    parts: tuple[Markup, ...]


class Parts(NamedTuple):
    """`before`: the text above the first heading. `groups`: by name. `others`: in their order."""

    before: Markup
    groups: dict[str, Group]
    others: Markup


def split(text: str) -> tuple[str, list[Part]]:
    """What comes before the first H2, and the sections."""
    found = list(_HEADING.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)][: len(found)]
    parts = []
    for match, end in zip(found, ends, strict=True):
        title = html.unescape(_TAG.sub("", _LINK.sub("", match["title"]))).strip()
        parts.append(Part(sections.key_of(title), match[0], text[match.end() : end]))
    return text[: found[0].start()] if found else text, parts


def arrange(text: str) -> Parts:
    """The parts of a converted postmortem."""
    before, found = split(text)
    first: dict[str, Part] = {}
    others = []
    grouped = {key for keys in GROUPS.values() for key in keys}
    for part in found:
        if part.key in grouped and part.key not in first:
            if part.key == "root_cause" or part.body.strip():
                first[part.key] = part
        else:
            others.append(part.heading + part.body)
    groups = {}
    for name, keys in GROUPS.items():
        here = [first[key] for key in keys if key in first]
        if not here:
            continue
        lead = here[0] if here[0].key == name else None
        lower = here[1:] if lead else here
        groups[name] = Group(
            Markup(lead.heading if lead else ""),  # noqa: S704 - sanitized
            Markup(lead.body.strip() if lead else ""),  # noqa: S704 - sanitized
            tuple(Markup(lowered(part.heading + part.body)) for part in lower),  # noqa: S704
        )
    return Parts(Markup(before), groups, Markup("".join(others)))  # noqa: S704 - sanitized


def lowered(text: str) -> str:
    """HTML with each heading one level lower."""
    return _LEVEL.sub(lambda match: f"<{match[1]}h{int(match[2]) + 1}", text)
