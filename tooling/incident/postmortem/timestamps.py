"""The seven timestamps of an incident and the durations between them: names and starting points.

Every report takes both from here, so that a duration has one name and one value everywhere.
"""

from __future__ import annotations

from typing import NamedTuple


class Timestamp(NamedTuple):
    """How a timestamp is called.

    `label`: in a timeline entry. `title`: on a page. `gap`: the time since the previous timestamp.
    `meaning`: what its value means.
    """

    label: str
    title: str
    gap: str
    meaning: str


class Duration(NamedTuple):
    """The time between two timestamps; `last` may be `published`, which git knows.

    `known_as`: what the field calls it ("MTTD"), or "".
    """

    title: str
    first: str
    last: str
    known_as: str = ""

    @property
    def label(self) -> str:
        """With what the field calls it: "Time to detect (MTTD)"."""
        return f"{self.title} ({self.known_as})" if self.known_as else self.title


TIMESTAMPS = {
    "started_at": Timestamp("started", "Started", "", "when it began"),
    "detected_at": Timestamp("detected", "Detected", "undetected", "when it was noticed"),
    "acknowledged_at": Timestamp(
        "acknowledged", "Acknowledged", "unacknowledged", "when someone took ownership"
    ),
    "mitigated_at": Timestamp(
        "mitigated", "Mitigated", "until mitigated", "when it stopped getting worse"
    ),
    "corrected_at": Timestamp(
        "corrected", "Data corrected", "until data corrected", "when the data was correct again"
    ),
    "consumers_notified_at": Timestamp(
        "notified",
        "Consumers notified",
        "until consumers notified",
        "when its consumers were notified",
    ),
    "resolved_at": Timestamp("resolved", "Resolved", "until resolved", "when it was over"),
}
# Labels of timeline entries, and the timestamp that each names.
LABELS = {stamp.label: key for key, stamp in TIMESTAMPS.items()} | {
    "consumers notified": "consumers_notified_at"
}
# From the start, as consumers experience it; what a team can only do later, from detection
DURATIONS = {
    "detect": Duration("Time to detect", "started_at", "detected_at", "MTTD"),
    "acknowledge": Duration("Time to acknowledge", "detected_at", "acknowledged_at", "MTTA"),
    "mitigate": Duration("Time to mitigate", "started_at", "mitigated_at"),
    "correct": Duration("Time to correct the data", "started_at", "corrected_at"),
    "notify": Duration("Time to notify consumers", "started_at", "consumers_notified_at"),
    "resolve": Duration("Time to resolve", "started_at", "resolved_at", "MTTR"),
    "publish": Duration("Time to publish", "detected_at", "published"),
}
