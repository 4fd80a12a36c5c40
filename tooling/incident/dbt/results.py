"""dbt's run_results.json and sources.json: how each node fared, and when.

Messages, SQL and arguments are never read: they hold paths, logins and rows. What a status means
is decided with the counts: dbt v2 writes `error` for a test that found rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from incident.dbt import _artifact
from incident.dbt.nodes import is_id, limit
from incident.text.account import Noun, Tally
from incident.text.instants import parse_utc
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, mappings, string, strings

Outcome = Literal[
    "failed", "errored", "partial", "warned", "passed", "skipped", "not run", "unknown"
]
RECORD = Noun("dbt result", "dbt results")

# Keys whose values are large or private: dropped while the JSON is read.
_DROPPED = frozenset(
    {"compiled_code", "message", "args", "adapter_response", "env", "relation_name"}
)
_OUTCOMES: dict[str, Outcome] = {
    "fail": "failed",
    "error": "errored",
    "runtime error": "errored",
    "partial success": "partial",
    "warn": "warned",
    "pass": "passed",
    "success": "passed",
    "reused": "passed",
    "skipped": "skipped",
    "no-op": "not run",
}
_VERSION = lazy(r"\d[\w.+-]{0,40}")
_TESTS = frozenset({"test", "unit_test"})
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # dbt writes the year 1 for an empty table


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one node. `status`: lower case. `at`: when it ended, in UTC.

    `failures`: rows that a test found. `batches`: failed ones of a microbatch and all of them;
    `window`: the days that the failed ones cover. Sources only: `loaded_at`: its last load;
    `error_after`, `warn_after`: its limits, as (24, "hour").
    """

    unique_id: str
    status: str
    at: datetime | None
    failures: int | None = None
    loaded_at: datetime | None = None
    error_after: tuple[int, str] | None = None
    warn_after: tuple[int, str] | None = None
    batches: tuple[int, int] = (0, 0)
    window: tuple[date, date] | None = None

    @property
    def is_test(self) -> bool:
        """Whether a test was run, rather than an asset built."""
        return self.unique_id.split(".")[0] in _TESTS

    @property
    def is_freshness(self) -> bool:
        """Whether the age of an asset was checked."""
        is_source = self.unique_id.startswith("source.")
        return is_source or self.loaded_at is not None or self.error_after is not None

    @property
    def outcome(self) -> Outcome:
        """The outcome, from its counts and its status."""
        outcome = _OUTCOMES.get(self.status, "unknown")
        if outcome in {"errored", "unknown"} and self.is_test and self.failures:
            return "failed"
        return "partial" if outcome == "errored" and 0 < self.batches[0] < self.batches[1] else (
            outcome
        )  # fmt: skip

    @property
    def failed(self) -> bool:
        """Whether it is an error or a failure."""
        return self.outcome in {"failed", "errored", "partial"}


@dataclass(frozen=True)
class Run:
    """One file of results, in its order. `at`: when it was written; `dbt`: its version, or "".

    `unread`: entries without the id of a node.
    """

    results: tuple[Result, ...]
    at: datetime | None
    dbt: str
    invocation: str
    warning: str
    name: str = ""
    unread: int = 0

    @property
    def passed(self) -> dict[str, datetime]:
        """When each node that went well ended, by unique id."""
        return {r.unique_id: r.at for r in self.results if r.outcome == "passed" and r.at}

    @property
    def seen(self) -> frozenset[str]:
        """All nodes with a result, by unique id."""
        return frozenset(result.unique_id for result in self.results)

    @property
    def skipped(self) -> tuple[str, ...]:
        """The nodes that dbt skipped, sorted."""
        return tuple(sorted(r.unique_id for r in self.results if r.outcome == "skipped"))

    @property
    def statuses(self) -> Counter[str]:
        """How many results have each status."""
        return Counter(result.status for result in self.results)

    def tally(self) -> Tally:
        """A tally that already has the results that are irrelevant to a draft."""
        tally = Tally(self.name, RECORD)
        tally.leave("without the id of a node", count=self.unread)
        for result in self.results:
            if result.outcome in {"passed", "skipped", "not run"}:
                tally.leave(result.outcome)
            elif result.outcome == "unknown":
                status = f"`{cut(result.status, 30)}`" if result.status else "nothing"
                tally.leave(f"with the unknown status {status}", result.unique_id)
        return tally


def read_run(path: Path) -> Run:
    """Read a run_results.json. Raises UsageError if the file is not one."""
    return _read(path, "run-results")


def read_sources(path: Path) -> Run:
    """Read a sources.json. Raises UsageError if the file is not one."""
    return _read(path, "sources")


def _read(path: Path, kind: str) -> Run:
    data, warning = _artifact.read(path, kind, _cut)
    metadata = mapping(data.get("metadata"))
    generated = _time(metadata.get("generated_at"))
    dbt = string(metadata.get("dbt_version"))
    written = data.get("results")
    rows = [raw for raw in mappings(written) if is_id(raw.get("unique_id"))]
    return Run(
        tuple(_result(raw, generated) for raw in rows),
        generated,
        dbt if _VERSION().fullmatch(dbt) else "",
        string(metadata.get("invocation_id")),
        warning,
        path.name,
        len(written) - len(rows) if isinstance(written, list) else 0,
    )


def _cut(raw: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key not in _DROPPED}


def _result(raw: dict[str, Any], generated: datetime | None) -> Result:
    failures = raw.get("failures")
    criteria, batches = mapping(raw.get("criteria")), mapping(raw.get("batch_results"))
    failed, well = (batches.get(key) for key in ("failed", "successful"))
    count = len(failed) if isinstance(failed, list) else 0
    return Result(
        string(raw.get("unique_id")),
        string(raw.get("status")).strip().lower(),
        _finished(raw) or generated,
        failures if isinstance(failures, int) and not isinstance(failures, bool) else None,
        _time(raw.get("max_loaded_at")),
        limit(criteria.get("error_after")),
        limit(criteria.get("warn_after")),
        (count, count + (len(well) if isinstance(well, list) else 0)),
        _window(failed),
    )


def _time(value: object) -> datetime | None:
    at = parse_utc(value)
    return at if at and at >= _EARLIEST else None


def _window(batches: object) -> tuple[date, date] | None:
    """The first and the last day of batches, each of which ends before its second time."""
    spans = [strings(batch) for batch in batches] if isinstance(batches, list) else []
    times = [(_time(span[0]), _time(span[1])) for span in spans if len(span) == 2]
    whole = [(start, end) for start, end in times if start and end and start < end]
    if not whole or len(whole) != len(spans):
        return None
    last = max(end for _, end in whole) - timedelta(microseconds=1)
    return min(start for start, _ in whole).date(), last.date()


def _finished(raw: dict[str, Any]) -> datetime | None:
    """When the node's execution ended; for a source, when its freshness was checked."""
    if at := _time(raw.get("snapshotted_at")):
        return at
    timings = mappings(raw.get("timing"))
    for name in ("execute", "compile"):
        for timing in timings:
            if timing.get("name") == name and (at := _time(timing.get("completed_at"))):
                return at
    return None
