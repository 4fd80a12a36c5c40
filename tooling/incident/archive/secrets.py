"""What a redaction hides, as the strings that must not appear anywhere else.

A redacted passage is hidden as a whole and by its telling words: names, numbers, identifiers. A
common word tells nothing; one that is also a name (`marketing`) is searched for, and its author
decides with `redact_except` when it may appear.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from incident import word_lists
from incident.repository import resources
from incident.text import instants
from incident.text.lazy_regex import lazy
from incident.text.visible_words import VisibleWords, words_of

_PIECES = lazy(r"[|\n\r]+|\]\(|\]\[|<[^<>]*>")
_TOKEN = lazy(r"[^\W_](?:[\w.@'\u2019/:+-]*[^\W_])?")
_TIME = lazy(
    r"\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|\s?UTC|[+-]\d{2}:?\d{2})?"
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\b"
)
_INSTANT = lazy(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_SENTENCE = lazy(r"[.!?:;|]\s*$|^\s*(?:[-*+>#]+\s*|\d+[.)]\s+)*$")
_BEFORE_NAME = lazy(r"[A-Z][\w'-]*[ \t]+\Z")
_UNSAID = lazy(r"https?://\S+|\b[A-Z]{1,5}-\d+\b|#\d+")  # numbers there are no amounts
FREE_TEXT = frozenset(
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
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa"}
    | {"ø": "oe", "Ø": "Oe"}
)
_SOLID = 8  # letters from which a word is found across blanks: "fct orders", "fctorders"


# every secret is looked for in every document
_words = lru_cache(maxsize=100_000)(words_of)


@lru_cache(maxsize=100_000)
def _shape(text: str) -> tuple[str, str, int]:
    """The words of a text, the first of them in lower case, and how many letters there are."""
    words = words_of(text)
    return words, words.casefold().partition(" ")[0], len(words.replace(" ", ""))


class Secret(NamedTuple):
    """A string that must not be in the public edition.

    `path`, `line`: where it is redacted; `where`: the key, or "the text". `everywhere`: on every
    page, else only on what comes from its own document. `exact`: as a name, with its capital.
    `doubtful`: a capital that may only begin a sentence: no secret if people write it small.
    `number`: so short that only what the author writes is searched for it, outside of times.
    `at`: an instant, however it is written.
    """

    text: str
    path: str
    line: int
    where: str
    everywhere: bool = True
    exact: bool = False
    doubtful: bool = False
    number: bool = False
    at: datetime | None = None

    @property
    def words(self) -> str:
        """The words to search for."""
        return _words(self.text)


class Redacted(NamedTuple):
    """Where something is redacted (a file, its line, the key or "the text"), in which language."""

    path: str
    line: int
    where: str
    language: str = "en"

    def secret(self, text: str, **more: Any) -> Secret:
        """The secret `text`, redacted here; `more`: as a Secret has it."""
        return Secret(text, self.path, self.line, self.where, **more)


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
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if text in vocabulary():
        return
    if _INSTANT().match(text):
        yield from _of_instant(text, at)
        return
    if at.where.rpartition(".")[2] in FREE_TEXT and is_ordinary(text, at.language):
        # "forecast", "cash forecast": words of anybody; more of them are a quotation
        words = words_of(text)
        if (blanks := words.count(" ")) > 0:
            yield at.secret(text, everywhere=blanks >= 3)
        return
    yield from of_text(text, at, "")


def _of_instant(text: str, at: Redacted) -> Iterator[Secret]:
    """A time as people write it: in its own zone, and in UTC."""
    instant = instants.parse(text.replace(" ", "T", 1))
    written = dict.fromkeys([instant, instant.astimezone(UTC)] if instant else ())
    found: dict[str, None] = {text[:16].replace(" ", "T"): None, text[11:16]: None}
    for moment in written:
        clock, half = f"{moment:%H:%M}", f"{moment.hour % 12 or 12}"
        found[f"{moment:%Y-%m-%d} {clock}"] = None
        for one in (clock, clock.lstrip("0"), clock.replace(":", ""), clock.replace(":", "h")):
            found[one] = None
        for one in (f"{half}:{moment:%M} ", half if not moment.minute else f"{half}:{moment:%M}"):
            for half_day in (f"{moment:%p}", f"{moment:%p}".replace("M", ".M")):
                found[f"{one}{half_day}"] = found[f"{one.strip()} {half_day}"] = None
    yield from (at.secret(one, everywhere=False, at=instant) for one in found)


def of_text(text: str, at: Redacted, before: str) -> Iterator[Secret]:
    """The secrets in a redacted text; `before`: the line up to it."""
    for piece in _PIECES().split(text):
        words = words_of(piece)
        if words and not _says_nothing(words, at.language):
            alone = " " not in words
            everywhere = not (alone and words.casefold() in dictionary(at.language))
            everywhere &= not _is_round(words)
            yield at.secret(piece.strip(), everywhere=everywhere)
            if (spelled := piece.translate(_UMLAUTS)) != piece:
                yield at.secret(spelled.strip(), everywhere=everywhere)
        numbers = [word for word in words.split() if word.isdigit()]
        if len(numbers) == 1 and words.count(" ") < 2 and len(numbers[0]) > 1:  # "82", "EUR 82"
            yield at.secret(numbers[0], everywhere=False, number=True)
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
                yield at.secret(token, everywhere=not _is_round(words))
        elif not is_ordinary(token, at.language):
            yield at.secret(token)
            if (spelled := token.translate(_UMLAUTS)) != token:
                yield at.secret(spelled)
        elif _may_name(token, at.language):
            begins = _SENTENCE().search((text[: match.start()] or before)[-80:])
            usual = token.casefold() in common(at.language)
            # "Larkspur Foods" is looked for as it is: "Foods" alone says less
            part = _BEFORE_NAME().search(text[max(0, match.start() - 60) : match.start()])
            if not (begins and usual):
                yield at.secret(token, exact=True, doubtful=bool(begins or usual or part))


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


def _may_name(token: str, language: str) -> bool:
    """Whether a word of the dictionary with a capital could be somebody's name here."""
    folded = token.casefold()
    return token[:1].isupper() and folded not in calendar(language) | _known(language)


