"""Every factor is addressed by an action item, or accepted.

A factor that nobody acts on will be there the next time, with another cause. Some are worth living
with; then the line states why, so that the next reader does not have to ask. A factor is compared
with the action items by its words, its assets and its kind (detection, communication, capacity), so
an item that mentions it in other words may be missed: name that item on the line.

## Fails

```markdown
## What went badly

- The first message to the consumers waited until the repair was complete.
```

```markdown
## Contributing factors

- The memory of the nightly job was sized for 45,000 movements; the sale made 126,000.
- The marketplace's complaints go to an address that is closed at night.
- Two suppliers deliver their parcels through one warehouse.
- Price lists are printed in a shop that is closed on Mondays.
```

## Passes

```markdown
## What went badly

- Nothing watched the number of rows, so seven hours passed.
- Product lines are named without a convention (AI-2).
- The first message to the consumers waited until the repair was complete. Accepted: the new
  checklist of the support team names this step.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident.diagnostic import Level
from incident.postmortem.document import Document
from incident.postmortem.markdown import source
from incident.rules import Context, Finding, rule
from incident.rules._topics import Topics, topics
from incident.text.lazy_regex import lazy

_SECTIONS = ("contributing_factors", "what_went_badly")
_TOLD = ("summary", "root_cause", "detection", "resolution")  # what else items are about
_SINGLE = 3  # more than that are one finding
_LISTED = 10
_FEW = 3  # with fewer telling words, nothing can be compared
_STORY = 60  # words; a longer paragraph tells what happened
_EVERYWHERE = 300  # a word that occurs once in so many characters tells nothing apart
_BULLET = lazy(r"[ ]{0,1}(?:[-*+]|\d{1,2}[.)])[ \t]+")
_NESTED = lazy(r"\n[ \t]+(?:[-*+]|\d{1,2}[.)])[ \t]")
_ANSWERED = lazy(
    r"\b(?i:accepted)\b\W{0,3}:\s*\S|\b(?:AI|ACTION)-?\d+|(?<!\w)#\d+|/(?:issues|pull|pulls|merge_requests)/\d|"
    r"\b[A-Z][A-Z0-9]+-\d+\b|\b(?i:by design|on purpose|intentional(?:ly)?|(?:has|have|had) since|"
    r"since (?:been|then)|we now|(?:is|are) now|(?:was|were|been|is|are) (?:already )?"
    r"(?:fixed|resolved|repaired|replaced|corrected|addressed)|fixed (?:in|by|since|with)|"
    r"see (?:the )?(?:action|item|follow))\b",
)
_NOT_A_FACTOR = lazy(
    r"[?:]\s*$|^\s*[<>|!]|^\W*(?:(?:none|nothing|n/?a)\W*$|"
    r"no\b[^,;]{0,20}$|thankfully|luckily)",
    re.IGNORECASE,
)
_HINT = 'what will change? add an action item, name one ("AI-2"), or end with "accepted: reason"'


class _Factor(NamedTuple):
    """A factor: offsets of its first line, and of the end of all its lines.

    `words`: how many of its own words say something, without what is nested in it.
    """

    start: int
    end: int
    stop: int
    text: str
    about: Topics
    words: int


@rule(code="INC315", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Ask about factors that share nothing with any action item."""
    items = context.postmortem.action_items
    document = context.document
    if not items or document.by_key.keys().isdisjoint(_SECTIONS):
        return
    factors = [factor for key in _SECTIONS for factor in _factors(document, key)]
    about = [topics(f"{i.title} {i.done_when} {i.verified_by} {i.reason}", i.type) for i in items]
    common = _common(context, factors, about)
    open_ = [
        factor
        for factor in factors
        if not any(_share(factor, item, common) for item in about)
        and not _ANSWERED().search(document.blocks, factor.start, factor.stop)
    ]
    if not open_ or not _is_sure(context, factors, about, len(open_)):
        return
    if len(open_) <= _SINGLE:
        for factor in open_:
            fact = f'no action item addresses this factor: "{_beginning(factor.text)}"'
            yield Finding(factor.start, factor.end, fact, _HINT)
        return
    lines = [str(document.span(factor.start, factor.end).line) for factor in open_]
    more = ", …" if len(lines) > _LISTED else ""
    fact = (
        f"no action item addresses {len(open_)} factors: lines {', '.join(lines[:_LISTED])}{more}"
    )
    others = tuple((factor.start, f'also: "{_beginning(factor.text)}"') for factor in open_[1:])
    yield Finding(open_[0].start, open_[0].end, fact, _HINT, related=others)


