"""What a redaction hides, as the strings that must not appear anywhere else.

A redacted passage is hidden as a whole and by its telling words: names, numbers, identifiers. A
common word tells nothing; one that is also a name (`marketing`) is searched for, and its author
decides with `redact_except` when it may appear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from incident import word_lists
from incident.repository import resources
from incident.text.lazy_regex import lazy
from incident.text.visible_words import VisibleWords, words_of

_PIECES = lazy(r"[|\n\r]+|\]\(|\]\[|<[^<>]*>")
_TOKEN = lazy(r"[^\W_](?:[\w.@'\u2019/:+-]*[^\W_])?")
_TIME = lazy(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|\s?UTC|[+-]\d{2}:?\d{2})?"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\b"
)
_INSTANT = lazy(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})")
_SENTENCE = lazy(r"[.!?:;|]\s*$|^\s*(?:[-*+>#]+\s*|\d+[.)]\s+)*$")
_FREE_TEXT = frozenset(
    (
        "title",
        "summary",
        "use",
        "done_when",
        "reason",
        "should_have_been",
        "metric",
        "unit",
        "target",
    )
)
_SOLID = 8  # letters from which a word is found across blanks: "fct orders", "fctorders"


class Secret(NamedTuple):
    """A string that must not be in the public edition.

    `path`, `line`: where it is redacted; `where`: the key, or "the text". `everywhere`: on every
    page, else only on what comes from its own document. `exact`: as a name, with its capital.
    """

    text: str
    path: str
    line: int
    where: str
    everywhere: bool = True
    exact: bool = False

    @property
    def words(self) -> str:
        """The words to search for."""
        return words_of(self.text)


class Redacted(NamedTuple):
    """Where something is redacted (a file, its line, the key or "the text"), in which language."""

    path: str
    line: int
    where: str
    language: str = "en"

    def secret(self, text: str, *, everywhere: bool = True, exact: bool = False) -> Secret:
        """The secret `text`, redacted here."""
        return Secret(text, self.path, self.line, self.where, everywhere, exact)


def of_value(value: Any, at: Redacted) -> Iterator[Secret]:
    """The secrets in a redacted value of the frontmatter."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            yield from of_value(item, at._replace(where=f"{at.where}.{key}"))
        return
    if isinstance(value, list):
        for item in value:
            yield from of_value(item, at)
        return
    text = str(value).strip()
    if text in vocabulary():
        return
    if instant := _INSTANT().match(text):
        day, time = instant.groups()
        for text in (f"{day}T{time}", f"{day} {time}", time):
            yield at.secret(text, everywhere=False)
        return
    if at.where.rpartition(".")[2] in _FREE_TEXT and is_ordinary(text, at.language):
        # "forecast", "cash forecast": words of anybody; more of them are a quotation
        words = words_of(text)
        if (blanks := words.count(" ")) > 0:
            yield at.secret(text, everywhere=blanks >= 3)
        return
    yield from of_text(text, at, "")


def of_text(text: str, at: Redacted, before: str) -> Iterator[Secret]:
    """The secrets in a redacted text; `before`: the line up to it."""
    for piece in _PIECES().split(text):
        words = words_of(piece)
        if words and not _says_nothing(words, at.language):
            alone = " " not in words
            everywhere = not (alone and words.casefold() in dictionary(at.language))
            yield at.secret(piece.strip(), everywhere=everywhere)
    yield from _telling(text, at, before)


def _telling(text: str, at: Redacted, before: str) -> Iterator[Secret]:
    """The words of a text that tell something on their own."""
    text = _TIME().sub(lambda match: " " * len(match[0]), text)
    seen = set()
    for match in _TOKEN().finditer(text):
        token = match[0].removesuffix("'s").removesuffix("\u2019s")
        words = words_of(token)
        if not words or token in seen:
            continue
        seen.add(token)
        if _is_code(token):
            yield at.secret(token)
            if "/" in token or "." in token or ":" in token:  # dbt:model.shop.fct_orders
                yield from (at.secret(part) for part in re.split(r"[/.:]", token) if _is_code(part))
        elif any(c.isdigit() for c in token):
            if not _says_nothing(words, at.language):
                yield at.secret(token)
        elif not is_ordinary(token, at.language):
            yield at.secret(token)
        elif token[:1].isupper() and token.casefold() not in common(at.language) | calendar(
            at.language
        ):
            start = text[: match.start()] or before
            if not _SENTENCE().search(start[-80:]):
                yield at.secret(token, exact=True)


def _is_code(token: str) -> bool:
    """An identifier, an address, a host: `fct_orders`, `a@b.example`, `acme.example`."""
    return any(mark in token for mark in "_@") or bool(re.search(r"\w[./:]\w", token))


def is_ordinary(text: str, language: str) -> bool:
    """Whether a text has nothing but words of the language, of the calendar and of the trade."""
    return all(
        len(part) < 3
        or part in dictionary(language)
        or part in calendar(language)
        or part in _known(language)
        or (part.endswith("s") and part[:-1] in dictionary(language))
        for part in re.split(r"[\s'\u2019-]+", text.casefold())
    )


def _says_nothing(words: str, language: str) -> bool:
    """Whether words alone betray nobody: the commonest ones, small numbers and years."""
    folded = words.casefold()
    if folded.isdigit():
        return len(folded) < 3 or (len(folded) == 4 and 1990 <= int(folded) < 2050)
    return " " not in folded and (
        folded in common(language) or folded in calendar(language) or len(folded) < 2
    )


def found_in(text: VisibleWords, secrets: Iterable[Secret]) -> Iterator[Secret]:
    """The secrets that a text has."""
    for secret in secrets:
        words = secret.words
        first = words.casefold().partition(" ")[0]
        solid = len(words.replace(" ", "")) >= _SOLID and not secret.exact
        if (first in text.vocabulary or solid) and text.has(words, exact=secret.exact, solid=solid):
            yield secret


@cache
def dictionary(language: str) -> frozenset[str]:
    """The words of the language, in lower case, without names."""
    return word_lists.words("dictionary", language)


@cache
def common(language: str) -> frozenset[str]:
    """The words that everybody writes."""
    return word_lists.words("frequent_words", language)


@cache
def calendar(language: str) -> frozenset[str]:
    """The names of months and weekdays."""
    return word_lists.words("calendar", language)


@cache
def _known(language: str) -> frozenset[str]:
    """Products and abbreviations that data teams write everywhere."""
    return word_lists.words("products", language) | word_lists.words("acronyms", language)


@cache
def vocabulary() -> frozenset[str]:
    """The words that the schema itself gives: `committed` in a page betrays nobody."""
    schema = (resources.root() / "schemas" / "postmortem.schema.json").read_text(encoding="utf-8")
    words: set[str] = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            words.update(word for word in value.get("enum", ()) if isinstance(word, str))
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(json.loads(schema))
    return frozenset(words)
