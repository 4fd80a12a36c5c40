"""dbt's run_results.json and sources.json: how each node fared, and when.

Messages, SQL and arguments are never read: they hold paths, logins and rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.dbt import _artifact
from incident.dbt.nodes import is_id, limit
from incident.text.instants import parse_utc
from incident.text.values import mapping, mappings, string

# Keys whose values are large or private: dropped while the JSON is read.
_DROPPED = frozenset(
    {"compiled_code", "message", "args", "adapter_response", "env", "relation_name"}
)
_FAILED = frozenset({"fail", "error", "runtime error", "partial success"})
_PASSED = frozenset({"pass", "success"})


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one node. `status`: lower case. `at`: when it ended, in UTC.

    `failures`: rows that a test found. Sources only: `loaded_at`: its last load;
    `error_after`: its limit, as (24, "hour").
    """

    unique_id: str
    status: str
    at: datetime | None
    failures: int | None = None
    loaded_at: datetime | None = None
    error_after: tuple[int, str] | None = None

    @property
    def failed(self) -> bool:
        """Whether dbt counts it as an error or a failure."""
        return self.status in _FAILED


@dataclass(frozen=True)
class Run:
    """One file of results, in its order. `at`: when it was written; `dbt`: its version, or ""."""

    results: tuple[Result, ...]
    at: datetime | None
    dbt: str
    invocation: str
    warning: str

    @property
    def passed(self) -> dict[str, datetime]:
        """When each node that went well ended, by unique id."""
        return {r.unique_id: r.at for r in self.results if r.status in _PASSED and r.at}

    @property
    def seen(self) -> frozenset[str]:
        """All nodes with a result, by unique id."""
        return frozenset(result.unique_id for result in self.results)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The nodes that dbt skipped, sorted."""
        return tuple(sorted(r.unique_id for r in self.results if r.status == "skipped"))

    @property
    def statuses(self) -> Counter[str]:
        """How many results have each status."""
        return Counter(result.status for result in self.results)


def read_run(path: Path) -> Run:
    """Read a run_results.json. Raises UsageError if the file is not one."""
    return _read(path, "run-results")


def read_sources(path: Path) -> Run:
    """Read a sources.json. Raises UsageError if the file is not one."""
    return _read(path, "sources")


def _read(path: Path, kind: str) -> Run:
    data, warning = _artifact.read(path, kind, _cut)
    metadata = mapping(data.get("metadata"))
    generated = parse_utc(metadata.get("generated_at"))
    dbt = string(metadata.get("dbt_version"))
    return Run(
        tuple(
            _result(raw, generated)
            for raw in mappings(data.get("results"))
            if is_id(raw.get("unique_id"))
        ),
        generated,
        dbt if dbt.replace(".", "").isalnum() and len(dbt) < 30 else "",
        string(metadata.get("invocation_id")),
        warning,
    )


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}


def _result(raw: dict[str, Any], generated: datetime | None) -> Result:
    failures = raw.get("failures")
    return Result(
        string(raw.get("unique_id")),
        string(raw.get("status")).lower(),
        _finished(raw) or generated,
        failures if isinstance(failures, int) and not isinstance(failures, bool) else None,
        parse_utc(raw.get("max_loaded_at")),
        limit(mapping(raw.get("criteria")).get("error_after")),
    )


def _finished(raw: dict[str, Any]) -> datetime | None:
    """When the node's execution ended; for a source, when its freshness was checked."""
    if at := parse_utc(raw.get("snapshotted_at")):
        return at
    timings = mappings(raw.get("timing"))
    for name in ("execute", "compile"):
        for timing in timings:
            if timing.get("name") == name and (at := parse_utc(timing.get("completed_at"))):
                return at
    return None
