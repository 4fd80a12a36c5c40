"""What to check after importing a postmortem."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

from incident.foreign import suggested_times
from incident.foreign.imported import Imported
from incident.foreign.incident_day import Found
from incident.foreign.reader import UNCLEAR_DAY, Reader
from incident.foreign.timeline import Entry
from incident.text import stamps, zones


def about_day(found: Found, disagreement: str) -> list[str]:
    """Whether the incident's day was guessed, and where others are named."""
    guessed = [] if found.is_sure else [f"the day {found.day} is assumed ({found.why}): confirm"]
    return [*guessed, *([f"{disagreement}: confirm"] if disagreement else [])]


def about_times(found: Imported, reader: Reader) -> list[str]:
    """Times that are missing, implausible, or rest on a guess."""
    said = []
    problems: dict[str, list[Entry]] = {}
    for entry in found.entries:
        if entry.problem:
            problems.setdefault(entry.problem, []).append(entry)
    for problem, entries in problems.items():
        count = "1 time" if len(entries) == 1 else f"{len(entries)} times"
        place = f"{'' if len(entries) == 1 else 'first '}at line {entries[0].number}"
        said.append(f"{count} {problem}, {place}{_remedy(problem)}")
    for entry, gap in suggested_times.slips(found.entries):
        days = max(1, round(gap.total_seconds() / 86400))
        said.append(
            f"line {entry.number}: {entry.local:%Y-%m-%d %H:%M} is {days} "
            f"day{'s' * (days > 1)} away from the entries around it; it sets no timestamp"
        )
    timed = [entry for entry in found.entries if entry.local]
    back = [b for a, b in pairwise(timed) if a.local and b.local and b.local < a.local]
    if back:
        said.append(f"the timeline goes back {len(back)}x, first at line {back[0].number}")
    for zone, number in reader.assumed.items():
        why = "the only zone that the document names" if reader.implied else "as asked"
        said.append(f"{number} time{'s' * (number > 1)} without a zone read as {zone}, {why}")
    if found.assumed:
        said.append(f"{', '.join(found.assumed)}: taken from the timeline: confirm")
    if not found.times:
        said.append("no time for `timestamps` is certain: add one")
    return said


def about_severity(is_known: bool) -> list[str]:
    """Whether the severity is a guess."""
    return [] if is_known else ["severity P2 is assumed: the document names none"]


def _remedy(problem: str) -> str:
    if problem == UNCLEAR_DAY:
        return ": say --day-first or --month-first"
    if problem in {zones.NO_ZONE, zones.UNKNOWN}:
        return ": say --zone, for instance --zone Europe/Berlin"
    return ""


def without_day(title: str) -> str:
    """`2025-10-03: Surveys broken` or `Surveys broken - October 3, 2025` without the day."""
    stamp = stamps.leading(title)
    if stamp and stamp.day and len(title) - stamp.end > 5:
        title = title[stamp.end :]
    for match in re.finditer(r"\s+[-\u2013\u2014]\s*|\s*[,(]\s*|\s+on\s+", title):
        stamp = stamps.leading(title, match.end())
        if stamp and stamp.day and stamp.end >= len(title) and match.start() > 5:
            return title[: match.start()]
    return title


def counted(entries: list[Entry]) -> Counter[str]:
    """How many entries have an instant, a time without its zone, only a day, or neither."""
    return Counter(_kind(entry) for entry in entries)


def _kind(entry: Entry) -> str:
    if entry.at:
        return "with a time"
    if entry.local:
        return "without a zone"
    return "with a day" if entry.day else "as written"
