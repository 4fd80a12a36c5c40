"""dbt's catalog.json: the columns that each table has in the warehouse. Nothing else is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from incident.dbt import _artifact
from incident.dbt.nodes import Column
from incident.text.untrusted_text import cut
from incident.text.values import mapping, string

NAME = "catalog.json"


def read(path: Path) -> dict[str, tuple[Column, ...]]:
    """The columns of each unique id, as the warehouse spells them.

    Raises UsageError if the file is not a catalog.
    """
    data, _ = _artifact.read(path, "catalog", lambda raw: raw)
    found: dict[str, tuple[Column, ...]] = {}
    for section in ("nodes", "sources"):
        for key, node in mapping(data.get(section)).items():
            columns = map(mapping, mapping(mapping(node).get("columns")).values())
            found[key] = tuple(_column(raw) for raw in columns if string(raw.get("name")))
    return found


def _column(raw: dict[str, Any]) -> Column:
    return Column(cut(raw["name"], 200), cut(string(raw.get("type")), 200), True)
