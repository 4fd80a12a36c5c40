"""Two or three capitals that mean somebody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from incident.postmortem.suppressions import IntervalIndex
from incident.rules import _person_acts
from incident.rules._person_acts import Act, Verbs
from incident.text.lazy_regex import lazy

_INITIALS = lazy(r"[A-Z](?<![\w@/.#&-].)[A-Z]{1,2}(?![\w/.&-]*\w)")
_MORE = lazy(r"(?:\s*(?:,|/|&|and)\s*[A-Z]{2,3}\b)+")
_LABEL = lazy(r"\*\*[^*\n]{1,40}\*\*:?")
_ITEM = lazy(
    r"^[ \t]*(?:[-*+]|\d+[.)])[ \t].*?\[(?P<who>[A-Z]{2,3})\b[^\]\n]{0,40}\](?![(:\[])", re.M
)
_BRACKETS = lazy(r"\[[A-Z]{2,3}\b")
_NEIGHBOR = lazy(r"\b([A-Z][a-z]+)(?:,|\s+and|\s*[&/])\s*\Z")
_TIMES = 2  # that brackets with two capitals end an item of a list before they mean its owner


def find(
    text: str,
    headings: IntervalIndex,
    skipped: Collection[str],
    colleagues: Collection[str],
    verbs: Verbs,
    given: Collection[str],
) -> Iterator[tuple[int, int, bool]]:
    """Initials that speak or act ("10:41 KJ reverted"), own an item, or are a colleague's.

    Start, end, and whether no other reading is likely. `skipped`: lower case.
    """
    owners = []
    if len(_BRACKETS().findall(text)) >= _TIMES:  # the pattern of an item is expensive
        matches = _ITEM().finditer(text)
        owners = [match for match in matches if match["who"].casefold() not in skipped]
    for match in owners if len(owners) >= _TIMES else ():
        yield *match.span("who"), match["who"] in colleagues
    for match in _INITIALS().finditer(text):
        if match[0].casefold() in skipped or headings.find(match.start()) is not None:
            continue
        begin = text.rfind("\n", 0, match.start()) + 1
        line = text[max(begin, match.start() - 200) : match.start()]
        opens = re.search(r"[a-z]{2}", _LABEL().sub("", line)) is None
        more = _MORE().match(text, match.end())
        act = _person_acts.act(text, more.end() if more else match.end(), verbs)
        acts = act > Act.WEAK
        speaks = _person_acts.SPEAKS().match(text, match.end()) is not None
        colleague = match[0] in colleagues
        if opens and (acts or speaks or more):
            # "17:21 XST: the team asked" is a time zone
            if _person_acts.CLOCK().search(line) and not acts and not colleague:
                continue
            yield *match.span(), colleague
        elif _is_next_to_person(line, given) or (
            colleague and (act is Act.STRONG or _person_acts.BY_PERSON().search(line))
        ):
            yield *match.span(), False


def _is_next_to_person(before: str, given: Collection[str]) -> bool:
    neighbor = _NEIGHBOR().search(before)
    return neighbor is not None and neighbor[1].casefold() in given
