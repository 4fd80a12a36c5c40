"""Set `resolved_at` of the postmortem created from an issue when that issue is closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from incident import archive
from incident.archive import Entry
from incident.errors import UsageError
from incident.postmortem import edit
from incident.repository import atomic_files
from incident.repository.config import Config
from incident.text import instants


class Resolved(NamedTuple):
    """`path`: the changed file, relative to the repository, or "". `said`: a summary for people."""

    path: str
    said: str


def run(file: Path, config: Config, dry_run: bool = False) -> Resolved:
    """Write the time. Raises UsageError if it is not an issue or no postmortem came from it."""
    issue = _read(file)
    number, closed = issue.get("number"), instants.parse(issue.get("closed_at"))
    if closed is None or issue.get("state_reason") != "completed":
        return Resolved("", f"issue #{number} is not closed as completed; nothing to write")
    found = [e for e in archive.load(config).entries if _came_from(e, issue)]
    if len(found) != 1:
        fact = f"{len(found)} postmortems were created from issue #{number}"
        hint = "set `resolved_at` manually; `evidence` has the issue's URL"
        raise UsageError(fact, hint)
    [entry] = found
    path = entry.document.path
    if "resolved_at" in entry.postmortem.times:
        return Resolved("", f"{path} already has a resolved_at")
    instant = instants.iso(closed)

    def resolved(text: str) -> str:
        return edit.set_value(text, ("timestamps", "resolved_at"), instant)

    if dry_run:
        resolved(entry.document.text)  # whether it can be
    else:
        atomic_files.change(config.root / path, resolved)
    return Resolved(path, f"{path}: resolved_at {instant}")


def _came_from(entry: Entry, issue: dict[str, Any]) -> bool:
    """Whether the postmortem says it was reported in this issue."""
    address = issue.get("html_url")
    listed = entry.document.get("evidence")
    links = [one.get("url") for one in listed or () if isinstance(one, dict)]
    source = entry.postmortem.detection_source
    return (bool(address) and address in links) or source == f"issue #{issue.get('number')}"


def _read(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{file} is not JSON: {error}", "save the issue as returned by the GitHub API"
        ) from error
    issue = content.get("issue", content) if isinstance(content, dict) else None
    if not isinstance(issue, dict) or not isinstance(issue.get("number"), int):
        raise UsageError(
            f"{file} is not a GitHub issue: `number` is missing",
            "save the issue as returned by the GitHub API",
        )
    return issue
