"""CSV with a header: `at,text`, and if wanted `source,url`. Other columns are passed over."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Reading
from incident.sources.timeline._table import signal
from incident.text.bounded_readers import decode, read_bytes


def recognises(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in {".csv", ".tsv"}


def read(path: Path, _reading: Reading) -> list[Signal]:
    """The rows as signals."""
    text = decode(read_bytes(path), str(path))
    first = text.partition("\n")[0]
    delimiter = next((mark for mark in ",;\t" if mark in first), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = []
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        if not {"at", "text"} <= set(header):
            raise UsageError(
                f"{path}:1: no header with the columns `at` and `text`",
                "begin the file with: at,text,source,url",
            )
        for row in rows:
            if any(cell.strip() for cell in row):
                place = f"{path}:{rows.line_num}"
                found.append(signal(dict(zip(header, row, strict=False)), place))
    except csv.Error as error:
        raise UsageError(f"{path}:{rows.line_num}: {error}", "save it as CSV anew") from None
    return found
