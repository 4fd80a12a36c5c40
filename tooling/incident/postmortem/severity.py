"""What a severity means, and which one three factors suggest."""

from __future__ import annotations

from typing import NamedTuple

REACH = 10
MAGNITUDE = 10.0


class Meaning(NamedTuple):
    """What a severity stands for, and what it asks of the responders."""

    title: str
    response: str
    told: str
    by: str


MEANINGS = {
    "P0": Meaning(
        "the business, or somebody outside it, acts on wrong data now",
        "at once, day and night; an incident lead and a scribe",
        "management, every consumer, and whoever outside was given the data",
        "within 30 minutes, then every hour",
    ),
    "P1": Meaning(
        "a critical use case is wrong or late",
        "within 30 minutes while the data is in use; an incident lead",
        "every team that uses the data",
        "within 1 hour, then when something changes",
    ),
    "P2": Meaning(
        "limited, or with a workaround",
        "on the same working day",
        "the teams that use the asset",
        "by the end of the day",
    ),
    "P3": Meaning(
        "minor: no consumer decided anything on it",
        "within the week",
        "the owner of the asset",
        "in the weekly summary",
    ),
}


def propose(critical_use_case: bool, downstream: int, magnitude: float) -> str:
    """The severity that the three factors suggest.

    `downstream`: how many assets stand downstream. `magnitude`: how wrong the main figure is, in
    percent, or how much of the data is missing.
    """
    wide = downstream >= REACH or abs(magnitude) >= MAGNITUDE
    if critical_use_case:
        return "P0" if wide else "P1"
    return "P2" if wide else "P3"
