"""Somebody else's postmortem as parts: frontmatter, title, and sections under our names.

Nothing is lost here: every line below the frontmatter is in one part.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from incident.postmortem import frontmatter, sections
from incident.postmortem.markdown import source
from incident.text.lazy_regex import lazy

# Wordings beyond those that the linter accepts as headings, in the order they are asked.
_WORDINGS = (
    ("timeline", r"time ?line|chronolog|sequence of events|log of events|event log"),
    ("what_went_well", r"(?:what )?.{0,20}(?:went|worked|go|did) (?:so )?(?:well|right|good)$"),
    (
        "what_went_badly",
        r".*(?:went (?:wrong|poorly|badly)|(?:gone|be|done|do|did) better|be improved"
        r"|(?:didn't|did not|didnt) (?:go|work))",
    ),
    ("where_we_got_lucky", r".*\bluck"),
    ("action_items", r".*\b(?:and|&) (?:future )?(?:improvements|action items|next steps)$"),
    (
        "action_items",
        r"(?:corrective|prevent(?:ive|at))|(?:open )?actions?\b|follow.?ups?\b|to.?do",
    ),
    (
        "action_items",
        r"(?:immediate|short|medium|long|planned|future|next|remediation|preventi\w+|improvement)"
        r"[ -](?:term )?(?:actions?|improvements?|items?|steps|work|tasks|fix(?:es)?|measures)\b"
        r"|tasks$|improvements?$|recommendations?|prevention$"
        r"|how (?:are|will|do|can) we prevent",
    ),
    ("lessons_learned", r"lessons?|learn|what (?:did )?we learn|insights?$|(?:key )?takeaways"),
    ("root_cause", r".*\broot cause|(?:five|5) why|causes?\b|why did (?:it|this) happen"),
    ("root_cause", r"how did (?:it|this) happen|what caused|trigger$"),
    ("contributing_factors", r"contributing|lead.?up|preconditions"),
    ("detection", r"detect|how (?:was it|did we|we) (?:detect|find|found|notice)|discover"),
    ("impact", r"(?:\w+ ){0,2}impact\b|(?:who|what) (?:was|were) (?:affected|impacted)|affected"),
    (
        "summary",
        r"(?:issue|problem|incident|event|executive|post.?mortem)? ?(?:summary|overview)"
        r"|(?:incident|problem|issue) (?:description|details)$|what happened|tl;?dr|abstract",
    ),
    (
        "resolution",
        r"resol|recover|remediat|mitigat|response\b|repair|fix\b|(?:data )?backfill"
        r"|how (?:was|did|is) .*(?:fix|resolv|recover)",
    ),
    ("supporting_evidence", r"supporting|evidence|references|links|appendix|related (?:links|prs)"),
    ("people", r"(?:incident )?(?:responders|participants|attendees)|involved (?:parties|people)"),
)
_PATTERNS = [(key, lazy(wording)) for key, wording in _WORDINGS]
_MINE = frozenset({"root_cause", "action_items", "what_went_well", "what_went_badly"})
_BOLD = lazy(r"^ {0,3}(?:\*\*|__)(?P<title>[^*_\n]{3,60}?):?(?:\*\*|__):?[ \t]*$", re.MULTILINE)
_PREFIX = lazy(
    r"(?:data )?(?:post.?mortem|incident(?: report| review| post.?mortem)?|rca|pm|outage report)"
    r"(?: report| review)?(?: (?:of|for|on))?\s*(?::|#?\d*\s*[-\u2013\u2014:]|(?<=of|or|on))\s*",
    re.IGNORECASE,
)
_COMMENT = lazy(r"^[ \t]*<!--[^\n]*-->[ \t]*\n?", re.MULTILINE)
_GENERIC = lazy(
    r"(?:data )?(?:post.?mortem|incident|issue)?\s*(?:report|review|name|title|template|document)?"
    r"(?: post.?mortem)?|untitled",
    re.IGNORECASE,
)


class Line(NamedTuple):
    """`text` as written; `plain` without fences and comments ("" inside of them)."""

    text: str
    plain: str


@dataclass
class Part:
    """A section. `key` is our name for it, or ""; `title` is the original heading."""

    key: str
    title: str
    level: int = 2
    lines: list[Line] = field(default_factory=list)


@dataclass
class Source:
    """A foreign postmortem in parts; `notes` says what could not be read."""

    meta: dict[str, Any]
    title: str
    parts: list[Part]
    notes: list[str]


def key_of(title: str) -> str:
    """Our name for a heading, or ""."""
    plain = sections.normalise(title[:200])
    heading = f"# {title[:200]}"
    if found := sections.read(heading)[0].key:
        return found
    return next((key for key, wording in _PATTERNS if wording().match(plain)), "")


def read(text: str) -> Source:
    """Split `text`. Never raises."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    notes: list[str] = []
    meta, body = _frontmatter(text, notes)
    body = _COMMENT().sub("", body)  # guidance for writers
    masked = source.mask_blocks(body, 0)
    if sum(bool(key_of(s.title)) for s in sections.read(masked)) < 2:
        body = _raise_bold(body, masked)
        masked = source.mask_blocks(body, 0)
    headings = sections.read(masked)
    title = ""
    first = len(body[: len(body) - len(body.lstrip())])
    if headings and not key_of(headings[0].title):
        above = masked[first : headings[0].start].strip()
        if headings[0].level == 1 or not above:
            title = headings[0].title
    parts = _parts(body, masked, headings, bool(title))
    return Source(meta, clean_title(title), parts, notes)


