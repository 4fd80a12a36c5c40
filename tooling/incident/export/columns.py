"""The columns of the exported tables, as described by `schemas/export/*.schema.json`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from incident.repository import resources

VERSION = 1
TABLES = (
    "incidents",
    "action_items",
    "timeline_events",
    "incident_assets",
    "incident_consumers",
    "incident_tags",
)
_TYPES = {"string": "STRING", "integer": "INT64", "number": "FLOAT64", "boolean": "BOOL"}
_FORMATS = {"date-time": "TIMESTAMP", "date": "DATE"}


class Column(NamedTuple):
    """A column; `type` is its BigQuery type."""

    name: str
    type: str
    required: bool
    description: str


@cache
def schema(table: str) -> dict[str, Any]:
    """The JSON Schema of one row of `table`."""
    path = resources.root() / "schemas" / "export" / f"{table}.schema.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of `table`, in order."""
    found = []
    for name, described in schema(table)["properties"].items():
        types = described["type"] if isinstance(described["type"], list) else [described["type"]]
        kind = _FORMATS.get(described.get("format", "")) or _TYPES[types[0]]
        found.append(Column(name, kind, "null" not in types, described["description"]))
    return tuple(found)


def bigquery(table: str) -> list[dict[str, str]]:
    """The columns in the format of BigQuery's `--schema`."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "mode": "REQUIRED" if column.required else "NULLABLE",
            "description": column.description,
        }
        for column in columns(table)
    ]
