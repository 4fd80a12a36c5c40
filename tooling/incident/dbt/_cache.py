"""A large manifest, cut to what is used and remembered between runs.

Reading 100 MB of JSON takes seconds, and what is kept of it a fraction of one. The cache is JSON
too, so that reading it never runs code.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident.dbt.nodes import Column, Node
from incident.repository import atomic_files, user_cache
from incident.repository.code_stamp import code_stamp
from incident.text.digests import digest

if TYPE_CHECKING:
    from incident.dbt.manifest import Manifest

LEAST = 2_000_000  # bytes; a smaller one is read as fast
_DEFAULTS = [field.default for field in fields(Node)]
_NAMES = [field.name for field in fields(Node)]
_TUPLES = [place for place, default in enumerate(_DEFAULTS) if isinstance(default, tuple)]
_OWNERS, _COLUMNS = _NAMES.index("owners"), _NAMES.index("columns")


def load(path: Path, reader: str) -> Manifest | None:
    """What a reader got from the manifest at `path`; None if it has changed, or is unknown."""
    from incident.dbt.manifest import Manifest

    try:
        key = _key(path)
        content = json.loads(_place(path, reader).read_bytes()) if key else {}
        if content.get("key") != key or not key:
            return None
        nodes, macros, groups = (
            {name: _node(row) for name, row in content[part]}
            for part in ("nodes", "macros", "groups")
        )
        invocation, warning, adapter, project, at = content["about"]
        when = datetime.fromisoformat(at) if at else None
        children = content["children"]
        return Manifest(
            nodes, groups, children, invocation, warning, macros, adapter, project, when
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RuntimeError):
        return None


def save(path: Path, reader: str, known: Manifest) -> None:
    """Remember a manifest; errors are ignored."""
    with contextlib.suppress(OSError, RuntimeError, ValueError):
        if not (key := _key(path)):
            return
        at = known.at.isoformat() if known.at else None
        parts = {"nodes": known.nodes, "macros": known.macros, "groups": known.groups}
        content = {
            "key": key,
            **{name: [[k, _row(n)] for k, n in part.items()] for name, part in parts.items()},
            "children": {k: below for k, below in known.children.items() if below},
            "about": [known.invocation, known.warning, known.adapter, known.project, at],
        }
        place = _place(path, reader)
        place.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        atomic_files.write_text(place, text)


def _key(path: Path) -> str:
    stat = path.stat()
    if stat.st_size < LEAST:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns} {code_stamp()}"


def _place(path: Path, reader: str) -> Path:
    name = digest(f"{reader} {path.resolve()}".encode())
    return user_cache.place(f"manifest-{name}.json")


def _row(node: Node) -> list[Any]:
    """The fields in order, without the defaults at the end."""
    row = [getattr(node, name) for name in _NAMES]
    while row and row[-1] == _DEFAULTS[len(row) - 1]:
        row.pop()
    return row


def _node(row: list[Any]) -> Node:
    for place in _TUPLES:
        if place < len(row) and row[place]:
            row[place] = tuple(row[place])
        elif place < len(row):
            row[place] = ()
    if len(row) > _OWNERS and row[_OWNERS]:
        row[_OWNERS] = tuple((str(name), str(email)) for name, email in row[_OWNERS])
    if len(row) > _COLUMNS and row[_COLUMNS]:
        row[_COLUMNS] = tuple(Column(*column) for column in row[_COLUMNS])
    return Node(*row)
