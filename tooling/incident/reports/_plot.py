"""Plots as SVG, drawn at build time: x in percent, y in pixels, colors by CSS class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from incident.archive.metrics import Length, Point
from incident.postmortem import model

MARKS = ((5, "5 min"), (60, "1 h"), (1440, "1 d"), (10080, "1 w"), (43200, "30 d"))
LOW, HIGH = 1, 525_600  # one minute, one year
DOTS = 250  # above this many points, draw a histogram
BINS = 40


def _x(minutes: float) -> float:
    """The x position of a duration, in percent: logarithmic from one minute to one year."""
    inside = min(HIGH, max(LOW, minutes))
    return round(1.5 + 97 * math.log(inside / LOW) / math.log(HIGH / LOW), 2)


def strip(length: Length, label: str) -> Markup:
    """Every value of a duration on one line, with median and p90."""
    if not length.points or length.median is None or length.p90 is None:
        return Markup('<span class="quiet">no data</span>')
    parts = [f'<line class="grid" x1="{_x(m)}%" x2="{_x(m)}%" y1="2" y2="34"/>' for m, _ in MARKS]
    parts += _dots(length.points) if length.n <= DOTS else _bars(length.points)
    median, p90 = _x(length.median), _x(length.p90)
    parts.append(f'<line class="median" x1="{median}%" x2="{median}%" y1="4" y2="32"/>')
    parts.append(f'<line class="p90" x1="{p90}%" x2="{p90}%" y1="4" y2="32"/>')
    return _svg(f"{label}: {length.n} values, on a scale from one minute to one year", parts, 36)


def axis() -> Markup:
    """The axis shared by all strips."""
    parts = [
        f'<text class="tick" x="{_x(m)}%" y="12" text-anchor="middle">{name}</text>'
        for m, name in MARKS
    ]
    text = f'<svg class="plot" aria-hidden="true" width="100%" height="16">{"".join(parts)}</svg>'
    return Markup(text)  # noqa: S704 - only constants


def _dots(points: Sequence[Point]) -> list[str]:
    parts = []
    stacked: dict[int, int] = {}
    for point in sorted(points, key=lambda p: (p.minutes, p.id)):
        place = _x(point.minutes)
        level = stacked.get(round(place), 0)
        stacked[round(place)] = level + 1
        y = 18 + (-1) ** level * 5 * ((level % 5 + 1) // 2)
        severity = _known(point.severity)
        said = f"{point.severity} {model.minutes(point.minutes)}, {point.id}".strip()
        parts.append(
            f'<circle class="dot sev-{severity}" cx="{place}%" cy="{y}" r="4">'
            f"<title>{escape(said)}</title></circle>"
        )
    return parts


def _bars(points: Sequence[Point]) -> list[str]:
    counts = [0] * BINS
    for point in points:
        counts[min(BINS - 1, int(_x(point.minutes) / 100 * BINS))] += 1
    most = max(counts)
    wide = 100 / BINS
    return [
        f'<rect class="bar" x="{n * wide:.2f}%" width="{wide * 0.9:.2f}%" '
        f'y="{34 - 30 * count / most:.1f}" height="{30 * count / most:.1f}"/>'
        for n, count in enumerate(counts)
        if count
    ]


class Column(NamedTuple):
    """One column of stacked counts."""

    label: str
    counts: Mapping[str, int]


def columns(found: Sequence[Column], order: Sequence[str], label: str) -> Markup:
    """Stacked columns, the first of `order` at the bottom; each count has its own class."""
    if not found:
        return Markup()
    most = max(1, *(sum(one.counts.values()) for one in found))
    wide = 100 / len(found)
    every = math.ceil(len(found) / 12)
    parts = []
    for n, one in enumerate(found):
        x, y = n * wide, 124.0
        for name in order:
            count = one.counts.get(name, 0)
            high = 100 * count / most
            y -= high
            if count:
                parts.append(
                    f'<rect class="bar sev-{_known(name)}" x="{x + wide * 0.1:.2f}%" '
                    f'width="{wide * 0.8:.2f}%" y="{y:.1f}" height="{high:.1f}">'
                    f"<title>{escape(one.label)}: {count} {escape(name)}</title></rect>"
                )
        total = sum(one.counts.values())
        middle = f"{x + wide / 2:.2f}%"
        if total and len(found) <= 16:
            parts.append(
                f'<text class="tick" x="{middle}" y="{y - 3:.1f}" text-anchor="middle">'
                f"{total}</text>"
            )
        if n % every == 0:
            parts.append(
                f'<text class="tick" x="{middle}" y="140" text-anchor="middle">'
                f"{escape(one.label)}</text>"
            )
    parts.append('<line class="ground" x1="0" x2="100%" y1="124.5" y2="124.5"/>')
    return _svg(label, parts, 146)


def share(parts_of: Sequence[tuple[str, int]], label: str) -> Markup:
    """One divided bar."""
    total = sum(count for _, count in parts_of)
    if not total:
        return Markup()
    parts, x = [], 0.0
    for n, (_, count) in enumerate(parts_of):
        wide = 100 * count / total
        if count:
            parts.append(
                f'<rect class="part part-{n}" x="{x:.2f}%" width="{wide:.2f}%" y="0" height="22"/>'
            )
        x += wide
    return _svg(label, parts, 22)


def _known(severity: str) -> str:
    return severity.lower() if severity in {"P0", "P1", "P2", "P3"} else "unknown"


def _svg(label: str, parts: Sequence[str], height: int) -> Markup:
    text = escape(label)
    return Markup(  # noqa: S704 - numbers and escaped text
        f'<svg class="plot" role="img" aria-label="{text}" width="100%" height="{height}">'
        f"<title>{text}</title>{''.join(parts)}</svg>"
    )
