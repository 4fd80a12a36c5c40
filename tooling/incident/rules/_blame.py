"""Patterns of language, asked only of a text that has their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
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

# Whoever writes so denies it: "human error is never a root cause".
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|no|isn['\u2019]?t|wasn['\u2019]?t|nor|without|than|rather than|instead of|"
    r"avoid|don['\u2019]?t|nobody(?:['\u2019]s)?|no[- ]one)\b[^.!?\n\0]{0,25}|\bno one['\u2019]?s\s+)$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"\s+(?:is|was|are|were)(?:\s+(?:not|never|no)\b|n['\u2019]?t)", re.IGNORECASE
)


def hits(
    context: Context, words: frozenset[str], pattern: re.Pattern[str], deniable: bool = True
) -> Iterator[re.Match[str]]:
    """Matches of `pattern` in the writer's own words, where the text has one of `words`."""
    if words.isdisjoint(context.vocabulary):
        return
    text = context.prose
    for match in pattern.finditer(text):
        if is_quoted(text, match.start()):
            continue
        denied = deniable and (
            _DENIED_BEFORE.search(text[max(0, match.start() - 40) : match.start()])
            or _DENIED_AFTER.match(text, match.end())
        )
        if not denied:
            yield match


def said(match: re.Match[str]) -> str:
    """The matched words on one line, for a message."""
    return " ".join(match[0].split())[:60]
