"""Rows with `at`, `text` and, if wanted, `source` and `url`, as CSV and NDJSON give them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.text.bounded_readers import address
from incident.text.instants import parse_utc

_HINT = "write it as 2025-05-14T09:40Z or 2025-05-14T11:40+02:00"


def signal(row: Mapping[str, Any], place: str) -> Signal:
    """One row. `place` is `file:line`. Raises UsageError where time or text are missing."""
    at, text = row.get("at"), row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{place}: the row has no `text`", "say what happened, or delete the row")
    when = parse_utc(at.strip()) if isinstance(at, str) else None
    if when is None:
        shown = repr(at)[:60] if at not in (None, "") else "nothing"
        raise UsageError(f"{place}: `at` is {shown}, which is no time with an offset", _HINT)
    source = row.get("source")
    return Signal(
        when, "row", text, "", source if isinstance(source, str) else "", address(row.get("url"))
    )
