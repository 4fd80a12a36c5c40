"""Edges between the assets of an incident, as the frontmatter records them in `impact.lineage`.

The sources that know them (SQLMesh, OpenLineage) are not kept, unlike dbt's manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from incident.dbt.lineage import Edge
from incident.text.values import mapping, mappings, string


def read(data: Mapping[str, Any]) -> tuple[Edge, ...]:
    """The edges between assets that the document lists, each once."""
    impact = mapping(data.get("impact"))
    known = {string(asset.get("ref")) for asset in mappings(impact.get("assets"))} - {""}
    found: dict[tuple[str, str], Edge] = {}
    for row in mappings(impact.get("lineage")):
        above, below = string(row.get("upstream")), string(row.get("downstream"))
        if above != below and {above, below} <= known:
            found.setdefault((above, below), Edge(above, below, _count(row.get("between"))))
    return tuple(found.values())


def row(edge: Edge) -> dict[str, str | int]:
    """An edge as the frontmatter has it."""
    between = {"between": edge.between} if edge.between else {}
    return {"upstream": edge.above, "downstream": edge.below, **between}


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        return 0
    return value if 0 < value < 10_000 else 0
