"""The result of a query in words, and the days it points to. A sentence claims no more than it can.

Today is left out of every comparison: it isn't over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from incident.archive.query_results import Numbers, Value
from incident.investigation import series
from incident.investigation.plan import Window
from incident.investigation.series import Stretch
from incident.text.counts import count, some

_DAY = timedelta(days=1)
_WEEK = 7
_NAMED = 3  # columns, or periods, named in a sentence


class Finding(NamedTuple):
    """`text`: without a period. `first`, `last`: the wrong days, None without any.

    `change`: by how much, in percent; None if it is not a share.
    """

    text: str
    first: date | None = None
    last: date | None = None
    change: float | None = None


def find(query: str, numbers: Numbers, window: Window, today: date) -> Finding:
    """What the result of a query says. `today`: the day it ran."""
    reader, needed = _READERS.get(query, (None, frozenset()))
    if reader is not None and (not numbers.columns or needed <= set(numbers.columns)):
        return reader(numbers, window, today)
    if len(numbers.rows) == 1:  # a team's own query, or an edited one
        pairs = zip(numbers.columns, numbers.rows[0], strict=True)
        return Finding(", ".join(f"{name} {_value(value)}" for name, value in list(pairs)[:5]))
    return Finding(f"{_rows(len(numbers.rows))} of numbers")


def _value(value: Value) -> str:
    if value is None:
        return "unknown"
    return f"{value:,}" if isinstance(value, (int, float)) else str(value)


def _freshness(numbers: Numbers, window: Window, today: date) -> Finding:
    latest = next(iter(numbers.column("latest_row")), None)
    hours = next(iter(numbers.column("hours_old")), None)
    if latest is None:
        return Finding(f"no rows since {window.first}")
    moment = str(latest).replace("T", " ")[:16]
    if hours is not None and (days := _days_old(moment, today)) is not None:
        when = (
            f"{_days(abs(days))} {'in the future' if days < 0 else 'old'}" if days else "of today"
        )
        return Finding(f"the newest row is {when} ({moment})")
    if not isinstance(hours, (int, float)):
        return Finding(f"the newest row is from {moment}")
    if hours < 0:
        return Finding(f"the newest row is {_span(-hours)} in the future ({moment})")
    return Finding(f"the newest row is {_span(hours)} old ({moment})")


def _days_old(moment: str, today: date) -> int | None:
    """The age of a day; None if it is a time, or no day at all."""
    try:
        return (today - date.fromisoformat(moment)).days
    except ValueError:
        return None


def _rows_by_day(numbers: Numbers, window: Window, today: date) -> Finding:
    every = {day: max(0, count) for day, count in numbers.by_day("row_count").items()}
    values = {day: count for day, count in every.items() if day < today}
    last = min(window.end - _DAY, today - _DAY)
    if not values:
        if now := sum(every.values()):
            return Finding(f"{_rows(now)} today, and none before since {window.first}")
        return Finding(f"no rows from {window.first} to {window.end - _DAY}")
    if len(values) == 1 and max(values) >= last:
        ((day, count),) = values.items()
        return Finding(f"{_rows(count)} on {day}, and none on other days")
    judged = series.judge(series.filled(values, last))
    low, high = min(values.values()), max(values.values())
    usual = f"{low:,} to {high:,} rows a day" if low != high else f"{_rows(low)} a day"
    days = f"from {min(values)} to {last}"
    if not judged.stretches:
        if not judged.count:
            missing = sum(1 for one in series.filled(values, last).values() if not one)
            without = f", {_days(missing)} without rows" if missing else ""
            return Finding(f"{usual} {days}{without}; too little history to compare weekdays")
        return Finding(f"no unusual day {days} ({usual})")
    found = _ordered(judged.stretches, window.started)
    text = "; ".join(_stretch(one, last) for one in found[:_NAMED])
    more = sum(one.days for one in found[_NAMED:])
    rest = f"; {_days(more)} more {'is' if more == 1 else 'are'} unusual" if more else ""
    change = None if math.isinf(found[0].change) else round(100 * found[0].change, 1)
    first, end = min(one.first for one in found), max(one.last for one in found)
    return Finding(f"{text}{rest}", first, end, change)


def _ordered(stretches: Sequence[Stretch], started: date | None) -> list[Stretch]:
    """The one nearest to the start, or the largest; then days without rows, then the others."""

    def away(one: Stretch) -> int:
        return max(one.first - started, started - one.last, timedelta()).days if started else 0

    nearest = min(stretches, key=away)
    return sorted(stretches, key=lambda one: (one is not nearest, one.actual > 0, away(one)))


def _stretch(one: Stretch, last: date) -> str:
    """A fall, a rise, or no rows at all."""
    is_one = one.days == 1
    usual = round(one.expected / one.days)
    when = f"on {one.first}" if is_one else f"from {one.first} to {one.last}"
    if not is_one and one.last == last:
        when = f"since {one.first}"
    if not one.actual:
        return f"no rows {when} (usually about {usual:,}{'' if is_one else ' a day'})"
    if math.isinf(one.change):
        return f"{_rows(one.actual)} {when}, usually none"
    word = "fell" if one.change < 0 else "rose"
    actual = round(one.actual / one.days)
    return (
        f"rows by day {word} {_percent(100 * abs(one.change))} {when} "
        f"({actual:,} instead of about {usual:,}{'' if is_one else ' a day'})"
    )


def _null_rates(numbers: Numbers, window: Window, today: date) -> Finding:
    rows = numbers.by_day("row_count")
    names = [name for name in numbers.columns if name.endswith("_null_pct")]
    if numbers.rows and not names:
        return Finding(f"{_rows(len(numbers.rows))} of numbers")
    rates = {
        name.removesuffix("_null_pct"): {
            day: rate for day, rate in numbers.by_day(name).items() if day < today
        }
        for name in names
    }
    rates = {name: by_day for name, by_day in rates.items() if by_day}
    if not rates:
        return Finding(f"no rows from {window.first} to {window.end - _DAY}")
    risen = {name: up for name, by_day in rates.items() if (up := _risen(by_day, rows))}
    empty = [name for name, by_day in rates.items() if min(by_day.values()) == 100]
    also = (
        f"; {some(empty, _NAMED)} {'is' if len(empty) == 1 else 'are'} always null" if empty else ""
    )
    days = f"{_days(max(map(len, rates.values())))}, {count(len(rates), 'column')}"
    if not risen:
        if max(map(len, rates.values())) <= _WEEK:
            name, by_day = max(rates.items(), key=lambda item: max(item[1].values()))
            top = _percent(max(by_day.values()))
            return Finding(
                f"at most {top} nulls, in {name} ({days}); too few days to compare{also}"
            )
        checked = some(list(rates), _NAMED)
        return Finding(
            f"no null rate rose in {checked} ({_days(max(map(len, rates.values())))}){also}"
        )
    name, one = max(risen.items(), key=lambda item: item[1].high - item[1].usual)
    others = [other for other in risen if other != name]
    more = f"; also in {some(others, _NAMED)}" if others else ""
    when = f"on {one.first}" if one.first == one.last else f"from {one.first} to {one.last}"
    text = f"nulls in {name} rose from {_percent(one.usual)} to {_percent(one.high)} {when}"
    first = min(up.first for up in risen.values())
    last = max(up.last for up in risen.values())
    return Finding(f"{text}{more}{also}", first, last)


class _Risen(NamedTuple):
    first: date
    last: date
    usual: float
    high: float


def _risen(rates: dict[date, float], rows: dict[date, float]) -> _Risen | None:
    """The longest rise above everything of at least a week before, by three rows or more."""
    normal: list[float] = []
    found: list[_Risen] = []
    before: date | None = None
    for day, rate in sorted(rates.items()):
        if len(normal) >= _WEEK:
            top = max(normal)
            margin = max(1.0, (top - min(normal)) / 2)
            nulls = (rate - top) / 100 * rows.get(day, 0)
            if rate >= top + margin and nulls >= 3:
                if found and before == found[-1].last:
                    high = max(found[-1].high, rate)
                    found[-1] = found[-1]._replace(last=day, high=high)
                else:
                    found.append(_Risen(day, day, float(median(normal)), rate))
                before = day
                continue
        normal.append(rate)
        before = day
    return max(found, key=lambda one: (one.high - one.usual, one.last - one.first), default=None)


def _duplicates(numbers: Numbers, window: Window, today: date) -> Finding:
    many = numbers.by_day("rows_too_many")
    if not many:
        return Finding(f"no duplicates within these days, {window.first} to {window.end - _DAY}")
    keys = sum(numbers.by_day("duplicated_keys").values())
    rows = sum(many.values())
    first, last = min(many), max(many)
    when = f"on {first}" if first == last else f"on {_days(len(many))} from {first} to {last}"
    worst = max(many, key=lambda day: (many[day], -day.toordinal()))
    top = f", most on {worst}" if len(many) > 1 else ""
    occur = "key occurs" if keys == 1 else "keys occur"
    text = f"{keys:,} {occur} more than once {when}: {_rows(rows)} too many{top}"
    return Finding(text, first, last)


def _first_bad(numbers: Numbers, window: Window, today: date) -> Finding:
    first = next(iter(numbers.column("first_bad_day")), None)
    last = next(iter(numbers.column("last_bad_day")), None)
    if not isinstance(first, date) or not isinstance(last, date):
        return Finding(f"no bad rows from {window.first} to {window.end - _DAY}")
    days, rows = _first(numbers, "bad_days") or 0, _first(numbers, "bad_rows_in_window") or 0
    share = _first(numbers, "bad_pct")
    when = f"on {first}" if first == last else f"on {_days(round(days))} from {first} to {last}"
    of = f", {_percent(share)} of the rows of those days" if share is not None else ""
    early = "; the window starts there, so they may be older" if first <= window.first else ""
    return Finding(f"{rows:,} bad rows {when}{of}{early}", first, last)


def _first(numbers: Numbers, name: str) -> float | None:
    """The number in the first row of a column."""
    value = next(iter(numbers.column(name)), None)
    return value if isinstance(value, (int, float)) else None


def _source_and_target(numbers: Numbers, window: Window, today: date) -> Finding:
    return _compared(numbers, window, today, "source", "target")


def _before_and_after(numbers: Numbers, window: Window, today: date) -> Finding:
    if "after_rows" not in numbers.columns and numbers.rows:  # BigQuery reads one version at a time
        rows = sum(numbers.by_day("row_count").values())
        return Finding(
            f"{_rows(rows)} on {_days(len(numbers.rows))} before; compare with rows by day"
        )
    return _compared(numbers, window, today, "before", "after")


def _compared(numbers: Numbers, window: Window, today: date, a: str, b: str) -> Finding:
    """The days on which the second has an unusual share of the first's rows."""
    left, right = numbers.by_day(f"{a}_rows"), numbers.by_day(f"{b}_rows")
    days = sorted(day for day in left.keys() | right.keys() if day < today)
    if not days:
        return Finding(f"no rows in {a} and {b} from {window.first} to {window.end - _DAY}")
    pairs = {day: (left.get(day, 0), right.get(day, 0)) for day in days}
    shares = [two / one for one, two in pairs.values() if one]
    if not shares:
        return Finding(f"{a} has no rows from {days[0]} to {days[-1]}")
    usual = float(median(shares))
    noise = float(median(abs(share - usual) for share in shares))
    wrong = {
        day: two - one * usual
        for day, (one, two) in pairs.items()
        if _differs(one * usual, two, noise / usual if usual else 0.0)
    }
    if not wrong:
        same = "the same number of rows" if usual == 1 and not noise else "the usual share of rows"
        return Finding(f"{b} has {same} on all {_days(len(days))}")
    worst = max(wrong, key=lambda day: (abs(wrong[day]), -day.toordinal()))
    one, two = pairs[worst]
    expected = round(one * usual)
    change = round(100 * (two - expected) / expected, 1) if expected else None
    if not two:
        text = f"{b} has no rows on {worst}, and {a} has {one:,}"
    else:
        word = "fewer" if wrong[worst] < 0 else "more"
        share = f" ({'-' if change < 0 else '+'}{_percent(abs(change))})" if change else ""
        count = _rows(abs(round(wrong[worst])))
        text = f"{b} has {count} {word} than {_than(a, usual)} on {worst}{share}"
    more = f"; {_days(len(wrong) - 1)} more differ" if len(wrong) > 1 else ""
    return Finding(f"{text}{more}", min(wrong), max(wrong), change)


