"""The body of a postmortem: its sections, and its prose without code and comments.

Every masked text has the length of the original, so an offset in one is an offset in the other.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

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

_OPENING = lazy(
    r"^ {0,3}(?P<fence>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*$|<!--",
    re.MULTILINE,
)
_FENCE = lazy(r"^ {0,3}(?P<fence>`{3,}|~{3,})[ \t]*\r?$", re.MULTILINE)
_HEADING = lazy(
    r"^ {0,3}(?P<marks>#{1,6})(?:[ \t]+(?P<atx>[^\n]*))?$"
    r"|^(?![ \t]{4}|[ \t]*[-*+>#|] |[ \t]*\d+[.)] )(?P<setext>[ \t]*[^\s][^\n]*)\n"
    r" {0,3}(?P<line>={2,}|-{2,})[ \t]*\r?$",
    re.MULTILINE,
)
_INLINE = lazy(
    r"(?P<tick>`{1,3})(?!`)[^`\n](?:[^\n]{0,400}?)(?<!`)(?P=tick)(?!`)"
    r"|\]\((?:[^)\]\n]++|\](?!\()){0,2000}+\)"  # up to the next link: many are read once
    r"|<?https?://[^\s)>\]]+>?"
    r"|^ {0,3}\[[^\]\n]{1,200}\]:[^\n]*"
    r"|</?[A-Za-z][^<>\n]{0,500}>",
    re.MULTILINE,
)
_NUMBERING = lazy(r"^(?:\d+(?:\.\d+)*[.):]?|[ivx]+[.)]|[a-z]\))\s+")

_SCOPE = lazy(r"\s*\([^()]{0,40}\)$")  # "Timeline (UTC)"


class Section(NamedTuple):
    """A heading and what stands under it, up to the next heading of its level or above.

    `key` is the canonical name ("what_went_well"), or "" where the heading is none of ours.
    Offsets: the heading is [start, heading_end), the text [heading_end, end).
    """

    key: str
    title: str
    level: int
    start: int
    heading_end: int
    end: int


class Block(NamedTuple):
    """A code fence, or a comment, at [start, end)."""

    start: int
    end: int
    fenced: bool


def find_blocks(text: str, body: int) -> list[Block]:
    """The code fences and comments below the first `body` characters, in order."""
    found, at = [], body
    while opening := _OPENING().search(text, at):
        at = _block_end(text, opening)
        found.append(Block(opening.start(), at, opening["fence"] is not None))
    return found


def mask_blocks(text: str, body: int, blocks: list[Block] | None = None) -> str:
    """`text` without its first `body` characters (frontmatter), code fences and comments.

    `blocks`: those of `find_blocks`, where they are known.
    """
    parts, done = [_blank(text[:body])], body
    for block in find_blocks(text, body) if blocks is None else blocks:
        parts += [text[done : block.start], _blank(text[block.start : block.end])]
        done = block.end
    return "".join([*parts, text[done:]])


def _block_end(text: str, opening: re.Match[str]) -> int:
    """Where a fence or a comment ends; one that is never closed goes to the end of the text."""
    fence = opening["fence"]
    if fence is None:
        end = text.find("-->", opening.end())
        return len(text) if end < 0 else end + 3
    for closing in _FENCE().finditer(text, opening.end()):
        if closing["fence"].startswith(fence):
            return closing.end()
    return len(text)


def mask_inline(text: str) -> str:
    """`text` without code spans, link targets, addresses and HTML tags."""
    return _INLINE().sub(lambda match: _blank(match[0]), text)


def _blank(text: str) -> str:
    """Spaces for everything but line ends."""
    return "\n".join(" " * len(line) for line in text.split("\n"))


@lru_cache(maxsize=4096)
def normalise(title: str) -> str:
    """A heading as it is compared: no emoji, numbering, emphasis, end mark; lower case."""
    kept = (c for c in title.replace("\u2019", "'") if unicodedata.category(c) not in _SYMBOLS)
    plain = re.sub(r":[a-z0-9_+-]+:", "", "".join(kept).casefold())
    plain = " ".join(plain.replace("&", "and").replace("*", "").replace("_", " ").split())
    plain = _NUMBERING().sub("", plain).rstrip(" :.?!")
    return _SCOPE().sub("", plain).strip(" :.?!#-\u2013\u2014")


_SYMBOLS = frozenset({"So", "Sk", "Cf", "Mn"})


@cache
def _keys() -> dict[str, str]:
    """Canonical names by normalised heading."""
    keys = {normalise(title): key for key, title in TITLES.items()}
    for key, titles in _ALIASES.items():
        for title in titles.split(", "):
            keys.setdefault(normalise(title), key)
    return keys


def read(masked: str) -> list[Section]:
    """The sections of a text whose fences and comments are masked, in order."""
    found: list[tuple[str, int, int, int]] = []
    for match in _HEADING().finditer(masked):
        if match["setext"] is not None:
            title, level = match["setext"].strip(), 1 if match["line"][0] == "=" else 2
        else:
            title = (match["atx"] or "").strip().rstrip("#").strip()
            level = len(match["marks"])
        found.append((title, level, match.start(), match.end()))
    sections = []
    for i, (title, level, start, heading_end) in enumerate(found):
        end = next(
            (found[j][2] for j in range(i + 1, len(found)) if found[j][1] <= level), len(masked)
        )
        key = _keys().get(normalise(title[:200]), "")
        sections.append(Section(key, title, level, start, heading_end, end))
    return sections
