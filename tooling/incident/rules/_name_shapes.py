"""People whom no roster knows: from given names, and from what a word does in the document.

A list of names alone is wrong half of the time (Hudson, Jordan, Grant). What a word does decides:
it acts as people do, it speaks at the start of a timeline entry, something is done by it; or it
stands before "server", as code, behind "the", and is a thing throughout the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from incident import word_lists
from incident.archive.name_words import is_word
from incident.postmortem.suppressions import IntervalIndex
from incident.rules import _initials, _person_acts, _unknown_names
from incident.rules._person_acts import Act, Verbs
from incident.rules._roster_matches import is_group, roles, teams
from incident.rules._word_places import WordPlaces
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.rules import Context

FULL, ACTING, BARE, INITIALS, UNKNOWN = "full", "acting", "bare", "initials", "unknown"


class Person(NamedTuple):
    """A word at [start, end) that means a person. `sure`: no other reading is likely."""

    start: int
    end: int
    kind: str
    sure: bool


class _Word(NamedTuple):
    """A capitalised word. `opens`: a sentence or an entry begins with it.

    `person`: it does or has what people do or have; `thing`: it is said to be one here.
    """

    start: int
    end: int
    key: str
    opens: bool
    act: Act
    by: bool
    speaks: bool
    owns: bool
    thing: bool

    @property
    def person(self) -> bool:
        return self.by or self.speaks or self.owns or self.act > Act.NONE


# Begins with an ASCII capital or another letter; whether it is a capital is asked of the match. The
# looks behind come second: a pattern that begins with a set of characters is searched faster.
_TOKEN = lazy(r"[^\x00-@\[-\x7f](?<=[^\W\d_])(?<![\w@/.#-].)\w*(?:['\u2019-][^\W\d_]\w*)*")
_NO_WORD = lazy(
    r"-\w|[./]\w|@|(?<=['\u2019]ve)|(?<=['\u2019]ll)|(?<=['\u2019]re)|(?<=['\u2019][md])"
)
_BEFORE = lazy(r"(?P<word>[A-Z]\w*)\s+\Z")
_SURNAME = lazy(r"[ \t]+(?:[A-Z]\.?[ \t]+)?(?P<last>[A-Z]\w*(?:['\u2019-]\w+)*)(?!\w)")
_PARTICLE = lazy(
    r"[ \t]+(?:(?:van|von|der|den|de|del|della|da|dos|di|la|le|el|al|bin|ibn|ter|ten|zu)[ \t]+){1,3}"
    r"(?=[A-Z])"
)
_SUFFIX = lazy(
    r"\w+(?:ing|tion|ment|ity|ness|ance|ence|ship|ism|ware|base|ers|ors|ists|ians|ees|s|ly)"
)


class _Lists(NamedTuple):
    """The word lists of one language."""

    language: str
    given: frozenset[str]
    doubtful: frozenset[str]
    verbs: Verbs
    never: frozenset[str]
    acronyms: frozenset[str]
    no_surnames: frozenset[str]
    calendar: frozenset[str]


@cache
def _lists(language: str) -> _Lists:
    def words(name: str) -> frozenset[str]:
        return word_lists.words(name, language)

    strong, jargon = words("person_verbs_strong"), words("jargon")
    given = words("given_names") - jargon
    return _Lists(
        language,
        given,
        words("doubtful_names") | (words("given_names") & jargon),
        Verbs(words("person_verbs") | strong, strong),
        words("products") | (jargon - words("given_names")),
        words("acronyms"),
        words("no_surnames"),
        words("calendar"),
    )


def find(context: Context) -> list[Person]:
    """All people that the prose names, as far as form and use tell; each place once."""
    text = context.masked
    lists = _lists(context.config.language)
    allowed = {word.casefold() for word in context.config.names.allow}
    known = allowed | teams(context.postmortem) | set(roles(context.postmortem))
    known |= context.roster.places
    # a few words of the document, in place of thousands of the list
    vocabulary = context.vocabulary
    known |= lists.never & vocabulary
    headings = IntervalIndex((s.start, s.heading_end) for s in context.document.sections)
    below = WordPlaces(text[context.document.meta.body :])
    words = [
        word
        for word in _words(text, known, lists)
        # with a capital here and without one in an address: a product, a company, a word
        if headings.find(word.start) is None and not below.is_lower(word.key)
    ]
    words = _without_cast(text, words)
    likely = _Likely(text, lists.language)
    people = {w.key for w in words if w.person}
    things = {w.key for w in words if w.thing}
    for span in context.document.code_spans:
        things.update(part.casefold() for part in (span, *re.split(r"[^A-Za-z]+", span)))
    found: list[Person] = []
    done = 0
    for word in words:
        if word.start < done:
            continue
        person = None
        if word.key in lists.given or (word.key in lists.doubtful and word.person):
            person = _full(text, word, allowed, lists)
        if person is None and word.key not in things:
            person = _alone(text, word, people, likely, lists)
        if person is not None:
            found.append(person)
            done = person.end
    found += _lower(context, text, known | things, lists)
    found += _unknown(text, found, known | things, headings, lists)
    skipped = known | (lists.acronyms & vocabulary)
    for start, end, sure in _initials.find(
        text, headings, skipped, context.roster.initials, lists.verbs, lists.given
    ):
        found.append(Person(start, end, INITIALS, sure))
    return sorted(set(found))


def _lower(context: Context, text: str, known: set[str], lists: _Lists) -> Iterator[Person]:
    """Given names without a capital that act as people do and aren't another word."""
    for name in sorted((lists.given & context.vocabulary) - known):
        if len(name) < 3 or is_word(name, lists.language):
            continue
        for start in WordPlaces(text).places(name):
            end = start + len(name)
            before = text[max(0, start - 60) : start]
            if before[-1:] in {"@", "/", ".", "#", "-", "_", "\\", "="} or _NO_WORD().match(
                text, end
            ):
                continue
            if _person_acts.is_thing(text, start, end) or _person_acts.THE().search(before):
                continue
            if _person_acts.act(text, end, lists.verbs) is Act.STRONG:
                yield Person(start, end, ACTING, False)
            elif _person_acts.act(text, end, lists.verbs) is Act.PLAIN or (
                _person_acts.BY_PERSON().search(before)
            ):
                yield Person(start, end, BARE, False)


