"""The SQL files next to the postmortem. One that was edited is kept.

The last line of a file has a hash of the lines above: with another hash, or none, it was edited.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from incident.investigation.plan import Planned
from incident.repository import atomic_files
from incident.text.lazy_regex import lazy

FOLDER = "queries"
State = Literal["created", "updated", "unchanged", "edited"]
_STAMP = lazy(r"-- generated: ([0-9a-f]{12})\n?\Z")
MOST_BYTES = 200_000


@dataclass(frozen=True)
class Kept:
    """A query's file. `text`: what it contains now; "edited" ones differ from the planned text."""

    query: Planned
    path: Path
    state: State
    text: str


def folder(postmortem: Path) -> Path:
    """Where the queries of a postmortem are: `incidents/<year>/<id>/queries`."""
    return postmortem.with_suffix("") / FOLDER


def write(queries: Sequence[Planned], place: Path, force: bool = False) -> list[Kept]:
    """Write the files; edited ones only with `force`. Raises OSError and IncidentError."""
    found = [_compared(one, place / one.file, force) for one in queries]
    changed = {one.path: one.text.encode() for one in found if one.state in {"created", "updated"}}
    if changed:
        atomic_files.make_folder(place)
        atomic_files.write_all(changed)
    return found


def stamped(text: str) -> str:
    """A text with the hash by which an edit is recognized."""
    return f"{text}-- generated: {_hash(text)}\n"


def statement(text: str) -> str:
    """The SQL of a file, without the comments around it."""
    lines = text.strip().splitlines()
    while lines and lines[0].startswith("--"):
        del lines[0]
    while lines and lines[-1].startswith("--"):
        del lines[-1]
    return "\n".join(lines).strip()


def _compared(query: Planned, path: Path, force: bool) -> Kept:
    wanted = stamped(query.text)
    there = _read(path)
    if there is None:
        return Kept(query, path, "created", wanted)
    if there == wanted:
        return Kept(query, path, "unchanged", wanted)
    if force or _is_ours(there):
        return Kept(query, path, "updated", wanted)
    return Kept(query, path, "edited", there)


def _read(path: Path) -> str | None:
    """The text of a file, None if there is none; line ends as ours."""
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES)
    except FileNotFoundError:
        return None
    return raw.decode("utf-8", errors="replace").replace("\r\n", "\n")


def _is_ours(text: str) -> bool:
    stamp = _STAMP().search(text)
    return stamp is not None and stamp[1] == _hash(text[: stamp.start()])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
