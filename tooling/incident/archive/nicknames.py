"""What people are called in the archive, learned from how one postmortem writes it.

A word is somebody's where it is an @handle, the account of an address, the speaker of a chat line,
alone in a list of thanks or owners, in brackets before an action, or the first word after a time
with a verb behind it. Words of the language and of the trade never are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from incident import word_lists
from incident.archive.name_words import is_nick
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.repository.config import Config

# What begins with @ in languages and tools, when somebody leaves out the backticks.
_DECORATORS = """
    abstractmethod aftereach asset autowired beforeeach cache cached_property channel charset
    classmethod contextmanager dag dataclass deprecated everyone final fixture flow font-face
    here import job keyframes latest layer lru_cache media mock next op overload override param
    params patch property pytest return returns schedule see sensor since staticmethod step
    supports task test throws transactional wraps
"""
DECORATORS = frozenset(_DECORATORS.split())

_NICK = r"[A-Za-z](?:[\w-]{0,37}\w)?(?:\.[a-z]\w*)?"
# Patterns for a line begin with the end of the one above: a literal is searched ten times as fast
# as ^, and so is a set of characters.
_CODE = lazy(
    r"[\n`<](?:(?<=\n)[ >\t]*(?P<fence>`{3,}|~{3,}).*?(?:\n[ >\t]*(?P=fence)|\Z)"
    r"|(?<=`)(?P<ticks>`*)(?!`)[^\n]*?(?<!`)`(?P=ticks)(?!`)|(?<=<)!--.*?(?:-->|\Z))",
    re.DOTALL,
)
_OPENING = lazy(r"\ufeff?---[ \t]*\r?\n")
_CLOSING = lazy(r"\n---[ \t]*\r?$", re.MULTILINE)
_HANDLE = lazy(rf"@(?<![\w.@/+=-]@)(?P<nick>{_NICK})(?![\w-])(?!\.\w|[/(@])")
_BEHIND = lazy(rf"(?<![\w.@/+=:-])(?P<nick>{_NICK})@(?![\w@:/]|\.\w)")
_ENDS_IN_AT = lazy(r"@(?<=\w@)(?![\w@:/]|\.\w)")
_MAIL = lazy(r"@(?<=\w@)[A-Za-z0-9.-]{1,80}\.[A-Za-z]{2,24}(?![\w-])")
_ACCOUNT = lazy(r"(?<![\w.+/:-])[\w.-]{4,40}\Z")
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[ \t]?[AaPp]\.?[Mm]\.?)?"
_TIME = lazy(r"\d:\d\d")
_SPEAKER = lazy(
    r"\n[> \t]*+(?:"
    rf"(?:[-*+][ \t]+)?[*_]{{0,2}}(?P<nick>{_NICK})[*_]{{0,2}}(?:[ \t]+APP)?[ \t]{{0,4}}"
    rf"[\[(]{_CLOCK}[\])]:?"
    rf"|(?P<nick2>{_NICK})[ \t]{{1,4}}{_CLOCK}[ \t]*\\?$"
    rf"|(?:[-*+][ \t]+)?\[?{_CLOCK}\]?[ \t]*<[@+]?(?P<nick3>{_NICK})>[ \t]"
    rf"|(?:[-*+][ \t]+)?[\[(]?{_CLOCK}[\])]?[ \t-]*(?P<nick4>{_NICK}):[ \t])",
    re.MULTILINE,
)
_PEOPLE = (
    r"(?:thanks(?:[ \t]+to)?|thank[ \t]+you|kudos|credits?|acknowledge?ments?|attendees?|present|"
    r"participants?|people(?:[ \t]+involved)?|responders?|owners?|authors?|written[ \t]+by|"
    r"reported[ \t]+by|prepared[ \t]+by|reviewers?|reviewed[ \t]+by|facilitator|scribe|"
    r"note[- ]?takers?|incident[ \t]+(?:commander|lead|manager)|ic|assignees?|on[- ]?call|leads?)"
)
_LABEL = lazy(
    r"\n(?P<head>[ \t>|]*+(?=[^\n:|]+[:|])"
    rf"(?:[-*+][ \t]+)?[*_]{{0,2}}{_PEOPLE}(?:\(s\))?[*_]{{0,2}}[ \t]*[:|]"
    r"[*_]{0,2}[ \t]*)(?P<people>[^\n]*)",
    re.IGNORECASE,
)
_UNDER = lazy(
    rf"\n(?:#{{1,6}}[ \t]+|[*_]{{2}})?(?P<head>{_PEOPLE}[ \t\w]{{0,30}}?)"
    r"[*_]{0,2}:?[*_]{0,2}[ \t]*(?:\n[ \t]*)?"
    r"(?P<people>(?:\n[ \t]*(?:[-*+]|\d+[.)])[ \t]+[^\n]*)+)",
    re.IGNORECASE,
)
_LONE = lazy(rf"[\s*_\[(\"]*@?(?P<nick>{_NICK})@?[\s*_\])\".;:<>br/]*", re.IGNORECASE)
_ENTRY = lazy(
    rf"[ \t]*(?:[-*+]|\d+[.)])[ \t]+[*_\[]{{0,3}}@?(?P<nick>{_NICK})"
    r"(?=[\s*_\]]*(?:$|[:\u2013\u2014(,]|for\b|- ))"
)
_BRACKET = lazy(
    rf"\n[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?:\[[ xX]\][ \t]+)?[*_]{{0,2}}[\[(](?P<nick>{_NICK})[\])]"
    r"[*_]{0,2}(?![(:\[])[ \t:-]+\w"
)
_OPENER = lazy(
    r"\n[ \t>|]*+(?:[-*+][ \t]+)?[*_~\[(]{0,3}(?:\d{4}-\d\d-\d\d[T ]?)?[ \t]*"
    r"(?:\d{1,2}[:.]?\d{2}(?:[:.]\d{2})?|(?<=\d\d\d\d-\d\d-\d\d)[ \t]?)(?:[ \t]?[AaPp][Mm])?"
    r"(?:[ \t]?\(?(?:Z|UTC|GMT|[A-Z]{2,4}T)\)?)?"
    rf"[*_~\])]{{0,3}}[\s*|,:\u2013\u2014-]{{1,6}}(?P<nick>{_NICK})"
    rf"(?P<more>(?:(?:,[ \t]+|[ \t]+and[ \t]+|,[ \t]+and[ \t]+|[ \t]*&[ \t]*){_NICK}){{0,4}})"
    r"(?:[ \t]+(?:then|also|just|again|\w+ly|has|had))?[ \t]+(?P<verb>[a-z]+)\b"
)
_AKA = lazy(
    r"(?:a\.?k\.?a\.?|alias|known[ \t]+as|goes[ \t]+by|user|nick(?:name)?|handle)"
    rf"[ \t]+[\"'*_]{{0,2}}(?P<nick>{_NICK})"
)
_ASIDE = lazy(rf"\(@?(?P<nick>{_NICK})\)")
_FULL_NAME = lazy(r"\b(?P<first>[A-Z][a-z]+)[ \t]+[A-Z][\w'-]+[ \t]\Z")
_PROFILE = lazy(
    r"\]\((?:https?:)?//(?:www\.)?(?:github\.com|gitlab\.com|twitter\.com|x\.com|[a-z.]+/@)/?@?"
    rf"(?P<nick>{_NICK})/?\)"
)
_GIVEN_CREDIT = lazy(
    r"\b(?:by|thanks[ \t]+to|credits?[ \t]+(?:\w+[ \t]+)?to|reporter|researcher|engineer|"
    r"colleague)[ \t]+[*_]{0,2}\Z",
    re.IGNORECASE,
)


def in_text(text: str, config: Config) -> frozenset[str]:
    """As `learn`, if the repository wants it."""
    return learn(text, config.language) if config.names.nicknames else frozenset()


def learn(text: str, language: str) -> frozenset[str]:
    """The words (lower case) that a whole postmortem shows to be what people are called."""
    # owners and roles of the frontmatter are often teams
    plain = "\n" + _without_frontmatter(text)
    if "`" in plain or "~~~" in plain or "<!--" in plain:
        plain = _CODE().sub(lambda match: "\n " if match[0][0] == "\n" else " ", plain)
    # an acronym acts too
    found = {word.casefold() for word in _seen(plain, language) if not word.isupper()}
    handles = {word.casefold() for word in _handles(plain)} - DECORATORS
    return frozenset(
        {word for word in found if is_nick(word, language)}
        | {word for word in handles if is_nick(word, language, certain=True)}
    )


class People(NamedTuple):
    """People at [start, end), under or behind a `head`."""

    head: str
    start: int
    end: int


def people_lists(text: str) -> list[People]:
    """The lists of people in a text: thanks, attendees, owners."""
    return _people(_UNDER(), text)


def people_lines(text: str) -> list[People]:
    """The lines that name people behind a label: "Facilitator: ..."."""
    return _people(_LABEL(), text)


def _people(pattern: re.Pattern[str], text: str) -> list[People]:
    found = pattern.finditer("\n" + text)
    return [
        People(match["head"], match.start("people") - 1, match.end("people") - 1) for match in found
    ]


def _without_frontmatter(text: str) -> str:
    opening = _OPENING().match(text)
    closing = _CLOSING().search(text, opening.end() - 1) if opening else None
    return text[closing.end() :] if closing else text


def _handles(text: str) -> Iterator[str]:
    if "@" in text:
        yield from (match["nick"] for match in _HANDLE().finditer(text))
        if _ENDS_IN_AT().search(text):
            yield from (match["nick"] for match in _BEHIND().finditer(text))


def _seen(text: str, language: str) -> Iterator[str]:
    if "@" in text:
        for match in _MAIL().finditer(text):
            if account := _ACCOUNT().search(text[max(0, match.start() - 41) : match.start()]):
                yield account[0]
    if _TIME().search(text):
        for match in _SPEAKER().finditer(text):
            yield match[match.lastgroup or 0]
    for match in _LABEL().finditer(text):
        yield from _list(match["people"])
    for match in _UNDER().finditer(text):
        for line in match["people"].splitlines():
            if entry := _ENTRY().match(line):
                yield entry["nick"]
            yield from _list(re.sub(r"^[ \t]*(?:[-*+]|\d+[.)])[ \t]+", "", line))
    for match in _BRACKET().finditer(text):
        yield match["nick"]
    for match in _OPENER().finditer(text):
        if match["verb"] in _verbs(language):
            yield match["nick"]
            yield from re.findall(_NICK, re.sub(r"\band\b|[,&]", " ", match["more"]))
    yield from (match["nick"] for match in _AKA().finditer(text))
    given = word_lists.words("given_names", language)
    for match in _ASIDE().finditer(text):
        name = _FULL_NAME().search(text[max(0, match.start() - 40) : match.start()])
        if name and name["first"].casefold() in given:
            yield match["nick"]
    if "//" in text:
        yield from _profiles(text, language)


@cache
def _verbs(language: str) -> frozenset[str]:
    """What people do after the time of a timeline's entry, and machines hardly do."""
    lists = ("person_verbs", "person_verbs_strong")
    return frozenset().union(*(word_lists.words(n, language) for n in lists)) - word_lists.words(
        "machine_verbs", language
    )


def _list(text: str) -> Iterator[str]:
    """The entries of one word in a list on one line."""
    for part in re.split(r",|/|;|\||&|\band\b", text):
        if lone := _LONE().fullmatch(part):
            yield lone["nick"]


def _profiles(text: str, language: str) -> Iterator[str]:
    """Accounts whose page is linked where somebody is credited, or with their own handle."""
    for match in _PROFILE().finditer(text):
        begin = text.rfind("[", max(0, match.start() - 60), match.start())
        if begin < 0:
            continue
        shown, nick = text[begin + 1 : match.start()].strip("*_ "), match["nick"]
        first = shown.partition(" ")[0].casefold()
        named = " " in shown and first in word_lists.words("given_names", language)
        if (
            named
            or shown.startswith("@")
            or _GIVEN_CREDIT().search(text[max(0, begin - 40) : begin])
        ):
            yield nick