def _common(context: Context, factors: list[_Factor], items: list[Topics]) -> frozenset[str]:
    """The words of factors and items that the title has too, or nearly every paragraph."""
    subject, text = topics(context.postmortem.title).stems, context.document.lowered
    said = frozenset().union(*(factor.about.stems for factor in factors))
    return frozenset(
        word
        for word in said & frozenset().union(*(item.stems for item in items))
        if word in subject or text.count(word) * _EVERYWHERE >= len(text)
    )


def _share(factor: _Factor, item: Topics, common: frozenset[str]) -> bool:
    """Whether both have a family, a telling word, or two that the whole document is about."""
    if factor.words < _FEW or not factor.about.families.isdisjoint(item.families):
        return True
    shared = factor.about.stems & item.stems
    return bool(shared - common) or len(shared) > 1 or (bool(shared) and factor.words == _FEW)


def _is_sure(context: Context, factors: list[_Factor], items: list[Topics], asked: int) -> bool:
    """Whether it is clear what each item is about, so that it is not an open factor in other words.

    Where more factors are open than items are unclear, some are open in any case.
    """
    told = topics(" ".join(map(context.document.section_text, _TOLD)))
    texts = [*(factor.about for factor in factors), told]
    unclear = sum(not any(_is_clear(text, item) for text in texts) for item in items)
    return not unclear or (asked > _SINGLE and asked > unclear)


def _is_clear(text: Topics, item: Topics) -> bool:
    """Whether two words, or a word and a family, show that an item is about a text."""
    shared = len(text.stems & item.stems)
    return shared > 1 or (shared == 1 and not text.families.isdisjoint(item.families))


def _factors(document: Document, key: str) -> list[_Factor]:
    """The list items and short paragraphs of a section, above its first subsection.

    A section that tells a story has none: its paragraphs are events.
    """
    section = document.by_key.get(key)
    if section is None:
        return []
    inner = (s.start for s in document.sections if section.heading_end < s.start < section.end)
    end = min(inner, default=section.end)
    found = []
    for start, stop in _blocks(document.blocks, section.heading_end, end):
        text = source.mask_targets(document.blocks[start:stop])
        is_item = start > 1 and document.blocks[start - 1] in " \t"
        if not is_item and len(text.split()) > _STORY:
            return []
        if not _NOT_A_FACTOR().search(text):
            end_of_line = start + len(text.split("\n", 1)[0].rstrip())
            about = topics(text)
            nested = _NESTED().search(text)
            own = topics(text[: nested.start()]) if nested else about
            found.append(_Factor(start, end_of_line, stop, text, about, len(own.stems)))
    return found


def _blocks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of the list items (with what is nested in them) and paragraphs in [start, end)."""
    begun, last, blank, at = -1, start, True, start
    for line in text[start:end].splitlines(keepends=True):
        said = line.strip()
        bullet = _BULLET().match(line)
        if said and (bullet or (blank and not line.startswith((" ", "\t")))):
            if begun >= 0:
                yield begun, last
            begun = at + (bullet.end() if bullet else 0)
        if said:
            last = at + len(line.rstrip())
        blank = not said
        at += len(line)
    if begun >= 0:
        yield begun, last


def _beginning(text: str) -> str:
    said = " ".join(text.split("\n", 1)[0].replace("*", "").split())
    words = said.split(" ")
    return said if len(words) <= 9 else " ".join(words[:8]) + " …"
