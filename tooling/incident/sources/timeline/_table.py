"""Rows with a time and a text, whatever their columns are called, as signals.

The usual names of columns are recognized; `Reading.columns` names others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Export, Reading
from incident.text import dates, written_times, zones
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import address
from incident.text.written_times import Assumptions

ROW = Noun("row", "rows")
NAMES = {
    "at": (
        *("at", "timestamp", "time", "datetime", "date_time", "occurred_at", "happened_at"),
        *("created_at", "event_time", "started_at", "start_time", "when", "ts", "logged_at"),
        *("reported_at", "start", "created", "date"),
    ),
    "text": (
        *("text", "event", "message", "what", "what_happened", "description", "summary", "title"),
        *("details", "detail", "note", "notes", "entry", "action", "comment", "body", "content"),
    ),
    "source": ("source", "tool", "system", "origin"),
    "url": ("url", "link", "permalink", "href", "html_url"),
}
_ZONES = ("timezone", "time_zone", "zone", "tz")
_HINT = "write it as 2025-05-14T09:40Z or 2025-05-14T11:40+02:00, or pass --zone and --day-first"
_NOTED = frozenset({"at", "text"})


class Columns:
    """Which column holds what. `zone`: the one that the column of times names, "Time (UTC)"."""

    def __init__(self, header: Iterable[str], reading: Reading, place: str) -> None:
        names = [name for name in header if isinstance(name, str)]
        plain = {key: name for name in reversed(names) if (key := _plain(name))}
        self.found: dict[str, str] = {}
        self._given = reading.columns
        for about, usual in NAMES.items():
            given = reading.columns.get(about)
            if given is not None:
                usual = (given, *usual)
                known = given if given in names else plain.get(_plain(given))
                known = known or next((plain[key] for key in usual if key in plain), None)
                if known is None:
                    raise UsageError(
                        f"{place}: there is no column {given!r}",
                        f"it has: {', '.join(names)[:300]}",
                    )
                self.found[about] = known
            elif name := next((plain[key] for key in usual if key in plain), ""):
                self.found[about] = name
        self.clock = plain.get("time") if _plain(self.found.get("at", "")) == "date" else None
        if _plain(self.found.get("at", "")) == "time" and "date" in plain:
            self.found["at"], self.clock = plain["date"], plain["time"]
        missing = [about for about in ("at", "text") if about not in self.found]
        if missing:
            listed = ", ".join(names)[:300] or "nothing"
            raise UsageError(
                f"{place}: no column is recognized as {' and '.join(missing)}; it has: {listed}",
                " ".join(f"--map {about}=COLUMN" for about in missing),
            )
        self.zone = zones.find(self.clock or self.found["at"])
        self._zones = next((plain[key] for key in _ZONES if key in plain), None)

    @property
    def note(self) -> str:
        """How columns of other names are read, or ""."""
        said = {a: n for a, n in self.found.items() if a in _NOTED and self._given.get(a) != n}
        said = {a: n for a, n in said.items() if _plain(n) != a}
        if not said:
            return ""
        shown = " and ".join(f"{name!r} as `{about}`" for about, name in said.items())
        return f"reads the column {shown}; --map at=COLUMN --map text=COLUMN changes that"

    def time(self, row: Mapping[str, Any]) -> object:
        """What a row gives as its time."""
        value = row.get(self.found["at"])
        if self.clock is None:
            return value
        return f"{value} {row.get(self.clock) or ''}".strip() if value else None

    def instant(self, row: Mapping[str, Any], assumed: Assumptions) -> datetime | str:
        """The instant of a row, with the zone of its own column, or what is wrong with it."""
        value = self.time(row)
        at = written_times.whole(value, assumed)
        written = row.get(self._zones) if self._zones else None
        if isinstance(at, str) and isinstance(written, str) and written.strip():
            zone = zones.named(written)
            if zone and zone.tz:
                at = written_times.whole(value, replace(assumed, zone=zone))
        return at


def read(
    path: Path,
    rows: Sequence[tuple[int | str, Any]],
    reading: Reading,
    tally: Tally,
    columns: Columns | None = None,
) -> Export:
    """Rows with their lines, as signals. Raises UsageError where none can be read.

    `columns`: of the header; without it, the rows' own.
    """
    whole = [(line, row) for line, row in rows if isinstance(row, dict)]
    for line, row in rows:
        if not isinstance(row, dict):
            tally.leave("not an object", line)
    names = dict.fromkeys(name for _, row in whole[:1000] for name in row)
    if whole and columns is None:
        columns = Columns(names, reading, str(path))
    found = []
    if columns:
        times = [str(columns.time(row)) for _, row in whole[:5000]]
        days = [at.date() for at in reading.times]
        order = reading.order or dates.order_of([*times, path.stem], days)
        assumed = Assumptions(reading.now, columns.zone or reading.zone, order)
        for line, row in whole:
            signal = _signal(row, columns, assumed)
            if isinstance(signal, Signal):
                tally.take()
                found.append(signal)
            else:
                tally.leave(signal, line)
    account = tally.account
    if account.seen and not found:
        first = account.left_out[0]
        message = f"{first.first or path}: the row is {first.reason}; no row can be read"
        raise UsageError(message, _HINT if "time" in first.reason else "write a time and a text")
    notes = (columns.note,) if columns and columns.note else ()
    return Export(found, (account,), notes)


def _signal(row: Mapping[str, Any], columns: Columns, assumed: Assumptions) -> Signal | str:
    text = row.get(columns.found["text"])
    if not isinstance(text, str) or not text.strip():
        return "without a text"
    at = columns.instant(row, assumed)
    if isinstance(at, str):
        return at
    source, url = (row.get(columns.found.get(about, "")) for about in ("source", "url"))
    return Signal(at, "row", text, "", source if isinstance(source, str) else "", address(url))


def _plain(name: str) -> str:
    """A column's name for comparison: "Occurred At (UTC)" is occurred_at."""
    name = re.sub(r"\([^)]*\)|\b(?:utc|gmt)\b", "", name.casefold())
    return re.sub(r"[\W_]+", "_", name).strip("_")
