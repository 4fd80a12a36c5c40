"""Word count and reading time of a text."""

from __future__ import annotations

from incident.postmortem.document import Document
from incident.text.lazy_regex import lazy

WORDS_A_MINUTE = 200
_WORD = lazy(r"[^\W_]+(?:['\u2019.-][^\W_]+)*")


def words(text: str) -> list[str]:
    """The words of a text; numbers are words, punctuation marks are not."""
    return _WORD().findall(text)


def minutes(document: Document, words_a_minute: int = WORDS_A_MINUTE) -> int:
    """Minutes to read the body without code and comments, rounded up; at least 1."""
    return max(1, -(-len(words(document.prose)) // max(1, words_a_minute)))
