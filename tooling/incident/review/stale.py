"""Stale reviews: postmortems that have been `in_review` for longer than the limit."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from incident import archive
from incident.git import diff
from incident.postmortem.model import Postmortem
from incident.repository.config import Config
from incident.review import page
from incident.text import markdown_table

_COLUMNS = ("postmortem", "severity", "owner", "in review for", "file")


class Waiting(NamedTuple):
    """A postmortem in review since `since` (aware), for `days` days."""

    postmortem: Postmortem
    since: datetime
    days: int


def waiting(config: Config, now: datetime) -> list[Waiting]:
    """Postmortems in review longer than `review.stale_days`, longest first. Raises IncidentError.

    Counts from the commit that last changed the status; uncommitted changes do not count.
    """
    found = []
    for entry in archive.load(config).entries:
        one = entry.postmortem
        if one.status == "in_review":
            since = diff.line_changed_at(config.root, one.path, "^status:")
            days = (now - since).days if since else 0
            if since and days > config.review.stale_days:
                found.append(Waiting(one, since, days))
    return sorted(found, key=lambda w: (w.since, w.postmortem.id))


def render(found: list[Waiting], limit: int) -> str:
    """The list as Markdown, or "" if empty; `limit` in days."""
    if not found:
        return ""
    head = (
        f"In review for more than {limit} days. To finish a review, set `status: published`, or "
        "say in the pull request what is still missing."
    )
    rows = [
        (
            *(page.text(value) for value in (one.title or one.id, one.severity_label, one.owner)),
            f"{days} days",
            f"`{page.code(one.path)}`",
        )
        for one, _, days in found
    ]
    return f"{head}\n\n{markdown_table.table(_COLUMNS, rows, str)}\n"
