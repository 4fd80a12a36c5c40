"""Readable names of nodes, in titles and timelines."""

from __future__ import annotations

from incident.dbt.lineage import tested
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import name_of


def of_test(manifest: Manifest, test: str) -> str:
    """A test by its name; a generic one by its kind, model and column.

    The name of a generic test may contain the values that it accepts.
    """
    node = manifest.nodes.get(test)
    if node is None:  # dbt puts two underscores before the arguments
        return name_of(test).split(".")[0].split("__")[0]
    if node.kind == "unit_test":
        model = next((name_of(parent) for parent in node.parents), "")
        return f"unit test {node.name or name_of(test)}" + (f" on {model}" if model else "")
    if not node.test:
        return node.name or name_of(test)
    on = ", ".join(name_of(parent) for parent in tested(manifest, test))
    column = f".{node.column}" if node.column else ""
    return f"{node.test} on {on}{column}" if on else node.test
