"""What the postmortem keeps of a run: the numbers next to each query, and the result in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from incident.archive import query_results
from incident.archive.query_results import Numbers
from incident.investigation import findings
from incident.investigation.files import FOLDER, Kept
from incident.investigation.findings import Finding
from incident.investigation.runner import Outcome
from incident.postmortem import edit, frontmatter
from incident.postmortem.model import Postmortem
from incident.repository import atomic_files
from incident.text.values import mapping


@dataclass(frozen=True)
class Result:
    """A query that ran. `numbers`, `finding`: None if it failed. `left_out`: columns, and why."""

    kept: Kept
    outcome: Outcome
    at: datetime
    numbers: Numbers | None = None
    finding: Finding | None = None
    left_out: tuple[str, ...] = ()


def result(kept: Kept, outcome: Outcome, at: datetime) -> Result:
    """What an outcome says."""
    if outcome.error:
        return Result(kept, outcome, at)
    numbers, left_out = query_results.checked(outcome.rows)
    found = findings.find(kept.query.query, numbers, kept.query.window, at.date())
    return Result(kept, outcome, at, numbers, found, tuple(left_out))


def write(postmortem: Path, results: Sequence[Result]) -> None:
    """Write the numbers, then the evidence. Raises OSError and IncidentError."""
    found = [one for one in results if one.numbers and one.finding]
    if not found:
        return
    atomic_files.write_all(
        {
            one.kept.path.with_suffix(".csv"): query_results.to_csv(one.numbers).encode()
            for one in found
            if one.numbers
        }
    )
    rows = [_row(postmortem, one) for one in found]
    atomic_files.change(postmortem, lambda text: recorded(text, rows))


def recorded(text: str, rows: Sequence[Mapping[str, str]]) -> str:
    """A postmortem with these pieces of evidence; one with the same `url` is updated."""
    listed = frontmatter.read(text).data.get("evidence")
    known = {
        mapping(one).get("url"): place
        for place, one in enumerate(listed if isinstance(listed, list) else [])
    }
    values: dict[frontmatter.Path, edit.Scalar] = {
        ("evidence", known[row["url"]], key): row[key]
        for row in rows
        if row["url"] in known
        for key in ("result", "run_at")
    }
    text = edit.set_values(text, values) if values else text
    return edit.extend(text, ("evidence",), [row for row in rows if row["url"] not in known])


def _row(postmortem: Path, one: Result) -> dict[str, str]:
    assert one.finding
    return {
        "kind": "query",
        "title": one.kept.query.title,
        "url": quote(f"{postmortem.stem}/{FOLDER}/{one.kept.path.name}"),
        "result": one.finding.text,
        "run_at": f"{one.at:%Y-%m-%dT%H:%MZ}",
    }


class Suggestion(NamedTuple):
    """A value that somebody must confirm. `why`: the query that says so."""

    key: str
    value: str
    why: str


def suggestions(p: Postmortem, results: Sequence[Result]) -> Iterator[Suggestion]:
    """What the results say about the data window, the start and the magnitude.

    Only what the postmortem does not have yet, or has otherwise.
    """
    found = [(one.finding, one.kept.query.title) for one in results if one.finding]
    firsts = [(f.first, title) for f, title in found if f.first]
    lasts = [(f.last, title) for f, title in found if f.last]
    if firsts and lasts:
        (first, by), (last, until) = min(firsts), max(lasts)
        if p.wrong_from != first:
            yield Suggestion("data_window.from", first.isoformat(), by)
        if p.wrong_to != last:
            yield Suggestion("data_window.to", last.isoformat(), until)
        if "started_at" not in p.times:
            yield Suggestion("timestamps.started_at", f"{first.isoformat()}, time unknown", by)
    has_magnitude = (
        mapping(mapping(p.data.get("impact")).get("magnitude")).get("actual") is not None
    )
    changes = [(f.change, title) for f, title in found if f.change is not None]
    if changes and not has_magnitude:
        change, title = max(changes, key=lambda one: abs(one[0]))
        yield Suggestion("impact.magnitude", f"{change:+g} percent", title)
