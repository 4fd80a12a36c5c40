"""What was written and found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from incident.investigation.evidence import Result, Suggestion
from incident.investigation.files import Kept
from incident.investigation.plan import LeftOut, Plan
from incident.investigation.surroundings import Change, Consumer
from incident.postmortem.model import Asset
from incident.repository.queries import WAREHOUSES
from incident.text.counts import count, some
from incident.text.untrusted_text import shown_line

SHOWN = 10  # lines of a list, in text
_STATES = {"edited": "edited, kept", "updated": "updated", "unchanged": "unchanged"}


@dataclass(frozen=True)
class Report:
    """Everything there is to show. `paths`: of the files, as people see them, in their order.

    `no_changes`: why no changes are known, or "".
    """

    plan: Plan
    written: Sequence[Kept]
    paths: Sequence[str]
    consumers: Sequence[Consumer] = field(default=())
    changes: Sequence[Change] = field(default=())
    no_changes: str = ""


def files(report: Report) -> Iterator[str]:
    """The paths, one a line, for stdout."""
    yield from map(shown_line, report.paths)


def around(report: Report) -> Iterator[str]:
    """What was left out and why, who uses the data, and what changed, for stderr."""
    span = report.plan.window
    last = span.end - timedelta(days=1)
    queries = count(len(report.written), "query", "queries")
    yield f"{queries} for {WAREHOUSES[report.plan.dialect]}, {span.first} to {last}"
    states = [one.state for one in report.written]
    for state, text in _STATES.items():
        if number := states.count(state):  # type: ignore[arg-type]
            hint = " (overwrite with --force)" if state == "edited" else ""
            yield f"  {number} {text}{hint}"
    if report.plan.left_out:
        yield "Left out:"
        yield from (f"  {line}" for line in map(_left_out, report.plan.left_out))
    if report.plan.others:
        names = [shown_line(Asset(ref).name) for ref in report.plan.others]
        yield f"Other assets (choose with --asset): {some(names, SHOWN)}"
    if report.consumers:
        yield f"Downstream: {len(report.consumers)}"
        for one in report.consumers[:SHOWN]:
            owner = f", {one.owner}" if one.owner else ""
            yield f"  {shown_line(one.name)} ({one.kind}{shown_line(owner)})"
        if len(report.consumers) > SHOWN:
            yield f"  and {len(report.consumers) - SHOWN} more; --format json lists all"
    if report.no_changes:
        yield f"Changes in git are not known: {shown_line(report.no_changes)}"
    elif report.changes:
        yield "Changes to the files in git:"
        for change in report.changes[-SHOWN:]:
            url = f" {change.url}" if change.url else ""
            yield f"  {change.at:%Y-%m-%d %H:%M}Z {shown_line(change.what)}{shown_line(url)}"
    elif report.plan.keys:
        yield "No changes to the files in git"


def progress(one: Result) -> str:
    """A query that has just run, for stderr."""
    size = f", {_size(one.outcome.bytes)} read" if one.outcome.bytes else ""
    how = "failed" if one.outcome.error else "done"
    return f"{one.kept.query.title}: {how} in {one.outcome.seconds:.1f} s{size}"


def findings(results: Sequence[Result]) -> Iterator[str]:
    """The result of each query in words, for stdout."""
    for one in results:
        title = shown_line(one.kept.query.title)
        if one.outcome.error:
            yield f"{title}: failed: {shown_line(one.outcome.error)}"
        elif one.finding:
            yield f"{title}: {one.finding.text}"
        yield from (f"  left out: {shown_line(reason)}" for reason in one.left_out)


def suggested(values: Iterable[Suggestion], id_: str) -> Iterator[str]:
    """Values for the postmortem, which somebody must confirm, for stderr."""
    found = list(values)
    if not found:
        return
    yield f"Suggested; check them, then set them with `incident edit {id_}`:"
    yield from (f"  {one.key}: {one.value} ({shown_line(one.why)})" for one in found)


def as_json(
    report: Report, results: Sequence[Result] = (), values: Iterable[Suggestion] = ()
) -> dict[str, Any]:
    """For `--format json`."""
    span = report.plan.window
    ran = {one.kept.path: one for one in results}
    return {
        "warehouse": report.plan.dialect,
        "first_day": span.first.isoformat(),
        "last_day": (span.end - timedelta(days=1)).isoformat(),
        "queries": [
            {
                "asset": one.query.asset,
                "query": one.query.query,
                "title": one.query.title,
                "path": path,
                "state": one.state,
                **_ran(ran.get(one.path)),
            }
            for one, path in zip(report.written, report.paths, strict=True)
        ],
        "left_out": [
            {"asset": one.asset, "query": one.query or None, "reason": one.reason}
            for one in report.plan.left_out
        ],
        "other_assets": list(report.plan.others),
        "downstream": [one._asdict() for one in report.consumers],
        "changes": [
            {"at": one.at.isoformat(), "what": one.what, "url": one.url or None}
            for one in report.changes
        ],
        "changes_unknown": report.no_changes or None,
        "suggestions": [one._asdict() for one in values],
    }


def _ran(one: Result | None) -> dict[str, Any]:
    if one is None:
        return {}
    return {
        "run_at": one.at.isoformat(timespec="seconds"),
        "seconds": one.outcome.seconds,
        "bytes": one.outcome.bytes,
        "error": one.outcome.error or None,
        "result": one.finding.text if one.finding else None,
        "first_day": one.finding.first.isoformat() if one.finding and one.finding.first else None,
        "last_day": one.finding.last.isoformat() if one.finding and one.finding.last else None,
        "left_out": list(one.left_out),
    }


def _size(count: int) -> str:
    """Bytes in a unit that people read."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def _left_out(one: LeftOut) -> str:
    query = f" {one.query}" if one.query else ""
    return shown_line(f"{one.asset}{query}: {one.reason}")