def _is_round(words: str) -> bool:
    """Whether it is a number that anybody could mention: 100, 2.1, 40,000."""
    digits = words.replace(" ", "")
    return digits.isdigit() and len(digits.rstrip("0")) < 3


def _says_nothing(words: str, language: str) -> bool:
    """Whether words alone betray nobody: the commonest ones, small numbers and years."""
    folded = words.casefold()
    if folded.isdigit():
        return len(folded) < 3 or (len(folded) == 4 and 1990 <= int(folded) < 2050)
    return " " not in folded and (
        folded in common(language) or folded in calendar(language) or len(folded) < 2
    )


def of_person(name: str, at: Redacted) -> Iterator[Secret]:
    """The secrets in somebody's name: it as a whole, and the parts that are nobody else's."""
    ordinary = is_ordinary(name, at.language)
    yield at.secret(name, exact=ordinary)
    local, _, host = name.lstrip("@").partition("@")
    if host and not is_ordinary(re.sub(r"[\W_\d]+", " ", local).strip(), at.language):
        yield at.secret(local)
    if " " in name.strip():
        for part in re.split(r"[\s,]+", name):
            if len(part) > 2 and part[0].isalpha() and part not in {"and", "the"}:
                if not is_ordinary(part, at.language):
                    yield at.secret(part)
                elif part[0].isupper() and not ordinary:
                    yield at.secret(part, exact=True, doubtful=True)


def found_in(
    text: VisibleWords, secrets: Iterable[Secret], *, names: bool = False
) -> Iterator[Secret]:
    """The secrets that a text has. `names`: of identifiers, in which no letter is a capital."""
    for secret in secrets:
        if secret.number:
            continue
        words, first, letters = _shape(secret.text)
        exact, solid = secret.exact and not names, letters >= _SOLID and not secret.exact
        if (first in text.vocabulary or solid) and text.has(words, exact=exact, solid=solid):
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
    """Products, abbreviations and words of the trade that data teams write everywhere."""
    lists = ("products", "acronyms", "jargon")
    return frozenset().union(*(word_lists.words(name, language) for name in lists))


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


def without_times(text: str) -> str:
    """A text without its times, days, addresses and numbers of issues."""
    return _UNSAID().sub(" ", _TIME().sub(" ", text))
