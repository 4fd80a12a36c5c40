"""OpenLineage run events (NDJSON or a folder), as Airflow, Dagster, Spark, Flink and dbt send them.

FAIL and ABORT, failed data quality assertions and tests, and inputs and outputs as lineage. Only
names, times and counts are taken: of an error's message its class, for messages may hold rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import NothingFailed, Option, Prefill, Request, _checks
from incident.sources._checks import Failure, Graph
from incident.text.account import Account, Noun, Tally
from incident.text.bounded_readers import decode, numbered_lines, parse_json, read_bytes
from incident.text.untrusted_text import cut
from incident.text.values import mapping, mappings, string
from incident.text.written_times import Assumptions, whole

OPTIONS = (Option("--from-openlineage", "PATH", "Prefill from OpenLineage run events."),)
RANK = 1
EVENT = Noun("event", "events")
MAX_FILES = 10_000

_FAILED = frozenset({"FAIL", "ABORT"})
_STORES = ("s3", "gs", "gcs", "abfss", "wasbs", "hdfs", "file", "dbfs")


@dataclass
class _Run:
    """What the events of one run say together."""

    job: str = ""
    parent: str = ""
    failed_at: datetime | None = None
    failed: bool = False
    error: str = ""
    outputs: dict[str, None] = field(default_factory=dict)
    inputs: dict[str, None] = field(default_factory=dict)
    checks: dict[tuple[str, str, str], Failure] = field(default_factory=dict)


def gather(request: Request) -> Prefill:
    """What the events named on the command line know."""
    path, assumed = request.given["--from-openlineage"], Assumptions(request.now)
    runs: dict[str, _Run] = {}
    graph, accounts = Graph(), []
    for source, events in _files(path):
        tally = Tally(source, EVENT)
        for place, event in events:
            reason = "not JSON" if event is None else _event(event, runs, graph, assumed)
            if reason:
                tally.leave(reason, place)
            else:
                tally.take()
        accounts.append(tally.account)
    failures = _failures(runs)
    if not failures:
        texts = "; ".join(account.text for account in accounts[:3])
        error = NothingFailed if any(map(_is_understood, accounts)) else UsageError
        raise error(
            f"{path}: no failed run and no failed assertion: {texts or 'no events'}",
            "save the events of the run that failed",
        )
    return _checks.prefill("OpenLineage", failures, graph, request.config, _merged(path, accounts))


def _is_understood(account: Account) -> bool:
    unknown = sum(left.count for left in account.left_out if left.reason.startswith("not "))
    return account.seen > unknown


def _files(path: Path) -> Iterator[tuple[str, Iterator[tuple[int | str, Any]]]]:
    if not path.is_dir():
        yield str(path), _events(path)
        return
    files = event_files(path)
    if not files or len(files) > MAX_FILES:
        raise UsageError(
            f"{path} holds {len(files):,} files of events (limit {MAX_FILES:,})",
            "name a file or a folder with .json or .ndjson files",
        )
    for file in files:
        if file.is_file() and not file.is_symlink():
            yield str(file), _events(file)


def event_files(folder: Path) -> list[Path]:
    """The files in a folder that may hold events."""
    return [f for f in sorted(folder.rglob("*")) if f.suffix in {".json", ".ndjson", ".jsonl"}]


def _events(path: Path) -> Iterator[tuple[int | str, Any]]:
    """Events with their places; None for a line that is not JSON."""
    text = decode(read_bytes(path), str(path))
    try:
        whole_file = parse_json(text, str(path))
    except UsageError:
        for number, line in numbered_lines(text):
            try:
                yield number, parse_json(line, str(path), line=number)
            except UsageError:
                yield number, None
        return
    events = whole_file if isinstance(whole_file, list) else [whole_file]
    for number, event in enumerate(events, 1):
        yield f"event {number}", {} if event is None else event


def _event(event: Any, runs: dict[str, _Run], graph: Graph, assumed: Assumptions) -> str:
    """Learn an event; why it is of no use, or ""."""
    raw = mapping(event)
    run, job = mapping(raw.get("run")), mapping(raw.get("job"))
    run_id, kind = string(run.get("runId")), string(raw.get("eventType")).upper()
    if not run_id or not string(job.get("name")):
        return "not a run event"
    at = whole(raw.get("eventTime"), assumed)
    known = runs.setdefault(run_id, _Run())
    facets = mapping(run.get("facets"))
    known.job = cut(string(job.get("name")), 200)
    parent = mapping(mapping(facets.get("parent")).get("run"))
    known.parent = string(parent.get("runId")) or known.parent
    inputs = {ref: one for one in mappings(raw.get("inputs")) if (ref := _ref(one))}
    outputs = {ref: one for one in mappings(raw.get("outputs")) if (ref := _ref(one))}
    known.inputs.update(dict.fromkeys(inputs))
    known.outputs.update(dict.fromkeys(outputs))
    for ref in outputs:
        graph.add(ref, known.inputs)
    when = at if isinstance(at, datetime) else None
    found = 0
    for ref, one in {**inputs, **outputs}.items():
        _learn_owner(ref, one, graph)
        found += _assertions(ref, one, when, known)
    found += _tests(facets, when, known)
    if kind in _FAILED:
        known.failed, known.failed_at = True, when
        message = mapping(facets.get("errorMessage"))
        known.error = _checks.error_class(string(message.get("message")))
        return ""
    return "" if found or (inputs and outputs) else "without a failure and without lineage"


def _assertions(ref: str, dataset: dict[str, Any], at: datetime | None, run: _Run) -> int:
    found = 0
    for place in ("inputFacets", "facets"):
        facet = mapping(mapping(dataset.get(place)).get("dataQualityAssertions"))
        for one in mappings(facet.get("assertions")):
            check, column = (
                cut(string(one.get("assertion")), 100),
                cut(string(one.get("column")), 100),
            )
            if one.get("success") is not False or not check:
                continue
            is_warning = string(one.get("severity")).lower() == "warn"
            rows = _count(one.get("actual"))
            run.checks[ref, check, column] = Failure(
                ref, check, column, at, rows, is_warning=is_warning
            )
            found += 1
    return found


def _tests(facets: dict[str, Any], at: datetime | None, run: _Run) -> int:
    """The facet of tests without a dataset; what follows two underscores may be values."""
    found = 0
    for one in mappings(mapping(facets.get("test")).get("tests")):
        if string(one.get("status")).lower() in {"pass", "success", "skipped", ""}:
            continue
        name = cut(string(one.get("name")).rpartition(".")[2].partition("__")[0], 100)
        is_warning = string(one.get("severity")).lower() == "warn"
        rows = _count(one.get("actual"))
        run.checks["", name, ""] = Failure("", name, "", at, rows, is_warning=is_warning)
        found += 1
    return found


def _count(value: object) -> int | None:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def _failures(runs: dict[str, _Run]) -> list[Failure]:
    """Failed checks, and failed runs that neither a check nor a failed child explains."""
    explained = {run.parent for run in runs.values() if run.failed or run.checks}
    found: list[Failure] = []
    for run_id, run in runs.items():
        found += run.checks.values()
        if run.failed and not run.checks and run_id not in explained:
            assets = list(run.outputs) or [f"job:{run.job}"]
            found += [Failure(asset, at=run.failed_at, error=run.error) for asset in assets]
    return found


def _ref(dataset: dict[str, Any]) -> str:
    """A dataset's reference. Its namespace may hold hosts and logins: only its kind is used."""
    name, namespace = string(dataset.get("name")), string(dataset.get("namespace"))
    name = "".join(cut(name, 300).split()).strip("/")
    scheme = namespace.partition(":")[0].lower()
    kind = "file" if scheme in _STORES else "topic" if scheme == "kafka" else "table"
    return f"{kind}:{name}" if name else ""


def _learn_owner(ref: str, dataset: dict[str, Any], graph: Graph) -> None:
    ownership = mapping(mapping(dataset.get("facets")).get("ownership"))
    for owner in mappings(ownership.get("owners"))[:1]:
        graph.owners[ref] = cut(string(owner.get("name")).rpartition(":")[2], 100)


def _merged(path: Path, accounts: list[Account]) -> list[Account]:
    """One account for a folder of very many files."""
    if len(accounts) <= 5:
        return accounts
    tally = Tally(str(path), EVENT)
    for account in accounts:
        tally.take(account.taken)
        for left in account.left_out:
            tally.leave(left.reason, left.first, left.count)
    return [tally.account]
