"""The result of a query, in a CSV file next to it: counts, rates and days, and nothing else.

Both ends check: what a warehouse returns before it is written, and a file before it is drawn.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from incident.text.lazy_regex import lazy

MOST_ROWS = 400  # a year of days
MOST_BYTES = 500_000
Value = int | float | date | str | None  # a text is a moment, as in `latest_row`

_DAY = lazy(r"day|[a-z0-9_]{1,120}_day")
_MOMENT = lazy(r"latest_row")
_NUMBER = lazy(
    r"[a-z0-9_]{1,140}_(?:count|rows|pct|days|hours|keys)|row_count_week_before|hours_old|"
    r"missing_days_before|rows_too_many|most_copies|bad_rows_in_window|row_difference"
)
_DATE = lazy(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00:00(?:\.0+)?(?:Z|[+-]\d\d:?\d\d)?)?")
_INSTANT = lazy(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_FIGURE = lazy(r"-?\d{1,18}(?:\.\d{1,18})?")


class Numbers(NamedTuple):
    """A result: `rows` have a value for each of `columns`, by day where there is one."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Value]:
        """The values of a column; none without it."""
        if name not in self.columns:
            return []
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def by_day(self, name: str) -> dict[date, float]:
        """The numbers of a column by day; empty cells are left out."""
        pairs = zip(self.column("day"), self.column(name), strict=False)
        return {
            day: value
            for day, value in pairs
            if isinstance(day, date) and isinstance(value, (int, float))
        }


def checked(raw: Sequence[Mapping[str, object]]) -> tuple[Numbers, list[str]]:
    """The counts, rates and days in the rows of a warehouse, and why columns were left out."""
    names = list(dict.fromkeys(str(name) for row in raw[:MOST_ROWS] for name in row))
    columns: dict[str, list[Value]] = {}
    left_out = []
    for name in names:
        plain = name.lower()
        reader = _reader(plain)
        if reader is None:
            left_out.append(f"{name[:60]} is not a count, rate or day")
            continue
        values = [reader(row.get(name)) for row in raw[:MOST_ROWS]]
        if any(value is _BAD for value in values):
            left_out.append(f"{name[:60]} has other values than its name says")
        else:
            columns[plain] = values
    if len(raw) > MOST_ROWS:
        left_out.append(f"{len(raw) - MOST_ROWS} rows after the first {MOST_ROWS}")
    rows = list(zip(*columns.values(), strict=True))
    if "day" in columns:
        at = list(columns).index("day")
        rows.sort(key=lambda row: (row[at] is None, str(row[at])))
    return Numbers(tuple(columns), tuple(rows)), left_out


def to_csv(numbers: Numbers) -> str:
    """As a CSV file: one row a line, an empty cell for none. Without columns, it is empty."""
    if not numbers.columns:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(numbers.columns)
    writer.writerows(["" if value is None else value for value in row] for row in numbers.rows)
    return out.getvalue()


def read(path: Path) -> Numbers | None:
    """A CSV file; None if there is none, or it has anything else than counts, rates and days."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            return None
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    return _of_lines(lines)


def _of_lines(lines: Iterable[list[str]]) -> Numbers | None:
    head, *rows = list(lines) or [[]]
    if not head and not rows:
        return Numbers((), ())
    if not head or len(set(head)) < len(head) or any(len(row) != len(head) for row in rows):
        return None
    if not all(map(_reader, head)):
        return None
    found, left_out = checked([dict(zip(head, row, strict=True)) for row in rows])
    if left_out:
        return None
    return found if rows else Numbers(tuple(head), ())


_BAD: Value = "\0"


def _reader(name: str) -> Callable[[object], Value] | None:
    if _DAY().fullmatch(name):
        return _day
    if _NUMBER().fullmatch(name):
        return _number
    return _moment if _MOMENT().fullmatch(name) else None


def _day(value: object) -> Value:
    if value is None or value == "":
        return None
    found = _DATE().fullmatch(str(value))
    try:
        return date.fromisoformat(found[1]) if found else _BAD
    except ValueError:
        return _BAD


def _number(value: object) -> Value:
    if value is None or value == "":
        return None
    if isinstance(value, str) and _FIGURE().fullmatch(value):
        value = float(value) if "." in value else int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return _BAD
    return int(value) if float(value).is_integer() else round(float(value), 6)


def _moment(value: object) -> Value:
    if value is None or value == "":
        return None
    return str(value) if _INSTANT().fullmatch(str(value)) else _BAD
