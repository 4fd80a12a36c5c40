"""What is chased: everything that was due since the team began, or since the day it named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from incident.actions.desired_issues import Home
from incident.actions.tracker import Issue
from incident.postmortem import model
from incident.repository.config import Config


@dataclass(frozen=True)
class Chase:
    """One day's chase. What was due before `since` is left in peace."""

    config: Config
    home: Home
    today: date
    since: date

    def includes(self, day: date | None) -> bool:
        """Whether something of that day is chased; what has no day is."""
        return day is None or day >= self.since


def since(config: Config, issues: Iterable[Issue], today: date) -> date:
    """The configuration's `since`, else the day of the first sync, else today.

    A tracker that knows no days has everything chased.
    """
    if configured := model.parse_date(config.since):
        return configured
    days = [issue.opened_on for issue in issues]
    if not days:
        return today
    return model.parse_date(min(days)) or date.min
