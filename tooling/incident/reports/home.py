"""Home: search first, then unresolved incidents, overdue items, latest incidents, "on this day"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from incident.postmortem.model import Postmortem
from incident.reports import _rendering
from incident.reports._site_data import File, Page, Wiki

PATH = "index.md"
NEWEST = 6
ITEMS = 6
DAYS = 3  # days around today, in earlier years


def build(wiki: Wiki) -> Iterator[Page | File]:
    """The page."""
    found = wiki.postmortems
    items = wiki.open_items
    html = _rendering.render(
        "home.html.j2",
        PATH,
        wiki,
        newest=found[:NEWEST],
        total=len(found),
        items=items[:ITEMS],
        open_total=len(items),
        overdue=sum(item.overdue for item in items),
        unresolved=unresolved(wiki),
        years=on_this_day(wiki),
    )
    yield Page(PATH, "Home", html)


def unresolved(wiki: Wiki) -> list[Postmortem]:
    """Unresolved incidents, most severe first."""
    found = [p for p in wiki.postmortems if p.is_ongoing]
    return sorted(found, key=lambda p: p.severity or "P9")


def on_this_day(wiki: Wiki) -> list[tuple[int, Postmortem]]:
    """Incidents around this day in earlier years, with how many years ago, newest first."""
    found = []
    for p in wiki.postmortems:
        if p.date and p.date.year < wiki.today.year:
            then = _in_year(p.date, wiki.today.year)
            if abs((then - wiki.today).days) <= DAYS:
                found.append((wiki.today.year - p.date.year, p))
    return found[:NEWEST]


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:  # February 29
        return date(year, 3, 1)
