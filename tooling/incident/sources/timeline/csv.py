"""CSV with a header: a time and a text, and optionally a source and a URL."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from incident.errors import UsageError
from incident.sources.timeline import Export, Reading, _table
from incident.text.account import Tally
from incident.text.bounded_readers import decode, read_bytes


def recognizes(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in {".csv", ".tsv"}


def read(path: Path, reading: Reading) -> Export:
    """The rows that are not blank."""
    text = decode(read_bytes(path), str(path))
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int | str, object]] = []
    try:
        header = [name.strip() for name in next(rows, [])]
        columns = _table.Columns(header, reading, f"{path}:1")
        for row in rows:
            if any(cell.strip() for cell in row):
                found.append((rows.line_num, dict(zip(header, row, strict=False))))
    except csv.Error as error:
        raise UsageError(f"{path}:{rows.line_num}: {error}", "save it as CSV again") from None
    return _table.read(path, found, reading, Tally(str(path), _table.ROW), columns)