def _unknown(
    text: str, found: list[Person], known: set[str], headings: IntervalIndex, lists: _Lists
) -> list[Person]:
    """Full names that no list has, and everybody's half names in other places."""
    words = _unknown_names.Words(lists.given, lists.doubtful, known, lists.verbs, lists.language)
    taken = IntervalIndex((person.start, person.end) for person in found)
    more = [
        Person(start, end, FULL, False)
        for start, end in _unknown_names.full_names(text, words)
        if taken.find(start) is None and headings.find(start) is None
    ]
    full = [*(person for person in found if person.kind == FULL), *more]
    halves = {half for person in full for half in text[person.start : person.end].split()}
    names = {
        half
        for half in halves
        if len(half) > 2 and half[1:].islower() and not is_word(half.casefold(), lists.language)
    }
    every = IntervalIndex((person.start, person.end) for person in [*found, *more])
    for start, end in _unknown_names.again(text, names - known, WordPlaces(text)):
        if every.find(start) is None and headings.find(start) is None:
            more.append(Person(start, end, BARE, True))
    return more


# who explains a protocol: two of them in one text are nobody's colleagues
_CAST = frozenset({"alice", "bob", "carol", "eve", "mallory", "trudy", "trent"})


def _without_cast(text: str, words: list[_Word]) -> list[_Word]:
    """The words but the invented people of an explanation: Alice sends a token to Bob."""
    cast = {word.key for word in words} & _CAST
    if not {"alice", "bob"} <= cast:
        return words
    surnames = any(
        word.key in cast and _SURNAME().match(text, word.end) is not None for word in words
    )
    return words if surnames else [word for word in words if word.key not in cast]


def _words(text: str, skipped: set[str], lists: _Lists) -> Iterator[_Word]:
    """The capitalised words but `skipped`, with what stands around them."""
    given, doubtful = lists.given, lists.doubtful
    for token in _TOKEN().finditer(text):
        written = token[0]
        if not written[0].isupper() or len(written) < 2:
            continue
        if written[-2:] in {"'s", "\u2019s"}:
            written = written[:-2]
        key = written.casefold()
        # "db-02", "Freud.example.com", "I've"
        if key in skipped or _NO_WORD().match(text, token.start() + len(written)):
            continue
        start, end = token.start(), token.start() + len(written)
        first, _, second = written.partition("-")
        if second[:1].isupper() and first[1:].islower() and key not in given:
            key = first.casefold()  # "Jan-Lukas"
        listed = key in given or key in doubtful
        # "09:31 Henrike: looking at it"; a label of several words is none
        speaks = written[1:].islower() and _person_acts.SPEAKS().match(text, end) is not None
        if not (listed or speaks) and is_word(key, lists.language):
            continue  # most words with a capital: they begin a sentence
        act = Act.NONE
        if listed or _person_acts.may_act(text, end, lists.verbs):
            act = _person_acts.act(text, end, lists.verbs)
        if written.isupper() and act is not Act.STRONG:
            continue
        if not (speaks or act is Act.STRONG or listed):
            continue
        before = text[max(0, start - 60) : start]
        opens = start == 0 or _person_acts.OPENS().search(before) is not None
        speaks = speaks and opens and _person_acts.TIMED().search(before) is not None
        by = _person_acts.BY().search(before) is not None
        owns = _person_acts.OWNS().match(text, end) is not None
        thing = _person_acts.is_thing(text, start, end)
        if not (thing or act > Act.WEAK or owns):
            thing = _person_acts.THE().search(before) is not None
        yield _Word(start, end, key, opens, act, by, speaks, owns, thing)


