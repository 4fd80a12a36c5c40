"""One JSON object on each line, with a time and a text, and optionally a source and a URL."""

from __future__ import annotations

from pathlib import Path

from incident.errors import UsageError
from incident.sources.timeline import Export, Reading, _table
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import decode, numbered_lines, parse_json, read_bytes


def recognizes(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in {".ndjson", ".jsonl"}


def read(path: Path, reading: Reading) -> Export:
    """The lines that are not blank."""
    tally = Tally(str(path), Noun("line", "lines"))
    rows: list[tuple[int | str, object]] = []
    first_error: UsageError | None = None
    for number, line in numbered_lines(decode(read_bytes(path), str(path))):
        try:
            rows.append((number, parse_json(line, str(path), line=number)))
        except UsageError as error:
            first_error = first_error or error
            tally.leave("not JSON", number)
    if first_error and not rows:
        raise first_error
    return _table.read(path, rows, reading, tally)
