"""The failures of a run, from whatever the tool wrote: the sources of `incident new` read it.

dbt writes a folder with run_results.json or sources.json; OpenLineage events are JSON, in a file
or a folder; what SQLMesh prints is text.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

from incident.errors import EXIT_DIAGNOSTICS, IncidentError, UsageError
from incident.postmortem import model
from incident.repository.config import Config
from incident.sources import NothingFailed, Prefill, Request, dbt, openlineage, sqlmesh
from incident.text.bounded_readers import read_bytes

OLD = timedelta(hours=1)
_DBT = ("run_results.json", "sources.json")
_STOPPED = "the run may have stopped before it wrote any results: see its own output"
_NAME = "name what the run wrote, such as target/"


class NoFailureError(IncidentError):
    """Nothing failed in the results, which says nothing of the run: it may have written none."""

    exit_code = EXIT_DIAGNOSTICS

    def __init__(self, fact: str) -> None:
        super().__init__(fact, _STOPPED)


def read(path: Path, config: Config, now: datetime) -> Prefill:
    """What failed; `Prefill.failing` has every check.

    Raises NoFailureError if nothing failed, UsageError if nothing there can be read, or if the
    results are old and nothing failed: a tool that stops early writes none, and leaves the last.
    """
    source, place = _source(path)
    values: dict[str, object] = {option.flag: None for option in source.OPTIONS}
    values[source.OPTIONS[0].flag] = place
    if source is dbt:
        values["--story"] = "all"
    age = now - _written(place)
    old = f"the results in {path} are {model.duration(age)} old" if age > OLD else ""
    try:
        found: Prefill = source.gather(Request(values, config, [], now, []))
    except NothingFailed as nothing:
        if not old:
            raise NoFailureError(nothing.message) from None
        raise UsageError(f"{old}; {nothing.message}", _STOPPED) from None
    return replace(found, warnings=(old, *found.warnings)) if old else found


def _written(path: Path) -> datetime:
    """When the newest results were written."""
    files = [path / name for name in _DBT] if path.is_dir() else [path]
    times = [file.stat().st_mtime for file in files if file.exists()]
    return datetime.fromtimestamp(max(times, default=path.stat().st_mtime), UTC)


def _source(path: Path) -> tuple[ModuleType, Path]:
    """Who reads this, and from where. Raises UsageError."""
    if path.is_dir():
        has_results = any((path / name).is_file() for name in _DBT)
        is_target = has_results or (path / "manifest.json").is_file()
        if not is_target and not any(openlineage.event_files(path)):
            raise UsageError(f"{path} has no {', '.join(_DBT)} or OpenLineage events", _NAME)
        return (dbt if is_target else openlineage), path
    if path.name in _DBT:
        return dbt, path.parent
    start = read_bytes(path)[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise UsageError(f"{path} is empty", _NAME)
    return (openlineage if start[:1] in {b"{", b"["} else sqlmesh), path
