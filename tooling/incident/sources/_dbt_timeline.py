"""dbt's signals in words: the title, what detected them, and the lines of the timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from incident.dbt.nodes import name_of
from incident.sources import Entry, Signal
from incident.sources._dbt_signals import NOT_RUN
from incident.text.untrusted_text import escape

MAX_ENTRIES = 20
_NOUNS = {
    "model": "Model",
    "seed": "Seed",
    "snapshot": "Snapshot",
    "source": "Source",
    "exposure": "Exposure",
}
_VERBS = {
    "asset_failed": "cannot be built",
    "source_missing": "is missing",
    "source_unread": "cannot be read",
    "source_stale": "is late",
}


def title(failures: Sequence[Signal], roots: Sequence[str]) -> str:
    """What is wrong, on one line. The gravest kind of failure speaks, the rest is counted."""
    first = failures[0]
    if first.kind == "check_failed":
        if len(failures) == 1:
            return f"{first.what} fails"
        on = " and ".join(name_of(root) for root in roots[:2])
        more = f" and {len(roots) - 2} more" if len(roots) > 2 else ""
        return f"{len(failures)} checks fail" + (f" on {on}{more}" if on else "")
    noun = _NOUNS.get(first.asset.split(".")[0], "Asset")
    others = len(failures) - 1
    more = f", and {others} more failure{'s' if others > 1 else ''}" if others else ""
    return f"{noun} {first.what} {_VERBS[first.kind]}{more}"


def detection(signal: Signal) -> str:
    """What found it, for `detection.source`."""
    if signal.kind == "check_failed":
        return f"dbt test {signal.what}"
    return (
        f"dbt {'error in' if signal.kind == 'asset_failed' else 'source freshness'} {signal.what}"
    )


def entries(
    signals: Sequence[Signal],
    started_at: datetime | None,
    detected_at: datetime | None,
    skipped: Sequence[str],
) -> list[Entry]:
    """The lines of the timeline, in order, at most a few of each kind."""
    lines: list[Entry] = []
    told, clocks = Counter[str](), set[str]()
    timed = sorted((s for s in signals if s.at), key=lambda s: (str(s.at), s.what))
    for signal in timed:
        assert signal.at is not None
        told[signal.kind] += 1
        if told[signal.kind] <= MAX_ENTRIES:
            entry = _entry(signal, signal.at, started_at, detected_at)
            lines.append(entry._replace(clock="") if entry.clock in clocks else entry)
            clocks.add(entry.clock)
    last = {s.kind: s.at for s in timed}
    for kind, count in told.items():
        at = last[kind]
        if count > MAX_ENTRIES and at:
            lines.append(Entry(at, f"dbt told of {count - MAX_ENTRIES:,} more like these"))
    at = next((s.at for s in reversed(timed) if s.kind in {"check_failed", "asset_failed"}), None)
    if skipped and at:
        lines.append(Entry(at, f"dbt skipped what stands downstream: {_counted(skipped)}"))
    return sorted(lines, key=lambda entry: entry.at)


def _entry(
    signal: Signal, at: datetime, started_at: datetime | None, detected_at: datetime | None
) -> Entry:
    what = escape(signal.what)
    failed = (
        "could not run" if signal.detail == NOT_RUN else f"failed, {signal.detail}".rstrip(", ")
    )
    texts = {
        "check_failed": f"dbt test {what} {failed}",
        "check_passed": f"dbt test {what} passed for the last time",
        "asset_passed": f"dbt built {what} for the last time",
        "asset_failed": f"dbt could not build {what}",
        "source_loaded": f"source {what} was loaded for the last time",
        "source_overdue": f"source {what} went past its limit of {signal.detail}",
        "source_stale": f"dbt source freshness found {what} late",
        "source_unread": f"dbt source freshness could not read {what}",
        "source_missing": f"dbt source freshness has no result for {what} "
        "(TODO confirm that its table is missing)",
    }
    text = texts[signal.kind]
    if at == started_at and signal.kind in {"source_overdue", "check_passed", "asset_passed"}:
        return Entry(at, f"{text} (TODO confirm when the data began to be wrong)", "started_at")
    if at == detected_at and signal.kind not in {"source_loaded", "source_overdue"}:
        return Entry(at, text, "detected_at")
    return Entry(at, text)


def _counted(unique_ids: Sequence[str]) -> str:
    counts = Counter(unique_id.split(".")[0] for unique_id in unique_ids)
    return ", ".join(
        f"{count:,} {kind}{'s' if count > 1 else ''}" for kind, count in sorted(counts.items())
    )
