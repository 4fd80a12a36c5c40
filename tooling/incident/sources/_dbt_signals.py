"""dbt's results as signals: what failed or warned, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node, name_of
from incident.dbt.results import Result, Run
from incident.sources import Signal
from incident.sources._dbt_files import Artifacts
from incident.text.instants import later

NOT_RUN = "could not run"


def of_run(run: Run) -> list[Signal]:
    """What failed or warned, by time.

    An asset that is too old is three signals: its last load, the moment at which its limit
    passed, and the moment at which dbt found it.
    """
    signals: list[Signal] = []
    for result in run.results:
        if result.failed or result.outcome == "warned":
            signals += _age(result) if result.is_freshness else [_failure(result)]
    return in_order(signals)


def in_order(signals: Iterable[Signal]) -> list[Signal]:
    """By time, those without one first."""
    return sorted(signals, key=lambda signal: (str(signal.at or ""), signal.what))


def is_check(signal: Signal) -> bool:
    """Whether the signal is about a test rather than an asset."""
    return signal.kind in {"check_failed", "check_warned", "check_passed"}


def missing_sources(found: Artifacts) -> list[Signal]:
    """Sources that dbt should have checked and did not: it leaves out those without a table.

    Left out are also those that were not selected. So one counts when a sister of it was checked,
    or when none was checked and there is only one family of them.
    """
    if not found.sources:
        return []
    nodes = found.manifest.nodes
    seen = {key for run in found.sources for key in run.seen}
    limited = {key: n for key, n in nodes.items() if n.kind == "source" and n.has_freshness}
    absent = {key: n for key, n in sorted(limited.items()) if key not in seen}
    checked = {family(node) for key in seen if (node := nodes.get(key))}
    families = {family(node) for node in absent.values()}
    if not seen and len(families) == 1:
        checked = families
    missing = [key for key, node in absent.items() if family(node) in checked]
    if unknown := len(absent) - len(missing):
        found.warnings.append(
            f"{unknown} source{'s' if unknown > 1 else ''} with a freshness limit and all of the "
            f"same group are not in {found.sources[0].name}: not selected, or missing"
        )
    for key in missing:
        found.warnings.append(f"{name_of(key)}: no table, unless it was not selected")
    at = max((run.at for run in found.sources if run.at), default=None)
    return [Signal(at, "source_missing", name_of(key), key) for key in missing]


def family(source: Node) -> tuple[str, str]:
    """What sources of one system have in common."""
    return source.package, source.source_name


def last_passes(failures: Iterable[Signal], before: Run) -> Iterator[Signal]:
    """When each failing thing last went well, by an older run."""
    passed = before.passed
    for signal in failures:
        at = passed.get(signal.asset)
        if at and (signal.at is None or at < signal.at):
            kind = "check_passed" if is_check(signal) else "asset_passed"
            yield signal._replace(at=at, kind=kind, detail="")


def is_known(signal: Signal, manifest: Manifest) -> bool:
    """Whether what is downstream of it can be known."""
    return signal.asset in manifest.nodes and signal.kind != "hook_failed"


def _failure(result: Result) -> Signal:
    unique_id, outcome, detail = result.unique_id, result.outcome, ""
    if result.is_test:
        kind = "check_warned" if outcome == "warned" else "check_failed"
        if result.failures and result.failures > 0:
            detail = f"{result.failures:,} failure" + ("s" if result.failures > 1 else "")
        elif outcome == "errored":
            detail = NOT_RUN
    elif unique_id.startswith("operation."):
        kind = "hook_failed"
    elif outcome == "warned":
        kind = "asset_warned"
    else:
        kind = "asset_partial" if outcome == "partial" else "asset_failed"
        failed, count = result.batches
        detail = f"{failed:,} of {count:,} batches failed" if failed else ""
        if detail and result.window:
            first, last = (day.isoformat() for day in result.window)
            detail += f": {first}" + (f" to {last}" if last != first else "")
    return Signal(result.at, kind, name_of(unique_id), unique_id, detail)


def _age(result: Result) -> list[Signal]:
    name, unique_id, loaded = name_of(result.unique_id), result.unique_id, result.loaded_at
    is_warning = result.outcome == "warned"
    if result.status == "runtime error":
        return [Signal(result.at, "source_unread", name, unique_id)]
    if loaded is None or (result.at and loaded > result.at):
        return [Signal(result.at, "source_empty", name, unique_id)]
    if is_warning:
        return [Signal(result.at, "source_warned", name, unique_id, _length(result.warn_after))]
    signals = [
        Signal(loaded, "source_loaded", name, unique_id),
        Signal(result.at, "source_stale", name, unique_id),
    ]
    if result.error_after:
        count, period = result.error_after
        passed = later(loaded, **{f"{period}s": count})
        detail = _length(result.error_after)
        signals.append(Signal(passed, "source_overdue", name, unique_id, detail))
    return signals


def _length(limit: tuple[int, str] | None) -> str:
    if limit is None:
        return ""
    count, period = limit
    return f"{count} {period}" + ("s" if count != 1 else "")
