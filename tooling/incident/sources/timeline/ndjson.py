"""One JSON object a line, with `at`, `text`, and if wanted `source` and `url`."""

from __future__ import annotations

from pathlib import Path

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Reading
from incident.sources.timeline._table import signal
from incident.text.bounded_readers import decode, numbered_lines, parse_json, read_bytes


def recognises(path: Path) -> bool:
    """By its name."""
    return path.suffix.lower() in {".ndjson", ".jsonl"}


def read(path: Path, _reading: Reading) -> list[Signal]:
    """The lines as signals."""
    found = []
    for number, line in numbered_lines(decode(read_bytes(path), str(path))):
        row = parse_json(line, str(path), line=number)
        if not isinstance(row, dict):
            raise UsageError(
                f"{path}:{number}: the line is no JSON object",
                'write {"at": "2025-05-14T09:40Z", "text": "what happened"}',
            )
        found.append(signal(row, f"{path}:{number}"))
    return found
