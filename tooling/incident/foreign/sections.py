"""Somebody else's postmortem as parts: frontmatter, title, and sections under our names.

Nothing is lost here: every line below the frontmatter is in one part.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from incident.foreign import source_text
from incident.foreign.headings import clean_title, is_wish, key_of, line_key, plain_title
from incident.foreign.source_text import Body, Line
from incident.postmortem import frontmatter, sections
from incident.text.lazy_regex import lazy

_RAISED = 6  # the level of headings that are none in the document
_MINE = frozenset({"root_cause", "action_items", "what_went_well", "what_went_badly"})
_BOLD = lazy(r" {0,3}(?:\*\*|__)(?P<title>[^*_\n]{3,80}?):?(?:\*\*|__):?[ \t]*")
_ALONE = lazy(r"(?P<title>[A-Z][A-Za-z' -]{2,40}):?[ \t]*")
_OWNED = lazy(r"\[[ xX]\]|(?<!\w)@\w|\b(?:owner|assignee|due)\b", re.IGNORECASE)
_KEYED = lazy(
    r"(?P<mark>\s*(?:[-*+]\s+)?)(?P<bold>\*\*|__|)(?P<title>[A-Z][A-Za-z' -]{2,30}?)"
    r"(?P<end>\s*:\s*(?:\*\*|__)|(?:\*\*|__)\s*:|\s*:)\s*(?P<value>.*)"
)


@dataclass
class Part:
    """A section. `key` is our name for it, or ""; `title` is the original heading."""

    key: str
    title: str
    level: int = 2
    lines: list[Line] = field(default_factory=list)


@dataclass
class Source:
    """A foreign postmortem in parts; `notes` says what could not be read.

    `heading`: the document's heading as it is; `title` without "Postmortem:" and similar.
    `above`: how many lines of the file the frontmatter takes.
    """

    meta: dict[str, Any]
    title: str
    parts: list[Part]
    notes: list[str]
    heading: str = ""
    body: Body = field(default_factory=lambda: Body([(1, "")]))
    above: int = 0


def read(text: str) -> Source:
    """Split `text`. Never raises."""
    text = source_text.clean(text)
    notes: list[str] = []
    meta, below = _frontmatter(text, notes)
    above = text.count("\n") - below.count("\n") if meta or not notes else 0
    body = source_text.body_of(below, above + 1)
    known = sum(bool(key_of(s.title)) for s in sections.read(body.masked))
    body = _raised(body, "##" if known < 2 else "#" * _RAISED)
    headings = sections.read(body.masked)
    is_titled = bool(headings) and _is_title(headings, body, bool(meta.get("title")))
    heading = plain_title(headings[0].title) if is_titled else ""
    parts = [keyed for part in _parts(body, headings, is_titled) for keyed in _by_keys(part)]
    _demote_wishes(parts)
    return Source(meta, clean_title(heading), parts, notes, heading, body, above)


def _demote_wishes(parts: list[Part]) -> None:
    """Where a document plans actions, its recommendations are none; they keep their heading."""
    planned = [part for part in parts if part.key == "action_items"]
    if all(is_wish(part.title) for part in planned):
        return
    for part in planned:
        if is_wish(part.title) and not any(_OWNED().search(line.plain) for line in part.lines):
            part.key = ""


def _is_title(headings: list[sections.Section], body: Body, has_other: bool) -> bool:
    """Whether the first heading is the document's title."""
    if key_of(headings[0].title):
        return False
    if headings[0].level == 1:
        return not has_other or sum(one.level == 1 for one in headings) == 1
    return not has_other and not body.masked[: headings[0].start].strip()


def _raised(body: Body, marks: str) -> Body:
    """Lines that are headings in all but name ("**Root cause**", "Action items") as headings."""
    lines = body.lines()
    out = []
    for i, line in enumerate(lines):
        text = line.text
        bold = _BOLD().fullmatch(line.plain)
        # bold headings may be of any wording where the document has no others
        if bold and (line_key(bold["title"]) or (marks == "##" and key_of(bold["title"]))):
            text = f"{marks} {bold['title'].strip()}"
        elif _ALONE().fullmatch(line.plain) and line_key(line.plain):
            is_free = i == 0 or not lines[i - 1].plain.strip()
            after = lines[i + 1].plain if i + 1 < len(lines) else ""
            is_underlined = after[:3] in {"===", "---"}
            if is_free and not is_underlined and any(o.text.strip() for o in lines[i + 1 : i + 3]):
                text = f"{marks} {line.plain.strip(' :')}"
        out.append((line.number, text))
    return Body(out)


