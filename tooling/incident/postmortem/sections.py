"""The sections of a postmortem, by the headings they may have."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from incident.postmortem.markdown.source import headings
from incident.text.lazy_regex import lazy

TITLES = {
    "summary": "Summary",
    "impact": "Impact",
    "timeline": "Timeline",
    "detection": "Detection",
    "root_cause": "Root cause",
    "contributing_factors": "Contributing factors",
    "resolution": "Resolution and data repair",
    "what_went_well": "What went well",
    "what_went_badly": "What went badly",
    "where_we_got_lucky": "Where we got lucky",
    "lessons_learned": "Lessons learned",
    "first_postmortem_missed": "What did the first postmortem miss?",
    "supporting_evidence": "Supporting evidence",
}

_ALIASES = {
    "summary": "executive summary, overview, abstract, incident summary, tl;dr, tldr",
    "impact": "incident impact, customer impact, business impact, who was affected, scope",
    "timeline": "incident timeline, timeline of events, sequence of events, chronology",
    "detection": "how it was detected, how we found out, discovery, detection and alerting",
    "root_cause": "root causes, root cause analysis, cause, causes, what caused it, rca, trigger",
    "contributing_factors": "contributing factor, contributing causes, contributing conditions",
    "resolution": "resolution, data repair, recovery, remediation, resolution and recovery, "
    "how it was fixed, mitigation, fix, correction",
    "what_went_well": "what went right, went well, things that went well, what worked, "
    "what worked well, what we did well, what went good",
    "what_went_badly": "what went wrong, what went poorly, what did not go well, "
    "what didn't go well, what didn't go so well, what could have gone better, "
    "what could be improved, things that went badly, went badly, what can we do better",
    "where_we_got_lucky": "got lucky, luck, what was lucky",
    "lessons_learned": "lessons, lesson learned, learnings, what we learned, takeaways",
    "first_postmortem_missed": "what did the first postmortem miss, "
    "what the first postmortem missed, what did the previous postmortem miss",
    "supporting_evidence": "evidence, supporting information, references, links, appendix",
    "action_items": "action items, actions, follow-ups, follow ups, next steps, action plan",
}

_NUMBERING = lazy(r"^(?:\d+(?:\.\d+)*[.):]?|[ivx]+[.)]|[a-z]\))\s+")

_SCOPE = lazy(r"\s*\([^()]{0,40}\)$")  # "Timeline (UTC)"


class Section(NamedTuple):
    """A heading and its text, up to the next heading of the same or a higher level.

    `key` is the canonical name ("what_went_well"), or "" for an unknown heading.
    Offsets: the heading is [start, heading_end), the text [heading_end, end).
    """

    key: str
    title: str
    level: int
    start: int
    heading_end: int
    end: int


@lru_cache(maxsize=4096)
def normalize(title: str) -> str:
    """A heading as it is compared: no emoji, numbering, emphasis, end mark; lower case."""
    kept = (c for c in title.replace("\u2019", "'") if unicodedata.category(c) not in _SYMBOLS)
    plain = re.sub(r":[a-z0-9_+-]+:", "", "".join(kept).casefold())
    plain = " ".join(plain.replace("&", "and").replace("*", "").replace("_", " ").split())
    plain = _NUMBERING().sub("", plain).rstrip(" :.?!")
    return _SCOPE().sub("", plain).strip(" :.?!#-\u2013\u2014")


_SYMBOLS = frozenset({"So", "Sk", "Cf", "Mn"})


@cache
def _keys() -> dict[str, str]:
    """Canonical names by normalized heading."""
    keys = {normalize(title): key for key, title in TITLES.items()}
    for key, titles in _ALIASES.items():
        for title in titles.split(", "):
            keys.setdefault(normalize(title), key)
    return keys


def key_of(title: str) -> str:
    """The canonical name of a heading, or ""."""
    return _keys().get(normalize(title[:200]), "")


def read(masked: str) -> list[Section]:
    """The sections of a text whose fences and comments are masked, in order."""
    found = headings(masked)
    sections = list[Section]()
    next_of = [len(masked)] * 8  # where the next heading of a level, or of one above it, begins
    for heading in reversed(found):
        sections.append(Section(key_of(heading.title), *heading, next_of[heading.level]))
        next_of[heading.level :] = [heading.start] * (8 - heading.level)
    sections.reverse()
    return sections
