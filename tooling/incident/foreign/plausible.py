"""Times that cannot be right, seen next to the others."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta

TOO_FAR = timedelta(days=1)


def slips(times: Sequence[datetime]) -> dict[int, timedelta]:
    """The times that break the order by more than a day, by index, and by how much.

    The longest stretch that is in order is believed, the earlier one of two.
    """
    kept = _in_order(times)
    found = {}
    for index in sorted(set(range(len(times))) - set(kept)):
        before = max((times[k] for k in kept if k < index), default=None)
        after = min((times[k] for k in kept if k > index), default=None)
        gaps = [timedelta(0)]
        if before and times[index] < before:
            gaps.append(before - times[index])
        if after and times[index] > after:
            gaps.append(times[index] - after)
        if max(gaps) > TOO_FAR:
            found[index] = max(gaps)
    return found


def _in_order(times: Sequence[datetime]) -> list[int]:
    """Indexes of the longest run that never goes back; from the end, so that the earlier wins."""
    tails: list[timedelta] = []
    ends: list[int] = []
    after: dict[int, int] = {}
    for index in range(len(times) - 1, -1, -1):
        back = datetime.max - times[index].replace(tzinfo=None)
        place = bisect_right(tails, back)
        after[index] = ends[place - 1] if place else -1
        tails[place : place + 1] = [back]
        ends[place : place + 1] = [index]
    found, at = [], ends[-1] if ends else -1
    while at >= 0:
        found.append(at)
        at = after[at]
    return found
