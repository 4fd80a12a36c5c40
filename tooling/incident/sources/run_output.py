"""The failures of a run, from whatever the tool wrote: the sources of `incident new` read it.

dbt writes a folder with run_results.json or sources.json; OpenLineage events are JSON, in a file
or a folder; what SQLMesh prints is text.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import ModuleType

from incident.errors import UsageError
from incident.repository.config import Config
from incident.sources import Prefill, Request, dbt, openlineage, sqlmesh
from incident.text.bounded_readers import read_bytes

_DBT = ("run_results.json", "sources.json")


def read(path: Path, config: Config, now: datetime, state: Path | None = None) -> Prefill:
    """What failed; `Prefill.failing` has every check. `state`: of SQLMesh, as it exports it.

    Raises NothingFailed if the run was fine, UsageError if nothing there can be read.
    """
    source, place = _source(path)
    values: dict[str, object] = {option.flag: None for option in source.OPTIONS}
    values[source.OPTIONS[0].flag] = place
    if source is dbt:
        values["--story"] = "all"
    if source is sqlmesh:
        values["--sqlmesh-state"] = state
    found: Prefill = source.gather(Request(values, config, [], now, []))
    return found


def _source(path: Path) -> tuple[ModuleType, Path]:
    """Who reads this, and from where. Raises UsageError."""
    if path.is_dir():
        has_results = any((path / name).is_file() for name in _DBT)
        is_target = has_results or (path / "manifest.json").is_file()
        return (dbt if is_target else openlineage), path
    if path.name in _DBT:
        return dbt, path.parent
    start = read_bytes(path)[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise UsageError(f"{path} is empty", "name what the run wrote, such as target/")
    return (openlineage if start[:1] in {b"{", b"["} else sqlmesh), path
