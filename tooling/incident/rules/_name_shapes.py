"""People whom no roster knows: from given names, and from what a word does in the document.

A list of names alone is wrong half of the time (Hudson, Jordan, Grant). What a word does decides:
it acts as people do, it speaks at the start of a timeline entry, something is done by it; or it
stands before "server", as code, behind "the", and is a thing throughout the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from incident import word_lists
from incident.postmortem.suppressions import IntervalIndex
from incident.rules._roster_matches import (
    EMAIL,
    HANDLE,
    THING,
    blank,
    is_group,
    roles,
    teams,
)
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
    """A capitalised word. `opens`: a sentence or an entry begins with it; `verb` follows it."""

    start: int
    end: int
    key: str
    opens: bool
    verb: str
    by: bool
    speaks: bool
    person: bool
    thing: bool


# Begins with no small ASCII letter; whether it is a capital is asked of the match. The look behind
# comes second, because a pattern that begins with a set of characters is searched faster.
_TOKEN = lazy(r"[^\W\d_a-z](?<![\w@/.#-].)\w*(?:['\u2019-][^\W\d_]\w*)*")
_OPENS = lazy(
    r"(?:^|[.!?:\0]|\|)[\s>*_+\-\u2013\u2014#(\[\"'\u201c|]*"
    r"(?:\d{1,2}[:.]\d{2}\S*[\s*|:,\u2013\u2014-]*(?:\(?(?:UTC|Z|[A-Z]{2,4}T)\)?[\s:|*-]*)?)?$"
)
_BY = lazy(
    r"\b(?:by|with|hi|hello|hey|dear|thanks\s+to|thank|kudos\s+to|credit\s+to|cc|asked|told|pinged|"
    r"paged|messaged|called|contacted|emailed|informed|and|from|assigned\s+to|owned\s+by|owner:|"
    r"author:|engineer|developer|analyst|colleague|manager|lead|dr\.?|mr\.?|mrs\.?|ms\.?)\s+$",
    re.IGNORECASE,
)
_BY_PERSON = lazy(r"\b(?:by|thanks\s+to|asked|told|pinged|paged|owner:|author:)\s+$", re.IGNORECASE)
_THE = lazy(r"\b(?:the|an?|our|this|that|each|every|new|old)\s+$", re.IGNORECASE)
_SECOND = lazy(r"[a-z,]\s+[A-Z]\w+\s+$")
_ON = lazy(r"\b(?:on|in|into|onto|via|using|at)\s+$", re.IGNORECASE)
_OWNED = lazy(
    r"['\u2019]s?\s+(?:laptop|account|machine|branch|commit|change|pr|pull|query|script|fix|message|"
    r"question|report|suggestion|idea|runbook|phone|credentials|password|token|review|team|shift)\b"
)
_NEXT = lazy(
    r"(?:\s+\((?:[^()\n]{1,40})\))?(?:\s+(?:then|also|quickly|immediately|first|later|again|just|had|"
    r"has|have|already|finally|initially|\w+ly))?\s+(?P<verb>[a-z]+)\b"
)
_TOGETHER = lazy(r"(?:,\s+[A-Z][\w-]+){0,4},?\s+(?:and|&)\s+[A-Z][\w-]+")
_SPEAKS = lazy(r"\*{0,2}\s*:\s+[a-z]")
_TIMED = lazy(
    r"\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?(?:Z|UTC|[AaPp][Mm]|[+-]\d{2}:?\d{2}))?"
    r"[\s*|,\u2013\u2014-]+$"
)
_SURNAME = lazy(r"[ \t]+(?:[A-Z]\.?[ \t]+)?(?P<last>[A-Z]\w*(?:['\u2019-]\w+)*)(?!\w)")
_INITIALS = lazy(r"[A-Z](?<![\w@/.#&-].)[A-Z]{1,2}(?![\w/.&-]*\w)")
_MORE_INITIALS = lazy(r"(?:\s*(?:,|/|&|and)\s*[A-Z]{2,3}\b)+")
_RUN = lazy(r"\w+")
_JOINED = lazy(r"['\u2019-]\w+")
_LABEL = lazy(r"\*\*[^*\n]{1,40}\*\*:?")
_SUFFIX = lazy(
    r"\w+(?:ing|tion|ment|ity|ness|ance|ence|ship|ism|ware|base|ers|ors|ists|ians|ees|s|ly)"
)
# after a word that may be no name these say little: "Hudson is down", "Grant has"
_WEAK = frozenset({"is", "was", "are", "were", "has", "had", "will"})


class _Lists(NamedTuple):
    """The word lists of one language."""

    language: str
    given: frozenset[str]
    doubtful: frozenset[str]
    verbs: frozenset[str]
    strong: frozenset[str]
    products: frozenset[str]
    acronyms: frozenset[str]
    no_surnames: frozenset[str]


@cache
def _lists(language: str) -> _Lists:
    def words(name: str) -> frozenset[str]:
        return word_lists.words(name, language)

    strong = words("person_verbs_strong")
    return _Lists(
        language,
        words("given_names"),
        words("doubtful_names"),
        words("person_verbs") | strong,
        strong,
        words("products"),
        words("acronyms"),
        words("no_surnames"),
    )


def find(context: Context) -> list[Person]:
    """All people that the prose names, as far as form and use tell; each place once."""
    text = context.prose
    if "@" in text:
        text = HANDLE().sub(blank, EMAIL().sub(blank, text))
    lists = _lists(context.config.language)
    given, doubtful = lists.given, lists.doubtful
    allowed = {word.casefold() for word in context.config.names.allow}
    known = allowed | teams(context.postmortem) | set(roles(context.postmortem))
    known |= context.roster.places | lists.products
    headings = IntervalIndex((s.start, s.heading_end) for s in context.document.sections)
    body = context.document.text[context.document.meta.body :]
    if "@" in body:
        body = HANDLE().sub(blank, EMAIL().sub(blank, body))
    below = _Words(body)
    words = [
        word
        for word in _words(text, known, lists)
        # with a capital here and without one in an address: a product, a company, a word
        if headings.find(word.start) is None
        and not any(body[at - 1 : at] != "@" for at in below.places(word.key))
    ]
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
        if word.key in given or (word.key in doubtful and word.person):
            person = _full(text, word, allowed, lists)
        if person is None and word.key not in things:
            person = _alone(text, word, people, likely, lists)
        if person is not None:
            found.append(person)
            done = person.end
    found += _initials(text, headings, known, context.roster.initials, lists)
    return sorted(set(found))


def _words(text: str, skipped: set[str], lists: _Lists) -> Iterator[_Word]:
    """The capitalised words but `skipped`, with what stands around them."""
    verbs, strong, given, doubtful = lists.verbs, lists.strong, lists.given, lists.doubtful
    for token in _TOKEN().finditer(text):
        written = token[0]
        if not written[0].isupper() or len(written) < 2:
            continue
        if written[-2:] in {"'s", "\u2019s"}:
            written = written[:-2]
        key = written.casefold()
        if key in skipped:
            continue
        start, end = token.start(), token.start() + len(written)
        together = _TOGETHER().match(text, end)
        after = _NEXT().match(text, together.end() if together else end)
        verb = after["verb"] if after else ""
        # "09:31 Henrike: looking at it"; a label of several words is none
        speaks = written[1:].islower() and _SPEAKS().match(text, end) is not None
        if not (speaks or verb in strong or key in given or key in doubtful):
            continue
        before = text[max(0, start - 60) : start]
        opens = start == 0 or _OPENS().search(before) is not None
        speaks = speaks and opens and _TIMED().search(before) is not None
        by = _BY().search(before) is not None
        person = by or speaks or verb in verbs or _OWNED().match(text, end) is not None
        thing = THING().match(text, end) is not None
        thing = thing or (verb not in verbs and _THE().search(before) is not None)
        yield _Word(start, end, key, opens, verb, by, speaks, person, thing)


def _full(text: str, word: _Word, allowed: set[str], lists: _Lists) -> Person | None:
    """Given name and surname: "Ines Halvorsen", "Tom P."."""
    match = _SURNAME().match(text, word.end)
    if match is None or match["last"].casefold() in lists.no_surnames:
        return None
    last, end = match["last"], match.end()
    name = " ".join(text[word.start : end].split()).casefold()
    if name in allowed or last.casefold() in allowed or THING().match(text, end):
        return None
    if (last.isupper() and len(last) > 1) or _THE().search(
        text[max(0, word.start - 12) : word.start]
    ):
        return None
    sure = word.key in lists.given
    if not sure:
        after = _NEXT().match(text, end)
        acts = after is not None and after["verb"] in lists.verbs - _WEAK
        if not acts and not _BY_PERSON().search(text[max(0, word.start - 40) : word.start]):
            return None
    return Person(word.start, end, FULL, sure)


def _alone(
    text: str, word: _Word, people: set[str], likely: _Likely, lists: _Lists
) -> Person | None:
    """One word: a given name, or an unknown one that acts or speaks."""
    strong = word.verb in lists.strong
    acts = word.verb in lists.verbs
    place = (word.start, word.end)
    if word.key in lists.given:
        if acts:
            return Person(*place, ACTING, True)
        # "Los Angeles", "Lockheed Martin": the second word of a name of something else
        if not word.by and _SECOND().search(text[max(0, word.start - 30) : word.start]):
            return None
        return Person(*place, BARE, word.key in people)
    if word.key in lists.doubtful:
        if strong or (acts and not word.opens and word.verb not in _WEAK):
            return Person(*place, ACTING, not word.opens)
        placed = _ON().search(text[max(0, word.start - 12) : word.start])
        named = _BY_PERSON().search(text[max(0, word.start - 40) : word.start])
        if word.key in people and named and not placed:
            return Person(*place, BARE, False)
        return None
    if word.speaks or (strong and likely.is_name(word)):
        return Person(*place, UNKNOWN, False)
    return None


class _Words:
    """Where the words of a text stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[str, list[int]] = {}

    def places(self, word: str) -> list[int]:
        """The beginnings of a word: a few are searched for, for many the text is indexed."""
        if word in self._found:
            return self._found[word]
        if len(self._found) < 40:
            self._found[word] = list(self._search(word))
            return self._found[word]
        return self._index.get(word, [])

    def _search(self, word: str) -> Iterator[int]:
        text, at = self.text, self.text.find(word)
        while at >= 0:
            end = at + len(word)
            if not (_is_letter(text[at - 1 : at]) or _is_letter(text[end : end + 1])):
                yield at
            at = text.find(word, end)

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        """By word; of "O'Brien-Smith" also the beginnings: "O", "O'Brien"."""
        text, found = self.text, dict[str, list[int]]()
        for match in _RUN().finditer(text):
            end = match.end()
            found.setdefault(match[0], []).append(match.start())
            for _ in range(3):
                more = _JOINED().match(text, end)
                if more is None:
                    break
                end = more.end()
                found.setdefault(text[match.start() : end], []).append(match.start())
        return found


