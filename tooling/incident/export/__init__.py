"""The archive as tables for a warehouse: a full, deterministic snapshot of a commit.

NDJSON and CSV need nothing else; Parquet needs duckdb (the extra `parquet`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from incident import __version__, archive, history, model, people
from incident.archive import Entry
from incident.config import Config
from incident.errors import IncidentError, UsageError
from incident.export import rows
from incident.export.columns import TABLES, VERSION, bigquery, columns
from incident.export.rows import Known, Row

FORMATS = ("ndjson", "csv", "parquet")
MANIFEST = "manifest.json"


class Exported(NamedTuple):
    """What was written: rows by table, and the documents that could not be read.

    `removed`: the tables of an earlier export into the same folder, in another format.
    """

    counts: dict[str, int]
    skipped: tuple[str, ...]
    removed: tuple[str, ...] = ()


def export(
    config: Config, out: Path, form: str, text: bool = False, people_too: bool = False
) -> Exported:
    """Write all tables and `manifest.json` into the folder `out`, or nothing.

    What the folder's manifest lists of another format goes: two sets would be counted twice.
    Raises UsageError where two postmortems have one id, or Parquet has no writer.
    """
    if form == "parquet":
        _duckdb()  # before any work
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder", "name a folder: --out build/export")
    archive.must_be_there(config)  # an empty snapshot would empty a warehouse
    tables, skipped = _collect(config, text, people_too)
    earlier = _listed(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out) as scratch:
        files = {}
        for table in TABLES:
            path = Path(scratch, f"{table}.{form}")
            _write(table, tables[table], path, form)
            files[table] = path
        described = {
            table: _describe(table, path, len(tables[table])) for table, path in files.items()
        }
        manifest = {
            "schema_version": VERSION,
            "tool": f"incident-docs {__version__}",
            **_commit(config),
            "format": form,
            "includes_text": text,
            "includes_people": people_too,
            "skipped": list(skipped),
            "tables": described,
        }
        path = Path(scratch, MANIFEST)
        path.write_text(_json(manifest, 2), encoding="utf-8", newline="\n")
        for done in (*files.values(), path):
            done.replace(out / done.name)
    removed = tuple(sorted(earlier - {path.name for path in files.values()}))
    for name in removed:
        (out / name).unlink(missing_ok=True)
    return Exported({table: len(tables[table]) for table in TABLES}, skipped, removed)


def _listed(out: Path) -> set[str]:
    """The tables that an earlier export wrote, by its manifest; none where it is not ours."""
    ours = {f"{table}.{form}" for table in TABLES for form in FORMATS}
    try:
        tables = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["tables"]
        return {str(entry["file"]) for entry in tables.values()} & ours
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()


def _collect(
    config: Config, text: bool, people_too: bool
) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    postmortems, skipped = [], []
    for path in archive.files(config.archive_dir):
        found = archive.read(path, config)
        p = model.postmortem(found)
        if found.faults or not p.id:
            skipped.append(found.path)
        elif not p.drill:
            found.meta.node = None  # large, and only the linter points into it
            postmortems.append(Entry(found, p))
    _check_ids(postmortems)
    values = [entry.postmortem for entry in postmortems]
    known = Known(
        history.milestones(history.read(config.root, config.archive), values),
        people.load(config)(),
        frozenset(handle for p in values for handle in rows.handles(p)),
        text,
        people_too,
    )
    tables: dict[str, list[Row]] = {table: [] for table in TABLES}
    for entry in sorted(postmortems, key=lambda entry: entry.postmortem.id):
        for table, found_rows in rows.of_entry(entry, known).items():
            tables[table] += found_rows
    return tables, tuple(skipped)


def _check_ids(entries: Iterable[Entry]) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        path = seen.setdefault(entry.postmortem.id, entry.document.path)
        if path != entry.document.path:
            raise UsageError(
                f"{path} and {entry.document.path} have the same id", "give one another id"
            )


def _write(table: str, found: list[Row], path: Path, form: str) -> None:
    if form == "csv":
        path.write_text(_csv(table, found), encoding="utf-8", newline="")
        return
    names = [column.name for column in columns(table)]
    lines = (_json({name: row[name] for name in names}) for row in found)
    ndjson = path.with_suffix(".ndjson")
    ndjson.write_text("".join(lines), encoding="utf-8", newline="\n")
    if form == "parquet":
        _parquet(table, ndjson, path)
        ndjson.unlink()


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, indent=indent, separators=separators) + "\n"


def _csv(table: str, found: list[Row]) -> str:
    """With a head; null is empty, true and false are words."""
    out = io.StringIO()
    names = [column.name for column in columns(table)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in found:
        writer.writerow(
            [str(v).lower() if isinstance(v := row[name], bool) else v for name in names]
        )
    return out.getvalue()


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "Parquet is written by duckdb, which is not installed",
            "pip install 'incident-docs[parquet]', or use --format ndjson",
        ) from None
    return duckdb


_DUCKDB_TYPES = {
    "STRING": "VARCHAR",
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "BOOL": "BOOLEAN",
    "TIMESTAMP": "TIMESTAMPTZ",
    "DATE": "DATE",
}


def _parquet(table: str, ndjson: Path, path: Path) -> None:
    types = {column.name: _DUCKDB_TYPES[column.type] for column in columns(table)}
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    with _duckdb().connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        source = (
            f"read_json({_sql(ndjson)}, format = 'newline_delimited', columns = {{{listed}}},"
            " maximum_object_size = 16777216)"
        )
        connection.execute(
            f"COPY (FROM {source}) TO {_sql(path)} (FORMAT parquet, COMPRESSION zstd)"
        )


def _sql(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _describe(table: str, path: Path, count: int) -> dict[str, Any]:
    raw = path.read_bytes()
    return {
        "file": path.name,
        "rows": count,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "columns": bigquery(table),
    }


def _commit(config: Config) -> dict[str, Any]:
    """The commit that the snapshot is of; `modified` where the archive differs from it."""
    head = _git(config, "log", "-1", "--format=%H %cI")
    commit, _, at = head.strip().partition(" ")
    changed = _git(config, "status", "--porcelain", "--", config.archive).strip()
    return {
        "commit": commit or None,
        "committed_at": at or None,
        "modified": bool(changed) if commit else None,
    }


def _git(config: Config, *arguments: str) -> str:
    if not (config.root / ".git").exists():
        return ""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=config.root,
            capture_output=True,
            timeout=60,
            check=False,
            env={**os.environ, "TZ": "UTC"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise IncidentError(f"git cannot be asked: {error}") from error
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else ""
