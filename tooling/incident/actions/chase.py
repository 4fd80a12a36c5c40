"""Which items to chase: those due since the team started, or since a configured day."""

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
    """One day's chase. Items due before `since` are not chased."""

    config: Config
    home: Home
    today: date
    since: date

    def includes(self, day: date | None) -> bool:
        """Whether an item due that day is chased; items without a date are."""
        return day is None or day >= self.since


def since(config: Config, issues: Iterable[Issue], today: date) -> date:
    """The configured `since`, else the day of the first sync, else today.

    With a tracker that has no dates, everything is chased.
    """
    if configured := model.parse_date(config.since):
        return configured
    days = [issue.opened_on for issue in issues]
    if not days:
        return today
    return model.parse_date(min(days)) or date.min
