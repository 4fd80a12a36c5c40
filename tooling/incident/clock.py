"""The current time, and how long results that depend on it stay valid."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Clock:
    """The instant `now` (aware) of a run. Rules use it instead of the system clock.

    Each answer narrows [since, until): the instants at which all answers so far would be the same.
    A cached result is valid for that long.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        self.since, self.until = _EVER

    def is_past(self, instant: datetime, leeway: timedelta = timedelta(0)) -> bool:
        """Whether `instant` (aware) is at or before now, or at most `leeway` after it."""
        try:
            turn = instant - leeway
        except OverflowError:
            turn = instant
        if turn <= self.now:
            self.since = max(self.since, turn)
            return True
        self.until = min(self.until, turn)
        return False

    def is_over(self, day: date) -> bool:
        """Whether all of `day` (UTC) is in the past."""
        return day < date.max and self.is_past(_midnight(day + timedelta(days=1)))

    def forget(self) -> None:
        """Make no result of this run cacheable."""
        self.until = self.since

    def today(self) -> date:
        """Today (UTC); for messages that count days."""
        day = self.now.date()
        self.is_past(_midnight(day))
        self.is_over(day)
        return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
