"""Where a name stands that belongs elsewhere: in a list of people, in an action item, in thanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from incident.archive import nicknames
from incident.diagnostic import IN_LIST
from incident.postmortem.sections import normalize
from incident.postmortem.suppressions import IntervalIndex
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.rules import Context

_MOVE_LIST = "move the list to `roles` or `observers` in the frontmatter"
_MOVE_OWNER = "move the name to the action item's `owner`"
_THANK = "thank the role or the team; if they agreed to be named, add the name to `names.allow`"

_CREDITED = lazy(
    r"(?:special )?(?:thanks|thank you|kudos|credits?|acknowledge?ments?|attributions?)\b.*",
    re.IGNORECASE,
)
_GROUP = lazy(
    r"(?:meeting |incident |list of )?(?:attendees|participants|people(?: involved)?|responders|"
    r"facilitators?|present|who was (?:there|involved)|response team|roles?)",
    re.IGNORECASE,
)
_ITEMS = lazy(
    r"(?:.*\b)?(?:action items?|follow[- ]?ups?|to[- ]?dos?|next steps|remediation items)\b.*",
    re.IGNORECASE,
)
_THANKS_TO = lazy(
    r"\b(?:thanks|thank you|kudos|credits?|props|shout[- ]?out)\b[^.!?\0\n]{0,40}\Z", re.IGNORECASE
)
_OWNER_BEFORE = lazy(
    r"(?:^[ \t>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:\[[ xX]\][ \t]*)?[*_]{0,2}[\[(]?|"
    r"[.!?;][ \t]+|\0|\b(?:owners?|assignees?|assigned to|dri|lead)\b[*_:) ]{1,4}|[(\[])@?\Z",
    re.IGNORECASE | re.MULTILINE,
)
_OWNER_AFTER = lazy(
    r"[*_]{0,2}(?:\s*[\])]|\s*:|\s*[-\u2013\u2014]\s|\s+(?:will|to|should|shall|must|is going to|is|has)\b)"
)
# the other name of somebody: "Ines Halvorsen (@ihalvo)", "@ihalvo (Ines Halvorsen)"
_ASIDE = lazy(r"[ \t]+\((?P<nick>@?[A-Za-z][\w.-]*)\)")
_BEFORE_ASIDE = lazy(r"(?P<nick>@[A-Za-z][\w.-]*)[ \t]+\(\Z")
_MAX_LABELED = 15  # words: what follows "Facilitator:" is a list, not a story


class Where(Enum):
    """What a place in a document is for, as far as names are concerned."""

    LIST = 1
    ITEM = 2
    THANKS = 3


class NamePlaces:
    """The lists of people, action items and thanks of one document."""

    def __init__(self, context: Context) -> None:
        self._context, self._text = context, context.prose
        regions = list(_regions(context))
        self._index = {
            where: IntervalIndex((start, end) for start, end, one in regions if one is where)
            for where in Where
        }

    def advice(self, start: int, end: int, shown: str, fact: str, hint: str) -> tuple[str, str]:
        """The fact and the hint for the name at [start, end), called `shown` in the fact."""
        if self._index[Where.ITEM].find(start) is not None and self._owns(start, end):
            return fact, _MOVE_OWNER
        if self._index[Where.LIST].find(start) is not None:
            return f"{shown} {IN_LIST}", _MOVE_LIST
        before = self._text[max(0, start - 80) : start]
        if self._index[Where.THANKS].find(start) is not None or _THANKS_TO().search(before):
            return fact, _THANK
        return fact, hint

    def beside(self, start: int, end: int) -> str:
        """The name that the document gives next to the handle or nickname at [start, end), or ""."""
        return self._names.get(self._text[start:end].casefold(), "")

    @cached_property
    def _names(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for start, end, *_ in (*self._context.colleagues, *self._context.people):
            before = self._text[max(0, start - 44) : start]
            nick = _ASIDE().match(self._text, end) or _BEFORE_ASIDE().search(before)
            if nick:
                name = " ".join(self._text[start:end].split())
                found.setdefault(nick["nick"].casefold(), name)
        return found

    def _owns(self, start: int, end: int) -> bool:
        """Whether the name is that of the one who does the item: it begins it, or follows it."""
        line = self._text.rfind("\n", 0, start) + 1
        before = self._text[max(line, start - 60) : start]
        after = _OWNER_AFTER().match(self._text, end)
        return _OWNER_BEFORE().search(before) is not None and after is not None


def _regions(context: Context) -> Iterator[tuple[int, int, Where]]:
    document, text = context.document, context.prose
    for item in context.postmortem.action_items:
        yield (*document.at("action_items", item.index, "title"), Where.ITEM)
    for section in document.sections:
        title = normalize(section.title[:200])
        if section.key == "action_items" or _ITEMS().fullmatch(title):
            yield section.heading_end, section.end, Where.ITEM
        elif _CREDITED().fullmatch(title):
            yield section.heading_end, section.end, Where.THANKS
        elif _GROUP().fullmatch(title) and not _is_story(text[section.heading_end : section.end]):
            yield section.heading_end, section.end, Where.LIST
    for found in nicknames.people_lists(text):
        yield found.start, found.end, _kind(found.head)
    for found in nicknames.people_lines(text):
        if len(text[found.start : found.end].split()) <= _MAX_LABELED:
            yield found.start, found.end, _kind(found.head)


def _kind(head: str) -> Where:
    return Where.THANKS if _CREDITED().search(head) else Where.LIST


def _is_story(text: str) -> bool:
    return ". " in text or ".\n" in text
