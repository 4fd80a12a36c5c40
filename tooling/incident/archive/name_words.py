"""What a word proves when it is part of a person's name, or what somebody is called."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from functools import cache, lru_cache

from incident import word_lists
from incident.text.lazy_regex import lazy

_NICK = lazy(r"[a-z][\w-]*(?:\.\w+)?")


class Proof(Enum):
    """What one half of a colleague's name proves where it stands alone.

    `NAME`: it means the colleague. `WORD`: it is a word too (Will, Mark, Grace): with a capital
    and the verb of a person. `NOTHING`: it needs the other half (Node, Security, The).
    """

    NAME = 1
    WORD = 2
    NOTHING = 3


def proof(word: str, language: str) -> Proof:
    """What a word (lower case) of a person's name proves alone."""

    def listed(name: str) -> bool:
        return word in word_lists.words(name, language)

    given, doubtful = listed("given_names"), listed("doubtful_names")
    if len(word) < 3:
        return Proof.NOTHING
    if any(map(listed, ("products", "jargon", "group_words", "calendar"))):
        return Proof.WORD if given or doubtful else Proof.NOTHING
    if given:
        return Proof.NAME
    if doubtful:
        # of the commonest words only those that are known to be both
        common = listed("frequent_words") and not listed("ambiguous_names")
        return Proof.NOTHING if common else Proof.WORD
    return Proof.NOTHING if is_word(word, language) else Proof.NAME


@lru_cache(10_000)
def is_word(word: str, language: str) -> bool:
    """Whether a word (lower case) is one of the language, or of the trade."""
    forms, dictionary = _forms(word), word_lists.dictionary(language)
    return not _of_trade(language).isdisjoint(forms) or any(one in dictionary for one in forms)


@cache
def _of_trade(language: str) -> frozenset[str]:
    names = ("jargon", "acronyms", "calendar", "products", "group_words", "ambiguous_names")
    return frozenset().union(*(word_lists.words(name, language) for name in names))


def _forms(word: str) -> Collection[str]:
    """A word, and those that it may be a form of: most plurals and tenses are not listed."""
    found = {word, word.replace("\u2019", "'")}
    for ending, instead in (("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("d", "")):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            found.add(word[: -len(ending)] + instead)
    for beginning in ("re", "un", "non", "pre", "sub", "multi", "auto"):
        if word.startswith(beginning) and len(word) > len(beginning) + 3:
            found.add(word[len(beginning) :])
    return found


def is_nick(word: str, language: str, *, certain: bool = False) -> bool:
    """Whether a word (lower case) may be what one person is called, wherever it stands bare.

    `certain`: it is written as a handle; then half of it may be a word.
    """
    if len(word) < 3 or len(word) > 40 or not _NICK().fullmatch(word):
        return False
    parts = [part for part in re.split(r"[-_.]|\d+", word) if part]
    if not parts or not word_lists.words("group_words", language).isdisjoint(parts):
        return False
    given = word_lists.words("given_names", language)
    if word in word_lists.words("jargon", language):
        return False
    own = [part in given or not is_word(part, language) for part in parts if len(part) > 1]
    if certain or len(parts) == 1:
        return any(own)
    long = [part in given or not is_word(part, language) for part in parts if len(part) > 3]
    return any(own) and all(long)
