"""The numbers of a query by day as SVG, drawn at build time: x in percent, y in pixels.

Bars for one series, and a mark on each bar for what it is compared with. The days that the
postmortem calls wrong have a darker bar and a line below, so that no meaning is in a color alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from markupsafe import Markup, escape

from incident.archive.query_results import Numbers

_HIGH, _TOP, _GROUND = 118, 18, 98
# the series to draw, and what it is compared with: the first one that a result has
_SERIES = (
    ("target_rows", "source_rows"),
    ("after_rows", "before_rows"),
    ("rows_too_many", ""),
    ("row_count", ""),
)


class Chart(NamedTuple):
    """What a chart shows. `series`, `other`: numbers by day. `unit`: "rows" or "%"."""

    name: str
    series: dict[date, float]
    other_name: str
    other: dict[date, float]
    unit: str


def draw(numbers: Numbers, title: str, wrong: tuple[date | None, date | None]) -> Markup:
    """The chart; empty where fewer than two days have numbers."""
    chart = _chart(numbers)
    if chart is None:
        return Markup()
    days = sorted(chart.series.keys() | chart.other.keys())
    first, count = days[0], (days[-1] - days[0]).days + 1
    most = max([*chart.series.values(), *chart.other.values()])
    if count < 2 or most <= 0:
        return Markup()
    wide = 100 / count
    bad = [day for day in _between(*wrong) if first <= day <= days[-1]]
    marked = set(bad)
    parts = [
        f'<line class="grid" x1="0" x2="100%" y1="{_TOP}" y2="{_TOP}"/>',
        f'<text class="tick" x="0" y="{_TOP - 5}">{escape(_number(most, chart.unit))}</text>',
        f'<text class="tick" x="100%" y="{_TOP - 5}" text-anchor="end">'
        f"{escape(_key(chart))}</text>",
    ]
    for day in days:
        x = wide * (day - first).days
        parts += _day(chart, day, x, wide, most, day in marked)
    parts.append(f'<line class="ground" x1="0" x2="100%" y1="{_GROUND}.5" y2="{_GROUND}.5"/>')
    if bad:
        x1, x2 = (wide * (bad[0] - first).days, wide * ((bad[-1] - first).days + 1))
        y = _GROUND + 3
        parts.append(f'<line class="days" x1="{x1:.2f}%" x2="{x2:.2f}%" y1="{y}" y2="{y}"/>')
    parts.append(f'<text class="tick" x="0" y="{_HIGH - 3}">{first}</text>')
    parts.append(f'<text class="tick" x="100%" y="{_HIGH - 3}" text-anchor="end">{days[-1]}</text>')
    text = escape(_said(chart, title, days, bad))
    return Markup(  # noqa: S704 - numbers and escaped text
        f'<svg class="plot query" role="img" aria-label="{text}" width="100%" height="{_HIGH}">'
        f"<title>{text}</title>{''.join(parts)}</svg>"
    )


def _chart(numbers: Numbers) -> Chart | None:
    rates = [name for name in numbers.columns if name.endswith("_null_pct")]
    if rates:
        by_day = {name: numbers.by_day(name) for name in rates}
        by_day = {name: found for name, found in by_day.items() if found}
        if not by_day:
            return None
        name = max(by_day, key=lambda one: max(by_day[one].values()) - min(by_day[one].values()))
        return Chart(f"nulls in {name.removesuffix('_null_pct')}", by_day[name], "", {}, "%")
    for name, other in _SERIES:
        if found := numbers.by_day(name):
            return Chart(_words(name), found, _words(other), numbers.by_day(other), "rows")
    return None


def _day(chart: Chart, day: date, x: float, wide: float, most: float, is_wrong: bool) -> list[str]:
    """The bar of a day, and the mark of what it is compared with."""
    parts = []
    room = _GROUND - _TOP
    value, other = chart.series.get(day), chart.other.get(day)
    said = f"{day}: {_number(value or 0, chart.unit)}"
    if value:
        high = max(1.0, room * value / most)
        style = "bar wrong" if is_wrong else "bar"
        parts.append(
            f'<rect class="{style}" x="{x + wide * 0.1:.2f}%" width="{wide * 0.8:.2f}%" '
            f'y="{_GROUND - high:.1f}" height="{high:.1f}"><title>{escape(said)}</title></rect>'
        )
    if other is not None:
        y = _GROUND - room * other / most
        parts.append(
            f'<line class="mark" x1="{x:.2f}%" x2="{x + wide:.2f}%" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    return parts


def _key(chart: Chart) -> str:
    return f"{chart.name}; line: {chart.other_name}" if chart.other else chart.name


def _said(chart: Chart, title: str, days: list[date], bad: list[date]) -> str:
    """The chart in words, for those who can't see it."""
    low, high = min(chart.series.values(), default=0), max(chart.series.values(), default=0)
    text = (
        f"{title}: {chart.name} by day from {days[0]} to {days[-1]}, "
        f"from {_number(low, chart.unit)} to {_number(high, chart.unit)}"
    )
    if chart.other:
        text += f", marks show {chart.other_name}"
    if bad:
        text += f"; wrong data from {bad[0]} to {bad[-1]}"
    return text


def _between(first: date | None, last: date | None) -> list[date]:
    if first is None:
        return []
    days = ((last or first) - first).days
    return [first + timedelta(days=n) for n in range(max(0, days) + 1)] if days < 1000 else []


def _number(value: float, unit: str) -> str:
    text = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{text}%" if unit == "%" else text


def _words(name: str) -> str:
    return {"row_count": "rows", "rows_too_many": "rows too many"}.get(name, name.replace("_", " "))