def _is_letter(text: str) -> bool:
    return text.isalnum() or text == "_"


class _Likely:
    """Which unknown words of a text may be names: capitalised by themselves, and no other word."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        self._all = _Words(text)
        self._within: dict[str, bool] = {}

    def is_name(self, word: _Word) -> bool:
        """Whether a word that acts may be a name."""
        text, written = self.text, self.text[word.start : word.end]
        if len(written) < 3 or not written[1:].islower() or is_group(word.key, self.language):
            return False
        if _SUFFIX().fullmatch(word.key):
            return False
        if any(text[at - 1 : at] != "-" for at in self._all.places(word.key)):
            return False
        if not word.opens:
            return not re.search(r"[A-Z]\w*\s+$", text[max(0, word.start - 20) : word.start])
        # at the beginning of a sentence every word has a capital: elsewhere it must have one too
        if written not in self._within:
            places = self._all.places(written)
            self._within[written] = any(
                not _OPENS().search(text[max(0, at - 60) : at]) for at in places
            )
        return self._within[written]


def _initials(
    text: str,
    headings: IntervalIndex,
    known: set[str],
    roster: frozenset[str],
    lists: _Lists,
) -> Iterator[Person]:
    """Two or three capitals that speak or act ("10:41 KJ reverted"), or are a colleague's."""
    for match in _INITIALS().finditer(text):
        key = match[0].casefold()
        if key in lists.acronyms or key in known or headings.find(match.start()) is not None:
            continue
        begin = text.rfind("\n", 0, match.start()) + 1
        line = text[max(begin, match.start() - 200) : match.start()]
        opens = re.search(r"[a-z]{2}", _LABEL().sub("", line)) is None
        more = _MORE_INITIALS().match(text, match.end())
        after = _NEXT().match(text, more.end() if more else match.end())
        acts = after is not None and after["verb"] in lists.verbs - _WEAK
        speaks = _SPEAKS().match(text, match.end()) is not None
        colleague = match[0] in roster
        if opens and (acts or speaks or more):
            yield Person(*match.span(), INITIALS, colleague)
        elif colleague and (acts or more or _BY().search(line)):
            yield Person(*match.span(), INITIALS, False)
