"""A check inside each query that dbt runs: its tables are those of the target it runs on.

The SQL names the tables of the target that the manifest was compiled for. On another target, dbt
would read the same tables through another connection, and the numbers would look right.
"""

from __future__ import annotations

from collections.abc import Iterable

from incident.dbt.manifest import Manifest
from incident.investigation import identifiers

_FACT = "the manifest was compiled for another target: its tables are not those of "
_HINT = ". Run `dbt compile` with this --target first"
_SAFE = frozenset(' ._-"`')


def of(manifest: Manifest, keys: Iterable[str], sql: str, dialect: str) -> str:
    """A template of dbt that fails on another target; "" if no table of the manifest is read.

    `keys`: unique ids. An edited query is checked for the tables that it still names.
    """
    checks = [
        _check(key, node.relation)
        for key in dict.fromkeys(keys)
        if (node := manifest.nodes.get(key))
        and node.relation
        and identifiers.relation(node.relation, dialect) in sql
    ]
    # `graph` is complete only when dbt executes, and has the names of the target it runs on
    return f"{{% if execute %}}{''.join(checks)}{{% endif %}}" if checks else ""


def _check(key: str, relation: str) -> str:
    nodes = "sources" if key.startswith("source.") else "nodes"
    found = f"(graph.{nodes}.get({_text(key)}) or {{}}).get('relation_name')"
    fail = f"exceptions.raise_compiler_error({_text(_FACT)} ~ target.name ~ {_text(_HINT)})"
    return f"{{% if {found} != {_text(relation)} %}}{{{{ {fail} }}}}{{% endif %}}"


def _text(value: str) -> str:
    """A string of Jinja in which nothing ends the string or the tag."""
    safe = (c if (c.isascii() and c.isalnum()) or c in _SAFE else f"\\U{ord(c):08x}" for c in value)
    return f"'{''.join(safe)}'"
