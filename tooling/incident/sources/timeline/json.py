"""A JSON list of objects, with a time and a text, and optionally a source and a URL."""

from __future__ import annotations

from pathlib import Path

from incident.errors import UsageError
from incident.sources.timeline import Export, Reading, _table
from incident.text.account import Tally
from incident.text.bounded_readers import read_json

FALLBACK = True
_KEYS = ("events", "entries", "timeline", "timeline_events", "items", "data", "results", "messages")


def recognizes(path: Path) -> bool:
    """Any JSON that no other source reads."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"[" in file.read(65_536)


def read(path: Path, reading: Reading) -> Export:
    """The objects of the list, or of the list in a key such as `events`."""
    data = read_json(path)
    if isinstance(data, dict):
        data = next((data[key] for key in _KEYS if isinstance(data.get(key), list)), None)
    if not isinstance(data, list):
        raise UsageError(
            f"{path} is not a list of objects",
            'write [{"at": "2025-05-14T09:40Z", "text": "what happened"}]',
        )
    rows = [(f"item {number}", row) for number, row in enumerate(data, 1)]
    return _table.read(path, list(rows), reading, Tally(str(path), _table.ROW))
