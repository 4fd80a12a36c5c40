"""Which node of a manifest a reference means, as postmortems write them.

`dbt:model.shop.orders` is one as it is. A table (`table:dwh.orders`, `bigquery:p.dwh.orders`) is
the node with that relation, and a bare name the only asset that has it. In doubt, it is none.
"""

from __future__ import annotations

from collections.abc import Callable

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Node, is_asset, name_of

_QUOTES = str.maketrans("", "", '"`[]')


def with_table(manifest: Manifest, name: str) -> list[str]:
    """The unique ids of the assets whose table has this name: an alias, a source's identifier."""
    wanted = name.casefold()
    return [
        key
        for key, node in manifest.nodes.items()
        if is_asset(key) and _table(node).rpartition(".")[2] == wanted
    ]


def resolver(manifest: Manifest) -> Callable[[str], str]:
    """A function from a reference to that of its node, or to itself if it is not known."""
    by_name: dict[str, set[str]] = {}
    by_table: dict[str, set[str]] = {}
    for key, node in manifest.nodes.items():
        if not is_asset(key):
            continue
        by_name.setdefault(name_of(key).casefold(), set()).add(key)
        parts = _table(node).split(".")
        for at in range(len(parts) - 1):  # with its database, or with its schema alone
            by_table.setdefault(".".join(parts[at:]), set()).add(key)

    def resolve(ref: str) -> str:
        if ref.startswith("dbt:"):
            return ref
        name = (ref.partition(":")[2] or ref).translate(_QUOTES).casefold()
        found = by_table.get(name) or by_name.get(name, set())
        return f"dbt:{next(iter(found))}" if len(found) == 1 else ref

    return resolve


def _table(node: Node) -> str:
    return node.relation.translate(_QUOTES).casefold()
