"""The archive as warehouse tables: a full, deterministic snapshot of a commit.

NDJSON and CSV have no dependencies; Parquet needs duckdb (the extra `parquet`).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from incident import __version__, archive, git
from incident.archive import Entry, files, milestones, roster
from incident.archive.roster import Roster
from incident.errors import UsageError
from incident.export import rows
from incident.export.columns import TABLES, VERSION, bigquery, columns
from incident.export.rows import Known, Row
from incident.git import State, Unavailable, history
from incident.postmortem import model
from incident.repository import atomic_files
from incident.repository.config import Config

_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # including full-width forms
FORMATS = ("ndjson", "csv", "parquet")
MANIFEST = "manifest.json"


class Exported(NamedTuple):
    """The result: row counts by table, and unreadable documents.

    `removed`: tables of an earlier export to the same folder in another format. `gap`: why git's
    authors are missing, so that a person may be mistaken for a team, or "".
    """

    counts: dict[str, int]
    skipped: tuple[str, ...]
    removed: tuple[str, ...] = ()
    gap: str = ""


def export(
    config: Config, out: Path, form: str, text: bool = False, people_too: bool = False
) -> Exported:
    """Write all tables and `manifest.json` to the folder `out`, or nothing.

    Tables in another format listed in the folder's manifest are removed, as they would be counted
    twice. Raises UsageError on duplicate ids, or if there is no Parquet writer.
    """
    if form == "parquet":
        _duckdb()  # fail early
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is not a folder", "pass a folder: --out build/export")
    archive.must_be_there(config)  # an empty snapshot would empty a warehouse
    known_people = roster.load(config)()
    tables, skipped = _collect(config, known_people, text, people_too)
    contents = {f"{table}.{form}": _bytes(table, tables[table], form) for table in TABLES}
    manifest = {
        "schema_version": VERSION,
        "tool": f"incident-docs {__version__}",
        **_commit(config),
        "format": form,
        "includes_text": text,
        "includes_people": people_too,
        "skipped": list(skipped),
        "tables": {
            table: _describe(table, name, content, len(tables[table]))
            for table, (name, content) in zip(TABLES, contents.items(), strict=True)
        },
    }
    earlier = _listed(out)
    atomic_files.make_folder(out)
    contents[MANIFEST] = _json(
        manifest, 2
    ).encode()  # written last: it has the checksums of the others
    atomic_files.write_all({out / name: content for name, content in contents.items()})
    removed = tuple(sorted(earlier - set(contents)))
    gap = "" if people_too else known_people.gap
    for name in removed:
        (out / name).unlink(missing_ok=True)
    return Exported({table: len(tables[table]) for table in TABLES}, skipped, removed, gap)


def _listed(out: Path) -> set[str]:
    """The tables of an earlier export, from its manifest; none if the manifest is not ours."""
    ours = {f"{table}.{form}" for table in TABLES for form in FORMATS}
    try:
        tables = json.loads((out / MANIFEST).read_text(encoding="utf-8"))["tables"]
        return {str(entry["file"]) for entry in tables.values()} & ours
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return set()


def _collect(
    config: Config, people: Roster, text: bool, people_too: bool
) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    postmortems, skipped = [], []
    for path in files.postmortem_paths(config.archive_dir):
        found = archive.read(path, config)
        p = model.postmortem(found)
        if found.faults or not p.id:
            skipped.append(found.path)
        elif not p.drill and not p.closed_as:
            found.meta.node = None  # large, and only the linter needs positions
            postmortems.append(Entry(found, p))
    _check_ids(postmortems)
    values = [entry.postmortem for entry in postmortems]
    known = Known(
        milestones.find(history.read(config.root, config.archive), values),
        people,
        frozenset(handle for p in values for handle in p.handles),
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
                f"{path} and {entry.document.path} have the same id", "change one of the ids"
            )


def _bytes(table: str, found: list[Row], form: str) -> bytes:
    if form == "csv":
        return _csv(table, found).encode()
    names = [column.name for column in columns(table)]
    ndjson = "".join(_json({name: row[name] for name in names}) for row in found).encode()
    return _parquet(table, ndjson) if form == "parquet" else ndjson


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ":") if indent is None else None
    return json.dumps(value, ensure_ascii=False, indent=indent, separators=separators) + "\n"


def _csv(table: str, found: list[Row]) -> str:
    """With a header row; null is empty, booleans are `true` and `false`.

    Text that a spreadsheet would run as a formula gets a leading apostrophe.
    """
    out = io.StringIO()
    names = [column.name for column in columns(table)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    for row in found:
        writer.writerow([_cell(row[name]) for name in names])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.lstrip(" ")[:1] in _FORMULA:
        return f"'{value}"
    return value


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "Parquet output needs duckdb, which is not installed",
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


def _parquet(table: str, ndjson: bytes) -> bytes:
    types = {column.name: _DUCKDB_TYPES[column.type] for column in columns(table)}
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    with (
        tempfile.TemporaryDirectory() as scratch,
        _duckdb().connect(config={"threads": 1}) as connection,
    ):
        read, written = Path(scratch, "rows.ndjson"), Path(scratch, "rows.parquet")
        read.write_bytes(ndjson)
        connection.execute("SET TimeZone = 'UTC'")
        source = (
            f"read_json({_sql(read)}, format = 'newline_delimited', columns = {{{listed}}},"
            " maximum_object_size = 16777216)"
        )
        connection.execute(
            f"COPY (FROM {source}) TO {_sql(written)} (FORMAT parquet, COMPRESSION zstd)"
        )
        return written.read_bytes()


def _sql(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _describe(table: str, name: str, raw: bytes, count: int) -> dict[str, Any]:
    return {
        "file": name,
        "rows": count,
        "bytes": len(raw),
        "sha256": hashlib.sha256(raw).hexdigest(),
        "columns": bigquery(table),
    }


def _commit(config: Config) -> dict[str, Any]:
    """The commit of the snapshot; `modified` if the archive differs from it."""
    commit, at, changed = "", "", ""
    try:
        head = git.run(config.root, "log", "-1", "--format=%H %cI", env={"TZ": "UTC"})
        commit, _, at = head.text.partition(" ")
        changed = git.output(config.root, "status", "--porcelain", paths=(config.archive,)).text
    except Unavailable as fault:
        if fault.state is not State.NOT_A_REPOSITORY:
            raise
    return {
        "commit": commit or None,
        "committed_at": at or None,
        "modified": bool(changed) if commit else None,
    }
