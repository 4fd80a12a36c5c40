"""dbt's run_results.json and sources.json as signals: what failed, and when.

Messages, SQL and arguments are never looked at: in them stand paths, logins and rows.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from incident.sources import Signal
from incident.sources._dbt_manifest import is_id, limit, name_of, version
from incident.text.bounded_readers import later, mapping, mappings, moment, read_json, words

FAILED = frozenset({"fail", "error", "runtime error", "partial success"})
NOT_RUN = "could not run"
_CHECKS = frozenset({"test", "unit_test"})
# Keys whose values are large, or nobody's business: dropped while the JSON is read.
_DROPPED = frozenset(
    {"compiled_code", "message", "args", "adapter_response", "env", "relation_name"}
)


class Run(NamedTuple):
    """One file of results. `passed`: when each thing last went well, by id."""

    signals: tuple[Signal, ...]
    passed: dict[str, datetime]
    seen: frozenset[str]
    statuses: Counter[str]
    skipped: tuple[str, ...]
    at: datetime | None
    dbt: str
    invocation: str
    warning: str


def read_run(path: Path) -> Run:
    """Read a run_results.json. Raises UsageError if it is none."""
    return _read(path, "run-results")


def read_sources(path: Path) -> Run:
    """Read a sources.json. Raises UsageError if it is none.

    A stale source is three signals: its last load, the moment at which its limit passed, and the
    moment at which dbt found it.
    """
    return _read(path, "sources")


def _read(path: Path, kind: str) -> Run:
    data = mapping(read_json(path, _cut))
    warning = version(data, kind, path)
    metadata = mapping(data.get("metadata"))
    generated = moment(metadata.get("generated_at"))
    signals, passed, seen, skipped = [], {}, set(), []
    statuses: Counter[str] = Counter()
    for result in mappings(data.get("results")):
        unique_id, status = result.get("unique_id"), words(result.get("status")).lower()
        if not is_id(unique_id):
            continue
        assert isinstance(unique_id, str)
        seen.add(unique_id)
        statuses[status] += 1
        at = _finished(result) or generated
        if status in FAILED:
            read = _stale if kind == "sources" else _failure
            signals += read(unique_id, status, at, result)
        elif status in {"pass", "success"} and at:
            passed[unique_id] = at
        elif status == "skipped":
            skipped.append(unique_id)
    signals.sort(key=lambda signal: (str(signal.at or ""), signal.what))
    dbt = words(metadata.get("dbt_version"))
    dbt = dbt if dbt.replace(".", "").isalnum() and len(dbt) < 30 else ""
    invocation = words(metadata.get("invocation_id"))
    return Run(
        tuple(signals),
        passed,
        frozenset(seen),
        statuses,
        tuple(sorted(skipped)),
        generated,
        dbt,
        invocation,
        warning,
    )


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}


def _finished(result: dict[str, Any]) -> datetime | None:
    """When the node's execution ended; for a source, when it was looked at."""
    if at := moment(result.get("snapshotted_at")):
        return at
    timings = mappings(result.get("timing"))
    for name in ("execute", "compile"):
        for timing in timings:
            if timing.get("name") == name and (at := moment(timing.get("completed_at"))):
                return at
    return None


def _failure(
    unique_id: str, status: str, at: datetime | None, result: dict[str, Any]
) -> list[Signal]:
    count = result.get("failures")
    is_check = unique_id.split(".")[0] in _CHECKS
    detail = ""
    if status == "fail" and isinstance(count, int) and not isinstance(count, bool) and count > 0:
        detail = f"{count:,} failure" + ("s" if count > 1 else "")
    elif is_check and status != "fail":
        detail = NOT_RUN
    kind = "check_failed" if is_check else "asset_failed"
    return [Signal(at, kind, name_of(unique_id), unique_id, detail)]


def _stale(
    unique_id: str, status: str, at: datetime | None, result: dict[str, Any]
) -> list[Signal]:
    name = name_of(unique_id)
    loaded = moment(result.get("max_loaded_at"))
    if status == "runtime error" or loaded is None:
        return [Signal(at, "source_unread", name, unique_id)]
    found = [
        Signal(loaded, "source_loaded", name, unique_id),
        Signal(at, "source_stale", name, unique_id),
    ]
    if told := limit(mapping(result.get("criteria")).get("error_after")):
        count, period = told
        passed = later(loaded, **{f"{period}s": count})
        length = f"{count} {period}" + ("s" if count != 1 else "")
        found.append(Signal(passed, "source_overdue", name, unique_id, length))
    return found
