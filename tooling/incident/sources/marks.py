"""Moments of an incident, as timestamps in the frontmatter and as labeled timeline entries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from incident.errors import UsageError
from incident.lint import linter
from incident.postmortem import document, edit, frontmatter, model
from incident.repository.config import Config
from incident.sources import Entry, merge
from incident.text import instants

_RULES = ("timestamps-ordered", "timestamps-not-future")


def mark(text: str, entries: Iterable[Entry]) -> tuple[str, list[Entry]]:
    """`text` with the timestamps that the entries' clocks name, and with the entries themselves.

    Returns the entries that are new, too. Raises UsageError where a timestamp has another value.
    """
    entries = list(entries)
    times = model.postmortem(document.parse(text, "")).times
    values: dict[frontmatter.Path, edit.Scalar] = {}
    for entry in entries:
        there = times.get(entry.clock)
        if entry.clock and there is None:
            values["timestamps", entry.clock] = instants.iso(entry.at)
        elif there is not None and abs(there - entry.at) >= timedelta(minutes=1):
            raise UsageError(
                f"{entry.clock} is already {instants.iso(there)}",
                "correct it with `incident edit ID`",
            )
    return merge.merge(edit.set_values(text, values) if values else text, entries)


def must_be_in_order(before: str, after: str, config: Config, now: datetime) -> None:
    """Raise UsageError where new timestamps contradict each other, or are in the future."""
    using = linter.make(replace(config, select=_RULES, ignore=(), rules={}, since=""), now)
    known = {one.message for one in using.check(document.parse(before, ""))}
    for one in using.check(document.parse(after, "")):
        if one.message not in known:
            raise UsageError(one.message, one.hint)