def _parts(body: Body, headings: list[sections.Section], has_title: bool) -> list[Part]:
    lead = Part("", "", 1)
    parts, stack = [lead], [lead]
    lines = body.lines()
    starts = [0]
    for line in body.text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)

    def between(start: int, end: int) -> list[Line]:
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end) - 1
        if start and start > starts[first]:
            first += 1
        found = lines[first : last if end < len(body.text) else len(lines)]
        filled = [number for number, line in enumerate(found) if line.text]
        return found[filled[0] : filled[-1] + 1] if filled else []

    lead.lines += between(0, headings[0].start if headings else len(body.text))
    tops = [h.level for h in headings[1 if has_title else 0 :]]
    top = min(tops, default=2)
    for i, heading in enumerate(headings):
        end = headings[i + 1].start if i + 1 < len(headings) else len(body.text)
        own = between(heading.heading_end, end)
        if i == 0 and has_title:
            lead.lines += own
            continue
        while len(stack) > 1 and stack[-1].level >= heading.level:
            stack.pop()
        here, key = stack[-1], key_of(heading.title)
        nested = key and key != here.key and here.key != "action_items"
        if here.key == "timeline" and key not in _MINE:
            nested = False
        if heading.level <= top or here is lead or nested:
            part = Part(key, heading.title, heading.level, own)
            parts.append(part)
            stack.append(part)
        else:
            marks = "#" * min(6, max(3, 2 + heading.level - here.level))
            line = f"{marks} {heading.title}"
            number = body.numbers[bisect_right(starts, heading.start) - 1]
            here.lines += [Line("", ""), Line(line, line, number), Line("", ""), *own]
    return parts


def _by_keys(part: Part) -> list[Part]:
    """A summary and the sections written in it as keys: `**Impact**: 3 reports were wrong`."""
    if part.key not in {"", "summary"} and part.level not in {1, _RAISED}:
        return [part]
    found: list[Part] = []
    kept: list[Line] = []
    at = 0
    while at < len(part.lines):
        line = part.lines[at]
        keyed = _KEYED().match(line.plain)
        key = line_key(keyed["title"]) if keyed else ""
        if not keyed or key in {"", "summary", part.key}:
            (found[-1].lines if found and part.level == _RAISED else kept).append(line)
            at += 1
            continue
        end = _key_end(part.lines, at, keyed)
        first = line.text[len(line.text) - len(keyed["value"]) :] if keyed["value"] else ""
        own = [Line(first, keyed["value"], line.number), *part.lines[at + 1 : end]]
        while own and not own[0].text.strip():
            own = own[1:]
        title = keyed["title"].strip()
        if any(other.text.strip() for other in own):
            found.append(Part(key, title, part.level + 1, own))
        else:
            kept.append(line)
        at = end
    part.lines = kept
    return [part, *found]


def _key_end(lines: list[Line], at: int, keyed: re.Match[str]) -> int:
    """Where the text of a key ends: with its paragraph, or with the list below it."""
    indent = len(keyed["mark"]) if keyed["mark"].strip() else -1
    is_open, is_list = not keyed["value"].strip(), False
    end = at + 1
    if lines[at].text.rstrip().endswith((">", "\\")) and not is_open:
        return end  # a line break ends it
    while end < len(lines):
        text, plain = lines[end].text, lines[end].plain
        blank = not text.strip()
        marked = re.match(r"\s*(?:[-*+]|\d{1,2}[.)])\s", plain) is not None
        inner = _KEYED().match(plain)
        if (inner and not marked) or re.match(r"\s*#", plain):
            break
        if indent >= 0 and not blank and len(text) - len(text.lstrip()) < indent:
            break
        if blank and not is_open and not is_list:
            break
        if is_list and not blank and not marked and not text.startswith("  "):
            if not lines[end - 1].text.strip():
                break
        elif not blank and marked and (is_open or is_list):
            is_list = True
        if not blank and is_open:
            is_open = False
        end += 1
        if text.rstrip().endswith("<br>"):
            break
    return end


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
    notes.append(f"the frontmatter cannot be read ({reason}); it stays in the text as code")
    return {}, f"```{name}\n{block}```\n\n{body}"
