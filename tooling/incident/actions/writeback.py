"""Write issue numbers and observed states back to the frontmatter; all other bytes stay.

Either to the working files, or as a commit on a separate branch that leaves them alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incident.actions.desired_issues import Problem
from incident.actions.plan import Record
from incident.errors import IncidentError
from incident.postmortem import edit, frontmatter
from incident.repository import atomic_files
from incident.text import untrusted_text

BRANCH = "incident/actions-write-back"
TITLE = "Action items: update from issues"
WITHDRAWN = "Withdrawn by `incident actions sync`: issues and archive agree again."
_NOTHING = object()


@dataclass(frozen=True)
class Edits:
    """New texts by path, the records in them, and the problems."""

    texts: Mapping[str, str]
    records: tuple[Record, ...]
    problems: tuple[Problem, ...]


def edits(records: Iterable[Record], read: Callable[[str], str]) -> Edits:
    """The documents with the records applied; `read` returns the text at a path.

    A document that changed in the meantime, so that the item moved, is skipped and reported.
    """
    texts: dict[str, str] = {}
    written, problems = [], []
    for path, some in _by_path(records).items():
        try:
            before = read(path)
            data = frontmatter.read(before).data
        except (OSError, ValueError, IncidentError) as error:
            problems += [_unwritten(record, error) for record in some]
            continue
        there, lost = _placed(some, data)
        problems += lost
        after, refused = _edited(before, there)
        problems += refused
        if after != before:
            texts[path] = after
            left_out = {problem.key for problem in refused}
            written += [record for record in there if record.key not in left_out]
    return Edits(texts, tuple(written), tuple(problems))


def _by_path(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records:
        found.setdefault(record.path, []).append(record)
    return found


def _placed(
    records: Iterable[Record], data: Mapping[str, Any]
) -> tuple[list[Record], list[Problem]]:
    """The records whose item has not moved and needs the values, and problems with the others."""
    there, problems = [], []
    for record in records:
        try:
            held = _mapping(record, data)
        except IncidentError as error:
            problems.append(_unwritten(record, error))
            continue
        if any(held.get(key, _NOTHING) != value for key, value in record.values.items()):
            there.append(record)
    return there, problems


def _mapping(record: Record, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The frontmatter of the record's item, or of the follow-up."""
    if record.item:
        items = data.get("action_items")
        there = items[record.index] if isinstance(items, list) and record.index < len(items) else {}
        if not isinstance(there, dict) or str(there.get("id")) != record.item:
            raise IncidentError(f"{record.item} has moved in the meantime")
        return there
    follow_up = data.get("follow_up")
    if not isinstance(follow_up, dict):
        raise IncidentError("`follow_up` is missing or not a mapping")
    return follow_up


def _edited(text: str, records: Sequence[Record]) -> tuple[str, list[Problem]]:
    """All records in one edit; if that fails, one by one, to find out which one fails."""
    values = {path: value for record in records for path, value in _values(record)}
    try:
        return edit.set_values(text, values), []
    except IncidentError as error:
        if len(records) == 1:
            return text, [_unwritten(records[0], error)]
    problems = []
    for record in records:
        text, refused = _edited(text, [record])
        problems += refused
    return text, problems


def _values(record: Record) -> Iterator[tuple[frontmatter.Path, edit.Scalar]]:
    where = ("action_items", record.index) if record.item else ("follow_up",)
    return (((*where, key), value) for key, value in record.values.items())


def _unwritten(record: Record, error: Exception) -> Problem:
    fact = f"{record.path}: not written back: {error}"
    return Problem(record.key, fact, f"set {_shown(record)} manually, or try again")


def _shown(record: Record) -> str:
    pairs = (f"{key}: {edit.render(value)}" for key, value in record.values.items())
    return ", ".join(f"`{untrusted_text.code(pair)}`" for pair in pairs)


def to_files(records: Iterable[Record], root: Path) -> Edits:
    """Write the records to the current working files, each in one step."""
    done = [_to_file(root / path, path, some) for path, some in _by_path(records).items()]
    return Edits(
        {path: text for one in done for path, text in one.texts.items()},
        tuple(record for one in done for record in one.records),
        tuple(problem for one in done for problem in one.problems),
    )


def _to_file(place: Path, path: str, records: list[Record]) -> Edits:
    found = Edits({}, (), ())

    def written(text: str) -> str:
        nonlocal found
        found = edits(records, lambda _: text)
        return found.texts.get(path, text)

    try:
        atomic_files.change(place, written)
    except (OSError, ValueError, IncidentError) as error:
        return Edits({}, (), tuple(_unwritten(record, error) for record in records))
    return found


def body(found: Edits) -> str:
    """The pull request's text: every value and its reason."""
    lines = [
        "Updates from issues, written by `incident actions sync`. Nothing else changes.",
        "",
    ]
    for record in found.records:
        key = untrusted_text.code(record.key)
        lines.append(f"- `{key}`: {_shown(record)}: {record.why}")
    if any("reason" in record.why for record in found.records):
        lines += ["", "Add a `reason` for each `wont_do` item before merging."]
    if any(record.proof_of and "proof" not in record.values for record in found.records):
        lines += [
            "",
            "Items that were not closed by a pull request need a `proof` or `verified_by`.",
        ]
    return "\n".join(lines) + "\n"
