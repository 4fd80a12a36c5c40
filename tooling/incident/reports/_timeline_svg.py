"""The timeline of an incident as SVG: what happened when, how long it took, which data was wrong.

Positions are percentages of the width, so that text keeps its size on a phone.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup, escape

from incident.postmortem import model
from incident.postmortem.model import Postmortem
from incident.postmortem.timestamps import TIMESTAMPS
from incident.text import instants

WIDEST = 2  # the window of wrong data may stretch the axis to this many times the timeline
CLOSE = 6.5  # percent: marks closer than this are stacked
NAMED = 17  # percent: gaps at least this wide get a label


class Tick(NamedTuple):
    """One timestamp, and the gap since the previous one."""

    number: int
    key: str
    label: str
    instant: datetime
    at: str
    gap: timedelta | None
    named: str


def ticks(p: Postmortem) -> list[Tick]:
    """The timestamps in chronological order."""
    found: list[Tick] = []
    before = None
    for key in sorted((k for k in TIMESTAMPS if k in p.times), key=lambda k: p.times[k]):
        at = p.times[key]
        gap = at - before if before is not None else None
        named = TIMESTAMPS[key].gap if before is not None else ""
        title = TIMESTAMPS[key].title
        found.append(Tick(len(found) + 1, key, title, at, instants.readable(at), gap, named))
        before = at
    return found


def window(p: Postmortem) -> tuple[datetime, datetime] | None:
    """The window of wrong data as instants: start of the first day to end of the last."""
    first, last = p.wrong_from, p.wrong_to
    if first is None or max(first, last or first).year == 9999:
        return None
    begin = datetime.combine(first, time(), UTC)
    end = datetime.combine(max(last or first, first), time(), UTC) + timedelta(days=1)
    return begin, end


def draw(p: Postmortem) -> Markup:
    """The timeline as SVG; empty with fewer than two times, or no time between them."""
    found = ticks(p)
    if len(found) < 2 or found[-1].instant == found[0].instant:
        return Markup()
    first, last = found[0].instant, found[-1].instant
    bad = window(p)
    begin, end = first, last
    if bad and max(bad[1], last) - min(bad[0], first) <= WIDEST * (last - first):
        begin, end = min(bad[0], first), max(bad[1], last)
    span = (end - begin).total_seconds()

    def x(at: datetime) -> float:
        return round(2 + 96 * min(1, max(0, (at - begin).total_seconds() / span)), 2)

    levels = _levels([x(tick.instant) for tick in found])
    line = 24 + 22 * max(levels)
    parts = []
    for before, tick in pairwise(found):
        x1, x2 = x(before.instant), x(tick.instant)
        parts.append(
            f'<rect class="gap gap-{tick.key[:-3]}" x="{x1}%" y="{line - 5}" '
            f'width="{x2 - x1:.2f}%" '
            'height="10"/>'
        )
        if x2 - x1 >= NAMED and tick.gap is not None:
            parts.append(
                f'<text class="gap-name" x="{(x1 + x2) / 2:.2f}%" y="{line + 21}" '
                f'text-anchor="middle">{model.duration(tick.gap)}</text>'
            )
    for tick, level in zip(found, levels, strict=True):
        at, y = x(tick.instant), line - 22 * level - 14
        parts.append(f'<line class="stem" x1="{at}%" x2="{at}%" y1="{y}" y2="{line + 5}"/>')
        parts.append(f'<circle class="mark" cx="{at}%" cy="{y}" r="9"/>')
        parts.append(
            f'<text class="mark-number" x="{at}%" y="{y + 4}" text-anchor="middle">'
            f"{tick.number}</text>"
        )
    height = line + 30
    if bad:
        parts.append(_window(x(bad[0]), x(bad[1]), bad, begin, end, height))
        height += 16 if bad[1] <= begin or bad[0] >= end else 34
    title = f"Incident timeline, {model.duration(last - first)}"
    return Markup(  # noqa: S704 - numbers and escaped text
        f'<svg class="drawn-clock" role="img" width="100%" height="{height}" '
        f'aria-label="{title}">'
        f"<title>{title}</title><desc>{escape(_said(found, bad))}</desc>{''.join(parts)}</svg>"
    )


def _levels(places: list[float]) -> list[int]:
    """The row of each mark, so that none covers another."""
    levels: list[int] = []
    for n, place in enumerate(places):
        taken = {levels[m] for m in range(n) if abs(places[m] - place) < CLOSE}
        levels.append(next(level for level in range(n + 1) if level not in taken))
    return levels


def _window(
    x1: float, x2: float, bad: tuple[datetime, datetime], begin: datetime, end: datetime, y: int
) -> str:
    wide = max(x2 - x1, 1.5)
    x1 = min(x1, 98 - wide)
    outside = bad[1] <= begin or bad[0] >= end
    earlier = "\u25c2 " if bad[0] < begin else ""
    later = " \u25b8" if bad[1] > end else ""
    days = _days(bad)
    anchor, at = ("start", x1) if x1 < 50 else ("end", x1 + wide)
    bar = f'<rect class="wrong-data" x="{x1}%" y="{y}" width="{wide:.2f}%" height="10"/>'
    below = y + (8 if outside else 25)
    return ("" if outside else bar) + (
        f'<text class="gap-name" x="{at:.2f}%" y="{below}" text-anchor="{anchor}">'
        f"{earlier}wrong data: {days}{later}</text>"
    )


def _days(bad: tuple[datetime, datetime]) -> str:
    first, last = bad[0].date(), (bad[1] - timedelta(days=1)).date()
    return f"{first}" if first == last else f"{first} to {last}"


def _said(found: list[Tick], bad: tuple[datetime, datetime] | None) -> str:
    said = [
        f"{t.label} {t.at}" + (f", after {model.duration(t.gap)} {t.named}" if t.gap else "")
        for t in found
    ]
    if bad:
        said.append(f"Data for {_days(bad)} was wrong")
    return ". ".join(said) + "."
