"""dbt's signals in words: the title, what detected them, and the lines of the timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import name_of
from incident.sources import Entry, Signal
from incident.sources._dbt_signals import NOT_RUN, is_check
from incident.sources._dbt_stories import WARNED, Story
from incident.text.untrusted_text import escape

MAX_ENTRIES = 20
_NOUNS = {
    "model": "Model",
    "seed": "Seed",
    "snapshot": "Snapshot",
    "source": "Source",
    "exposure": "Exposure",
    "operation": "Hook",
}
_VERBS = {
    "asset_failed": "cannot be built",
    "asset_partial": "is built only in part",
    "asset_warned": "is built with warnings",
    "hook_failed": "fails",
    "source_missing": "is missing",
    "source_unread": "cannot be read",
    "source_empty": "is empty, or no load is known",
    "source_stale": "is late",
    "source_warned": "is late, within its limit",
}


def title(story: Story, manifest: Manifest) -> str:
    """What is wrong, and for whom, on one line: the most severe failure first, the rest counted."""
    first = story.failures[0]
    alike = [s for s in story.failures if (s.kind in WARNED) == (first.kind in WARNED)]
    others = len(alike) - 1
    same = [signal for signal in story.failures[1:] if signal.kind == first.kind]
    if is_check(first):
        verb = "fail" if first.kind == "check_failed" else "warn"
        text = f"{first.what} {verb}s"
        if same:
            text = f"{first.what} and {len(same)} more check{'s' * (len(same) > 1)} {verb}"
        others -= len(same)
    else:
        noun = _NOUNS.get(first.asset.split(".")[0], "Asset")
        text = f"{noun} {first.what} {_VERBS[first.kind]}"
    if others:
        what = "warning" if first.kind in WARNED else "failure"
        text += f", and {others} more {what}{'s' if others > 1 else ''}"
    return text + _affected(story, manifest)


def _affected(story: Story, manifest: Manifest) -> str:
    """The exposure that people know best, by its label."""
    reached = [n for key in story.below if (n := manifest.nodes.get(key)) and n.kind == "exposure"]
    if not reached:
        return ""
    node = min(reached, key=lambda node: (node.criticality != "high", not node.label))
    label = node.label or node.name.replace("_", " ") or name_of(node.unique_id)
    more = f" and {len(reached) - 1} more" if len(reached) > 1 else ""
    return f"; affects {label}{more}"


def detection(signal: Signal) -> str:
    """What found it, for `detection.source`."""
    if is_check(signal):
        return _check(signal.what)
    if signal.kind == "hook_failed":
        return f"dbt hook {signal.what}"
    if signal.kind.startswith("source_"):
        return f"dbt source freshness {signal.what}"
    return f"dbt {'warning on' if signal.kind == 'asset_warned' else 'error in'} {signal.what}"


def _check(what: str) -> str:
    return f"dbt {what}" if what.startswith("unit test ") else f"dbt test {what}"


def entries(
    signals: Sequence[Signal],
    started_at: datetime | None,
    detected_at: datetime | None,
    skipped: Sequence[str],
) -> list[Entry]:
    """The lines of the timeline, in order, at most a few of each kind."""
    lines: list[Entry] = []
    seen, clocks = Counter[str](), set[str]()
    timed = sorted((s for s in signals if s.at), key=lambda s: (str(s.at), s.what))
    for signal in timed:
        assert signal.at is not None
        seen[signal.kind] += 1
        if seen[signal.kind] <= MAX_ENTRIES:
            entry = _entry(signal, signal.at, started_at, detected_at)
            lines.append(entry._replace(clock="") if entry.clock in clocks else entry)
            clocks.add(entry.clock)
    last = {s.kind: s.at for s in timed}
    for kind, count in seen.items():
        at = last[kind]
        if count > MAX_ENTRIES and at:
            lines.append(Entry(at, f"dbt reported {count - MAX_ENTRIES:,} more like these"))
    at = next((s.at for s in reversed(timed) if s.kind in {"check_failed", "asset_failed"}), None)
    if skipped and at:
        lines.append(Entry(at, f"dbt skipped what is downstream: {_counted(skipped)}"))
    return sorted(lines, key=lambda entry: entry.at)


def _entry(
    signal: Signal, at: datetime, started_at: datetime | None, detected_at: datetime | None
) -> Entry:
    what, detail = escape(signal.what), signal.detail
    counted = f", {detail}" if detail else ""
    texts = {
        "check_failed": f"{_check(what)} {'could not run' if detail == NOT_RUN else 'failed'}"
        f"{'' if detail == NOT_RUN else counted}",
        "check_warned": f"{_check(what)} warned{counted}",
        "check_passed": f"{_check(what)} passed for the last time",
        "asset_passed": f"dbt built {what} for the last time",
        "asset_failed": f"dbt could not build {what}",
        "asset_partial": f"dbt built {what} only in part{counted}",
        "asset_warned": f"dbt built {what} with warnings",
        "hook_failed": f"dbt hook {what} failed",
        "source_loaded": f"source {what} was loaded for the last time",
        "source_overdue": f"source {what} went past its limit of {detail}",
        "source_stale": f"dbt source freshness found {what} late",
        "source_warned": f"dbt source freshness warned about {what}"
        + (f", over {detail} old" if detail else ""),
        "source_empty": f"dbt source freshness found no load of {what}: "
        "the table is empty, or no load is known",
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
