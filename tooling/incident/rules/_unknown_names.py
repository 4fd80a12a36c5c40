"""Full names that no list has: two capitalized non-words in a person's position."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from incident import word_lists
from incident.archive import nicknames
from incident.archive.name_words import is_word
from incident.rules import _person_acts
from incident.rules._person_acts import Act, Verbs
from incident.rules._word_places import WordPlaces
from incident.text.lazy_regex import lazy

# the look behind comes second: a pattern that begins with a set of characters is searched faster
_PAIR = lazy(
    r"(?P<first>[A-Z](?<![\w@/.#'\u2019-].)[a-z]+(?:-[A-Z][a-z]+)?)[ \t]+"
    r"(?P<last>[A-Z][a-z]*[A-Z]?[a-z]+(?:['\u2019-][A-Z][a-z]+)?)(?![\w@/(-]|\.\w)"
)
_COMMA = lazy(r"(?:,|,?[ \t]+and|[ \t]*&)[ \t]+(?P<first>[A-Z]\w+)[ \t]+[A-Z]\w+")
_BEFORE = lazy(r"(?P<first>[A-Z]\w+)[ \t]+[A-Z]\w+(?:,|,?[ \t]+and|[ \t]*&)[ \t]+\Z")
# "Tvikas CSI", "Tvikas Cloud": what a product or a vendor is followed by
_BRANDED = (
    r"[ \t]+(?:[A-Z]{2,5}s?(?![\w'\u2019-])|(?:API|App|Cloud|Platform|Cluster|Console|Dashboard|Database|"
    r"Engine|Gateway|Manager|Hosting|Operator|Proxy|SDK|Server|Service|Storage|Support|Watchdog)s?\b)"
)
_COMPANY = lazy(
    r"(?:inc|ltd|llc|gmbh|corp|labs|cloud|bank|group|core|foundation|server|studio|api|protocol|"
    r"network|systems?|software|university|street)\Z",
    re.IGNORECASE,
)


class Words(NamedTuple):
    """What decides: `never`: words of things, lower case."""

    given: Collection[str]
    doubtful: Collection[str]
    never: Collection[str]
    verbs: Verbs
    language: str


def full_names(text: str, words: Words) -> Iterator[tuple[int, int]]:
    """Where somebody with two names, of which no list has the first, acts or is credited."""
    lists: list[tuple[int, int]] | None = None  # looked for at the first name that needs it
    verbs = _careful(words.language)
    brands: dict[str, bool] = {}
    for match in _PAIR().finditer(text):
        first, last = match["first"].casefold(), match["last"].casefold()
        start, end = match.span()
        doubtful = first in words.doubtful
        if not doubtful and is_word(first, words.language):
            continue
        if _is_no_name(first, words) or _is_no_name(last, words) or _COMPANY().search(last):
            continue
        if last in word_lists.words("no_surnames", words.language):
            continue
        if not doubtful and _is_part(text, start):
            continue
        if _person_acts.is_thing(text, start, end) or _person_acts.COMPANY().match(text, end):
            continue
        before = text[max(0, start - 60) : start]
        if _person_acts.THE().search(before):
            continue
        if not doubtful and _is_brand(text, match["first"], brands):
            continue
        if lists is None:
            lists = [(people.start, people.end) for people in nicknames.people_lists(text)]
        # "Max Ferreira": half a name and half none is enough
        if (
            (
                doubtful
                and not is_word(last, words.language)
                and not _person_acts.ON().search(before)
            )
            or any(begin <= start < stop for begin, stop in lists)
            or (
                _person_acts.act(text, end, verbs) > Act.WEAK
                or _person_acts.BY_PERSON().search(before)
                or _is_next_to_person(text, start, end, words.given)
            )
        ):
            yield start, end


@cache
def _careful(language: str) -> Verbs:
    """The verbs that machines hardly do at any time."""
    verbs = _person_acts.verbs(language)
    return verbs._replace(all=verbs.all - word_lists.words("machine_verbs", language))


def _is_brand(text: str, first: str, known: dict[str, bool]) -> bool:
    """Whether the document uses the first half of a name as that of a product elsewhere."""
    if first not in known:
        pattern = rf"(?<![\w@/.#-]){re.escape(first)}{_BRANDED}"
        known[first] = re.search(pattern, text) is not None
    return known[first]


def _is_no_name(word: str, words: Words) -> bool:
    return word in words.never or word in word_lists.words("calendar", words.language)


def _is_part(text: str, start: int) -> bool:
    """Whether a word with a capital stands before: "New Foo Bar"."""
    return re.search(r"[A-Z]\w*[ \t]+\Z", text[max(0, start - 20) : start]) is not None


def _is_next_to_person(text: str, start: int, end: int, given: Collection[str]) -> bool:
    after = _COMMA().match(text, end)
    before = _BEFORE().search(text[max(0, start - 60) : start])
    return any(found and found["first"].casefold() in given for found in (after, before))


def again(text: str, names: Collection[str], places: WordPlaces) -> Iterator[tuple[int, int]]:
    """Where one half of a full name (as written) stands alone, before or after it."""
    for name in names:
        for at in places.places(name):
            end = at + len(name)
            around = text[at - 1 : at] in {"@", "/", ".", "#", "-"} or text[end : end + 1] in {
                "/",
                "@",
                "-",
                "_",
            }
            if not around and not _person_acts.is_thing(text, at, end):
                yield at, end
