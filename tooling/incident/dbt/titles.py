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


def without_values(manifest: Manifest, test: str) -> str:
    """A test's unique id, without the hash and the arguments that a generic one's name may hold."""
    parts = test.split(".")
    node, name = manifest.nodes.get(test), parts[2] if len(parts) > 2 else ""
    is_generic = node.test != "" if node else len(parts) > 3
    if parts[0] != "test" or not name or not is_generic:
        return test
    if node is None or node.has_arguments:
        known = (
            "_".join(filter(None, (node.test.rpartition(".")[2], *_tested(manifest, test))))
            if node
            else ""
        )
        starts = bool(known) and name.startswith(known)
        name = known if starts else name.partition("__")[0]
    return ".".join([*parts[:2], name])


def _tested(manifest: Manifest, test: str) -> list[str]:
    """The parts of a generic test's name: its asset and column."""
    node = manifest.nodes[test]
    return [*(name_of(key).replace(".", "_") for key in tested(manifest, test)[:1]), node.column]
