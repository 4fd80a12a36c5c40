"""Opsgenie's alert logs or notes, saved as JSON from `GET /v2/alerts/{id}/logs` or `/notes`.

A log names people and addresses, so an entry is described by what it begins with; notes are text
that people wrote, and are taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Export, Reading, _pages
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import read_json
from incident.text.values import mapping, string
from incident.text.written_times import Assumptions, whole

# By the beginning of an entry in lower case: the kind and its text.
_KINDS = {
    "alert created": ("trigger", "the alert was opened"),
    "alert acknowledged": ("acknowledged", "the alert was acknowledged"),
    "alert unacknowledged": ("unacknowledge", "the acknowledgement of the alert was withdrawn"),
    "alert closed": ("resolve", "the alert was closed"),
    "alert escalated": ("escalate", "the alert was escalated"),
    "escalated": ("escalate", "the alert was escalated"),
    "alert snoozed": ("snooze", "the alert was snoozed"),
    "snoozed": ("snooze", "the alert was snoozed"),
    "alert priority": ("priority", "the priority of the alert was changed"),
    "updated priority": ("priority", "the priority of the alert was changed"),
    "alert reopened": ("reopen", "the alert was opened again"),
}
_NOTE = ("added note:", "note added:", "added note", "note added")


def recognizes(path: Path) -> bool:
    """By what the file begins with."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(65_536)
    return b'"createdAt"' in head and (b'"log"' in head or b'"note"' in head)


def read(path: Path, reading: Reading) -> Export:
    """The entries that describe a change; notifications to people do not."""
    data = read_json(path)
    rows = _pages.rows(data, ("data",))
    if rows is None:
        raise UsageError(f"{path} has no list `data`", "save GET /v2/alerts/{id}/logs as JSON")
    tally, signals = Tally(str(path), Noun("log entry", "log entries")), []
    assumed = Assumptions(reading.now)
    for number, row in enumerate(rows, 1):
        found = _signal(row, assumed) if isinstance(row, dict) else "not an object"
        if isinstance(found, Signal):
            tally.take()
            signals.append(found)
        else:
            tally.leave(found, f"entry {number}")
    notes = []
    if mapping(_pages.last(data).get("paging")).get("next"):
        notes.append(f"{path}: there are more pages (paging.next); save them as a list of pages")
    return Export(signals, (tally.account,), tuple(notes))


def _signal(row: dict[str, Any], assumed: Assumptions) -> Signal | str:
    text, note = string(row.get("log")).strip(), string(row.get("note")).strip()
    plain = text.casefold()
    mark = next((mark for mark in _NOTE if plain.startswith(mark)), "")
    note = note or (text[len(mark) :].strip(" :") if mark else "")
    kind, shown = next(
        (what for begin, what in _KINDS.items() if plain.startswith(begin)), ("", "")
    )
    if not note and not shown:
        return "about who was notified, or of another kind" if text else "without text"
    at = whole(row.get("createdAt"), assumed)
    if isinstance(at, str):
        return at
    return Signal(at, kind or "annotate", shown or note, "", "Opsgenie")
