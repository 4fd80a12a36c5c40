"""Language patterns, run only on a text that has one of their words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from incident.rules._text import is_quoted

if TYPE_CHECKING:
    from incident.rules import Context

# Who acts in a sentence about people.
PERSON = (
    r"(?:we|i|they|he|she|you|nobody|no[- ]one|someone|somebody|everyone|people|staff|engineers?|"
    r"developers?|analysts?|operators?|reviewers?|responders?|authors?|admins?|contractors?|interns?|"
    r"(?:the|our|an?|this|one|another|each) (?:[\w-]+ ){0,2}(?:engineer|developer|analyst|operator|"
    r"reviewer|responder|team|author|admin|administrator|contractor|intern|person|colleague|member|"
    r"owner|maintainer|manager|scientist|steward|dba|on[- ]call)s?)"
)

# These deny the claim: "human error is never a root cause".
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|isn['\u2019]?t|wasn['\u2019]?t|nor|without|than|rather than|instead of|"
    r"avoid|don['\u2019]?t|nobody(?:['\u2019]s)?|no[- ]one)\b[^.!?\n\0]{0,25}|\bno one['\u2019]?s\s+)$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s+(?:is|was|are|were)(?:\s+(?:not|never|no)\b|n['\u2019]?t)", re.IGNORECASE
)


def hits(
    context: Context,
    words: frozenset[str],
    pattern: Callable[[], re.Pattern[str]],
    deniable: bool = True,
    around: int = 80,
) -> Iterator[re.Match[str]]:
    """Matches of `pattern` in the writer's own words, at most `around` from one of `words`."""
    there = words & context.vocabulary
    if not there:
        return
    text, done = context.prose, 0
    for at in sorted(at for word in there for at in _places(context.lowered, word)):
        if at < done:
            continue
        for match in pattern().finditer(text, max(done, at - around), at + around):
            if match.start() < done:
                continue
            done = match.end()
            if not is_quoted(text, match.start()) and not (deniable and _denied(text, match)):
                yield match


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _denied(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    return bool(_DENIED_BEFORE.search(before) or _DENIED_AFTER.match(text, match.end()))


def said(match: re.Match[str]) -> str:
    """The matched words on one line, for a message."""
    return " ".join(match[0].split())[:60]
