"""dbt's results as signals: what failed, and when."""

from __future__ import annotations

from collections.abc import Iterable

from incident.dbt.nodes import name_of
from incident.dbt.results import Result, Run
from incident.sources import Signal
from incident.text.instants import later

NOT_RUN = "could not run"
_TESTS = frozenset({"test", "unit_test"})


def of_run(run: Run) -> list[Signal]:
    """Failures of tests and of other nodes, by time."""
    return _sorted(_failure(result) for result in run.results if result.failed)


def of_sources(run: Run) -> list[Signal]:
    """Stale and unreadable sources, by time.

    A stale source is three signals: its last load, the moment at which its limit passed, and the
    moment at which dbt found it.
    """
    return _sorted(signal for result in run.results if result.failed for signal in _stale(result))


def is_test(signal: Signal) -> bool:
    """Whether the signal is about a test rather than an asset."""
    return signal.kind in {"check_failed", "check_passed"}


def _sorted(signals: Iterable[Signal]) -> list[Signal]:
    return sorted(signals, key=lambda signal: (str(signal.at or ""), signal.what))


def _failure(result: Result) -> Signal:
    of_test = result.unique_id.split(".")[0] in _TESTS
    detail = ""
    if result.status == "fail" and result.failures and result.failures > 0:
        detail = f"{result.failures:,} failure" + ("s" if result.failures > 1 else "")
    elif of_test and result.status != "fail":
        detail = NOT_RUN
    kind = "check_failed" if of_test else "asset_failed"
    return Signal(result.at, kind, name_of(result.unique_id), result.unique_id, detail)


def _stale(result: Result) -> list[Signal]:
    name, unique_id, loaded = name_of(result.unique_id), result.unique_id, result.loaded_at
    if result.status == "runtime error" or loaded is None:
        return [Signal(result.at, "source_unread", name, unique_id)]
    signals = [
        Signal(loaded, "source_loaded", name, unique_id),
        Signal(result.at, "source_stale", name, unique_id),
    ]
    if result.error_after:
        count, period = result.error_after
        passed = later(loaded, **{f"{period}s": count})
        length = f"{count} {period}" + ("s" if count != 1 else "")
        signals.append(Signal(passed, "source_overdue", name, unique_id, length))
    return signals