def _full(text: str, word: _Word, allowed: set[str], lists: _Lists) -> Person | None:
    """Given name and surname: "Ines Halvorsen", "Tom P."."""
    particle = _PARTICLE().match(text, word.end)
    match = _SURNAME().match(text, particle.end() - 1 if particle else word.end)
    if match is None or match["last"].casefold() in lists.no_surnames:
        return None
    last, end = match["last"], match.end()
    for _ in range(3):  # "Ana Souza Lima", "Ana Van Der Lima"
        more = _SURNAME().match(text, end)
        if more is None or not _continues(more["last"], lists):
            break
        last, end = more["last"], more.end()
    name = " ".join(text[word.start : end].split()).casefold()
    if (
        name in allowed
        or last.casefold() in allowed
        or _person_acts.is_thing(text, word.start, end)
    ):
        return None
    if (last.isupper() and len(last) > 1) or _person_acts.THE().search(
        text[max(0, word.start - 12) : word.start]
    ):
        return None
    if word.key not in lists.given:
        acts = _person_acts.act(text, end, lists.verbs) > Act.WEAK
        before = text[max(0, word.start - 40) : word.start]
        if not acts and not _person_acts.BY_PERSON().search(before):
            return None
        return Person(word.start, end, FULL, False)
    # "Julia Language": a surname that is a word needs what people do
    known = last.casefold() in lists.given or last.casefold() in lists.doubtful
    sure = known or word.person or not is_word(last.casefold(), lists.language)
    sure = sure or _person_acts.act(text, end, lists.verbs) > Act.NONE
    return Person(word.start, end, FULL, sure)


def _continues(last: str, lists: _Lists) -> bool:
    """Whether a third word with a capital is part of a name: "Ana Souza Lima"."""
    return last[1:].islower() and not is_word(last.casefold(), lists.language)


def _alone(
    text: str, word: _Word, people: set[str], likely: _Likely, lists: _Lists
) -> Person | None:
    """One word: a given name, or an unknown one that acts or speaks."""
    place = (word.start, word.end)
    before = text[max(0, word.start - 40) : word.start]
    second = _BEFORE().search(before)
    # "Los Angeles", "Lockheed Martin": the second word of a name of something else
    second_of = second is not None and not (
        second["word"].casefold() in lists.calendar or is_word(second["word"].casefold(), "en")
    )
    if word.key in lists.given:
        if word.act > Act.NONE:
            return Person(*place, ACTING, True)
        if second is not None and not word.by and _inside(before):
            return None
        return Person(*place, BARE, word.key in people)
    if word.key in lists.doubtful:
        return _doubtful(text, word, people, second_of, lists)
    if word.speaks or (word.act is Act.STRONG and likely.is_name(word)):
        return Person(*place, UNKNOWN, False)
    return None


_INSIDE = lazy(r"[a-z,]\s+[A-Z]\w+\s+\Z")


def _inside(before: str) -> bool:
    return _INSIDE().search(before) is not None


def _doubtful(
    text: str, word: _Word, people: set[str], second_of: bool, lists: _Lists
) -> Person | None:
    """A given name that is a word too: only where it does what people do."""
    place = (word.start, word.end)
    before = text[max(0, word.start - 40) : word.start]
    placed = _person_acts.ON().search(before) is not None
    if second_of or placed:
        return None
    if word.act is Act.STRONG:
        return Person(*place, ACTING, not word.opens)
    dated = word.key in lists.calendar
    if word.act is Act.PLAIN and not dated:
        return Person(*place, ACTING, not word.opens)
    if word.owns and not dated:
        return Person(*place, BARE, False)
    if _person_acts.BY_PERSON().search(before):
        return Person(*place, BARE, False)
    return None


class _Likely:
    """Which unknown words of a text may be names: capitalised by themselves, and no other word."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        self._all = WordPlaces(text)
        self._within: dict[str, bool] = {}

    def is_name(self, word: _Word) -> bool:
        """Whether a word that acts may be a name."""
        text, written = self.text, self.text[word.start : word.end]
        if len(written) < 3 or not written[1:].islower() or is_group(word.key, self.language):
            return False
        if _SUFFIX().fullmatch(word.key) or is_word(word.key, self.language):
            return False
        if any(text[at - 1 : at] != "-" for at in self._all.places(word.key)):
            return False
        if not word.opens:
            before = text[max(0, word.start - 20) : word.start]
            return not (re.search(r"[A-Z]\w*\s+$", before) or _person_acts.ON().search(before))
        # at the beginning of a sentence every word has a capital: elsewhere it must have one too
        if written not in self._within:
            places: Iterable[int] = self._all.places(written)
            self._within[written] = any(
                not _person_acts.OPENS().search(text[max(0, at - 60) : at]) for at in places
            )
        return self._within[written]
