"""Kinds of change to a dbt project, and which of them a postmortem gives as the cause."""

from __future__ import annotations

import re
from functools import cache

from incident import word_lists

# What a change does, and what it was that an earlier incident came from.
KINDS = {
    "rename": ("renames a column", "a renamed column"),
    "drop": ("removes a column", "a missing column"),
    "type": ("changes a type", "a changed type"),
    "filter": ("changes a filter", "a filter"),
    "join": ("changes a join", "a join"),
    "duplicates": ("changes how duplicates are removed", "duplicate rows"),
    "build": ("changes how the table is built", "a backfill or an incremental build"),
    "time": ("changes dates or time zones", "a date or a time zone"),
    "values": ("changes a list of values", "an unexpected value"),
    "number": ("changes a number", "a rate, a unit or a threshold"),
    "source": ("reads another table", "the table that was read"),
    "test": ("removes or loosens a test", "a test that was off"),
    "freshness": ("changes a freshness limit", "late data"),
    "aggregation": ("changes an aggregation", "an aggregation"),
    "nulls": ("changes how nulls are handled", "nulls"),
    "contract": ("changes a contract", "a contract"),
}
_BETWEEN = r"[^\w.;:!?]+(?:\w+[^\w.;:!?]+){0,2}?"  # at most two words, in one sentence
# Two kinds that are one cause: a renamed column is missing under its old name.
_ALIKE = {"rename": "drop", "drop": "rename"}


def of_text(text: str, language: str) -> tuple[str, ...]:
    """The kinds of change that a text about a cause names, in the order of `KINDS`."""
    lowered = " ".join(text.casefold().split())
    return tuple(key for key, pattern in _patterns(language) if pattern.search(lowered))


def in_common(change: set[str], cause: tuple[str, ...]) -> list[str]:
    """The kinds of a change that are also a cause, in the order of `KINDS`."""
    return [key for key in KINDS if key in change and {key, _ALIKE.get(key, key)} & {*cause}]


@cache
def _patterns(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    phrases: dict[str, list[str]] = {}
    for line in sorted(word_lists.words("change_kinds", language)):
        key, _, phrase = line.partition(": ")
        words = [re.escape(word).replace(r"\*", r"\w*") for word in phrase.split()]
        phrases.setdefault(key, []).append(_BETWEEN.join(words))
    return tuple(
        (key, re.compile(rf"\b(?:{'|'.join(phrases[key])})\b")) for key in KINDS if key in phrases
    )