def _than(a: str, usual: float) -> str:
    return a if usual == 1 else f"usual for {a}"


def _differs(expected: float, actual: float, noise: float) -> bool:
    if not noise:  # on most days, it is exact
        return round(expected) != round(actual)
    if abs(actual - expected) <= 3 * math.sqrt(max(expected, 1)):
        return False
    return abs(actual - expected) > max(0.05, 4 * noise) * expected


# with the columns that each needs: an edited query may have others
_READERS: dict[str, tuple[Callable[[Numbers, Window, date], Finding], frozenset[str]]] = {
    "freshness": (_freshness, frozenset({"latest_row"})),
    "rows_by_day": (_rows_by_day, frozenset({"day", "row_count"})),
    "first_bad_partition": (_first_bad, frozenset({"first_bad_day", "last_bad_day"})),
    "null_rates": (_null_rates, frozenset({"day", "row_count"})),
    "duplicates": (_duplicates, frozenset({"day", "rows_too_many", "duplicated_keys"})),
    "source_and_target": (_source_and_target, frozenset({"day", "source_rows", "target_rows"})),
    "before_and_after": (_before_and_after, frozenset({"day"})),
}


def _percent(value: float) -> str:
    """`18%`, `2.5%`; a small one is never 0%."""
    if 0 < value < 0.1:
        return "under 0.1%"
    return f"{value:,.0f}%" if value >= 10 or float(value).is_integer() else f"{value:.1f}%"


def _span(hours: float) -> str:
    if hours < 48:
        return f"{hours:g} {'hour' if hours == 1 else 'hours'}"
    return _days(round(hours / 24))


def _rows(number: float) -> str:
    return count(number, "row")


def _days(number: int) -> str:
    return count(number, "day")
