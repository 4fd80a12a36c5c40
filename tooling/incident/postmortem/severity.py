"""The meaning of each severity, and the one that three factors suggest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

REACH = 10
MAGNITUDE = 10.0


class Meaning(NamedTuple):
    """The meaning of a severity, and what it requires of responders."""

    title: str
    response: str
    told: str
    by: str


MEANINGS = {
    "P0": Meaning(
        "the business, or someone outside it, is acting on wrong data now",
        "immediately, day and night, with an incident lead and a scribe",
        "management, every consumer, and everyone outside who received the data",
        "within 30 minutes, then every hour",
    ),
    "P1": Meaning(
        "a critical use case is wrong or late",
        "within 30 minutes while the data is in use, with an incident lead",
        "every team that uses the data",
        "within 1 hour, then on every change",
    ),
    "P2": Meaning(
        "limited impact, or a workaround exists",
        "on the same working day",
        "the teams that use the asset",
        "by the end of the day",
    ),
    "P3": Meaning(
        "minor: no consumer made a decision with it",
        "within the week",
        "the owner of the asset",
        "in the weekly summary",
    ),
}


def propose(critical_use_case: bool, downstream: int, magnitude: float) -> str:
    """The severity that the three factors suggest.

    `downstream`: number of downstream assets. `magnitude`: how far off the main figure is, in
    percent, or how much of the data is missing.
    """
    wide = downstream >= REACH or abs(magnitude) >= MAGNITUDE
    if critical_use_case:
        return "P0" if wide else "P1"
    return "P2" if wide else "P3"


def level(word: str, aliases: Mapping[str, str]) -> str:
    """P0 to P3 for a word of a team's own scale, or for one of these; "" for any other word."""
    found = {alias.casefold(): value for alias, value in aliases.items()}.get(word.casefold())
    return found or (word.upper() if word.upper() in MEANINGS else "")


def label(word: str, aliases: Mapping[str, str]) -> str:
    """A severity as people read it: in the team's own scale where there is one."""
    named = {alias.casefold(): alias for alias in aliases}
    if word.casefold() in named:
        return named[word.casefold()]
    return next((alias for alias, value in aliases.items() if value == word.upper()), word)


def names(level: str, aliases: Mapping[str, str]) -> str:
    """Every word of the team's scale for P0 to P3, joined by a slash: `SEV4/SEV5`."""
    return "/".join(alias for alias, value in aliases.items() if value == level) or level


def scale(aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The words people choose from, most severe first."""
    return tuple(sorted(aliases, key=lambda word: aliases[word])) or tuple(MEANINGS)


def by_level(aliases: Mapping[str, str]) -> dict[str, str]:
    """P0 to P3 in the team's own scale, as in `SEV4/SEV5`."""
    return {level_: names(level_, aliases) for level_ in MEANINGS}
