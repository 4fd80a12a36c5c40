"""What time it is, and for how long an answer that depends on it stays true."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


class Clock:
    """The instant `now` (aware) of a run. Rules ask it, never the system.

    Each answer narrows [since, until): the instants at which all answers given so far would be
    the same. A cached result is good for that long, and no longer.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        self.since, self.until = _EVER

    def is_past(self, instant: datetime, leeway: timedelta = timedelta(0)) -> bool:
        """Whether `instant` (aware) lies at or before now, or at most `leeway` after it."""
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
        """Whether the whole of `day` (UTC) lies in the past."""
        return day < date.max and self.is_past(_midnight(day + timedelta(days=1)))

    def forget(self) -> None:
        """Let no result of this run outlive it."""
        self.until = self.since

    def today(self) -> date:
        """The day (UTC); for messages that count days."""
        day = self.now.date()
        self.is_past(_midnight(day))
        self.is_over(day)
        return day


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