def clean_title(title: str) -> str:
    """A title without "Postmortem:", Markdown and what is only a placeholder."""
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    plain = " ".join(re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", plain).split())
    plain = re.sub(r"^:[a-z_]+:\s*", "", plain)
    found = _PREFIX().match(plain)
    if found and len(plain) > found.end():
        plain = plain[found.end() :]
        plain = plain[:1].upper() + plain[1:]
    plain = plain.strip(" :-\u2013\u2014")
    return "" if _GENERIC().fullmatch(plain) else plain


def _parts(body: str, masked: str, headings: list[sections.Section], has_title: bool) -> list[Part]:
    lead = Part("", "", 1)
    parts, stack = [lead], [lead]
    end = headings[0].start if headings else len(body)
    lead.lines += _lines(body, masked, 0, end)
    tops = [h.level for h in headings[1 if has_title else 0 :]]
    top = min(tops, default=2)
    for i, heading in enumerate(headings):
        end = headings[i + 1].start if i + 1 < len(headings) else len(body)
        lines = _lines(body, masked, heading.heading_end, end)
        if i == 0 and has_title:
            lead.lines += lines
            continue
        while len(stack) > 1 and stack[-1].level >= heading.level:
            stack.pop()
        here, key = stack[-1], key_of(heading.title)
        nested = key and key != here.key and here.key != "action_items"
        if here.key == "timeline" and key not in _MINE:
            nested = False
        if heading.level <= top or here is lead or nested:
            part = Part(key, heading.title, heading.level, lines)
            parts.append(part)
            stack.append(part)
        else:
            marks = "#" * min(6, max(3, 2 + heading.level - here.level))
            line = f"{marks} {heading.title}"
            here.lines += [Line("", ""), Line(line, line), Line("", ""), *lines]
    return parts


def _lines(body: str, masked: str, start: int, end: int) -> list[Line]:
    texts, plains = body[start:end].split("\n"), masked[start:end].split("\n")
    found = [Line(t.rstrip(), p.rstrip()) for t, p in zip(texts, plains, strict=True)]
    filled = [number for number, line in enumerate(found) if line.text]
    return found[filled[0] : filled[-1] + 1] if filled else []


def _raise_bold(body: str, masked: str) -> str:
    """Bold lines that are headings ("**Root cause**") as headings, where there are no others."""
    out, at = [], 0
    for match in _BOLD().finditer(masked):
        if key_of(match["title"]):
            out += [body[at : match.start()], f"## {match['title'].strip()}"]
            at = match.end()
    return "".join([*out, body[at:]])


def _frontmatter(text: str, notes: list[str]) -> tuple[dict[str, Any], str]:
    """The values of YAML or TOML frontmatter, and the text below it.

    A block that cannot be read stays in the text, as code.
    """
    mark = text[:3]
    if mark not in {"---", "+++"} or not re.match(r"...[ \t]*\n", text):
        return {}, text
    end = re.compile(rf"^{re.escape(mark)}[ \t]*$", re.MULTILINE).search(text, 4)
    if end is None:
        return {}, text
    block, body = text[4 : end.start()], text[end.end() :].lstrip("\n")
    if mark == "+++":
        try:
            return tomllib.loads(block), body
        except (ValueError, RecursionError) as error:
            reason, name = str(error), "toml"
    else:
        found = frontmatter.read(f"---\n{block}---\n")
        if found.node is not None:
            return found.data, body
        if not block.strip():
            return {}, body
        reason, name = found.faults[0].message if found.faults else "no keys", "yaml"
        if "plain text" in reason:  # a rule at the top, no frontmatter
            return {}, text
    notes.append(f"the frontmatter cannot be read ({reason}); it stays in the text")
    return {}, f"```{name}\n{block}```\n\n{body}"
