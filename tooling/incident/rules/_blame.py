"""Language patterns, run only on a text that has one of their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from incident.rules._text import is_quoted
from incident.text import lines
from incident.text.lazy_regex import lazy

if TYPE_CHECKING:
    from incident.rules import Context

# Who acts in a sentence about people.
_ROLES = (
    r"(?:engineer|developer|analyst|operator|reviewer|responder|team|squad|author|admin|administrator|"
    r"sysadmin|contractor|consultant|intern|person|colleague|coworker|employee|member|owner|"
    r"maintainer|committer|manager|lead|scientist|steward|dba|vendor|supplier|on[- ]call)s?"
)
PERSON = (
    r"(?:we|i|they|he|she|you|nobody|no[- ]one|someone|somebody|everyone|everybody|anyone|people|"
    r"staff|management|whoever|"  # codespell:ignore whoever
    r"engineers|developers|analysts|operators|reviewers|responders|authors|"
    r"admins|contractors|interns|maintainers|"
    rf"(?:the|our|their|an?|this|that|one|another|each|every) (?:[\w'\u2019-]+ ){{0,2}}{_ROLES}"
    r"(?: (?:on (?:call|duty)|who \w+(?: \w+){0,3}?))?)"
)
# A handle, or one or two capitalized words: a person only if the name rules agree.
NAME = r"(?:@[\w-]+|(?-i:[A-Z])[\w'\u2019-]+(?: (?-i:[A-Z])[\w'\u2019-]+)?)"
ADVERBS = r"(?:(?:had|have|has|also|simply|just|again|all|both|then|even|still|(?!only\b|rely\b)\w+ly)\s+){0,4}"

# These deny the claim: "human error is never a root cause".
_DENIED_BEFORE = lazy(
    r"(?:\b(?:not|never|no|isn['\u2019]?t|wasn['\u2019]?t|nor|without|than|rather than|instead of|"
    r"avoid|don['\u2019]?t|nobody(?:['\u2019]s)?|no[- ]one)\b[^.!?\n\0]{0,25}|\bno one['\u2019]?s\s+)$",
    re.IGNORECASE,
)
_DENIED_AFTER = lazy(r"\s+(?:is|was|are|were)(?:\s+(?:not|never|no)\b|n['\u2019]?t)", re.IGNORECASE)


_ATTACKER = lazy(
    r"\b(?:attack(?:er|ers|s)?|adversar(?:y|ies)|hackers?|crackers?|intruders?|malicious|"
    r"exploit(?:s|ed|able)?|vulnerability)\b"
)


_SENTENCE_ENDS = ".!?\0"


def hits(
    context: Context,
    words: frozenset[str],
    pattern: Callable[[], re.Pattern[str]],
    deniable: bool = True,
    around: int = 80,
    near: Callable[[], re.Pattern[str]] | None = None,
) -> Iterator[re.Match[str]]:
    """Matches of `pattern` in the writer's own words, in a sentence with one of `words`.

    No pattern may read across the end of a sentence, or further than `around` from the word.
    `near`, where the words alone are too frequent: what (lower case) begins at one that counts.
    """
    there = words & context.vocabulary
    if not there:
        return
    text, lowered = context.prose, context.lowered
    places = sorted(at for word in there for at in lines.places(lowered, word))
    if near is not None:
        places = [at for at in places if near().match(lowered, at)]
    for start, end in _windows(lowered, places, around):
        for match in pattern().finditer(text, start, end):
            if not is_quoted(text, match.start()) and not (deniable and _denied(text, match)):
                yield match


def _windows(text: str, places: list[int], around: int) -> Iterator[tuple[int, int]]:
    """The sentences at the places, at most `around` of each side; none overlaps another."""
    start = end = -1
    for at in places:
        first, last = max(0, at - around), min(len(text), at + around)
        first = max(first, *(text.rfind(mark, first, at) + 1 for mark in _SENTENCE_ENDS))
        ends = (text.find(mark, at, last) for mark in _SENTENCE_ENDS)
        last = min((found for found in ends if found >= 0), default=last)
        if first > end:
            if end >= 0:
                yield start, end
            start = first
        end = last
    if end >= 0:
        yield start, end


def _denied(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    return bool(_DENIED_BEFORE().search(before) or _DENIED_AFTER().match(text, match.end()))


def is_person(context: Context, start: int, end: int) -> bool:
    """Whether a handle or a name that the name rules know is within [start, end) of the prose."""
    if context.prose[start] == "@":
        return True
    known = [one[:2] for one in context.colleagues] + [one[:2] for one in context.people]
    return any(at < end and start < stop for at, stop in known)


def about_attacker(context: Context, at: int) -> bool:
    """Whether the sentences before `at` are about an attacker, whose options are facts."""
    before = context.lowered[max(0, at - 240) : at].rpartition("\n\n")[2]
    return _ATTACKER().search(before) is not None


def said(match: re.Match[str]) -> str:
    """The matched words on one line, for a message."""
    return " ".join(match[0].split())[:60]
