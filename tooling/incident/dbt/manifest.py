"""dbt's manifest.json: every node, its edges, and the owners.

The file has tens of megabytes, nearly all of it SQL. Each node is cut to a few fields while the
JSON is read, so that neither SQL nor the rest is ever held, or can be copied by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from incident.dbt import _artifact, _cache
from incident.dbt.nodes import Node, from_json, is_asset, is_id, name_of
from incident.errors import ConfigError, UsageError
from incident.text.bounded_readers import read_json
from incident.text.instants import parse_utc
from incident.text.values import mapping, string, strings

_SECTIONS = (
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
)


@dataclass(frozen=True)
class Manifest:
    """`nodes`: by unique id. `groups`: by name. `children`: the ids directly below each id.

    `invocation`: the id of the dbt command that wrote it. `warning`: an unknown version, or "".
    `macros`: by unique id, not in `nodes`. `adapter`: the warehouse ("bigquery"). `project`: the
    name of the root project. `at`: when it was written.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    groups: dict[str, Node] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)
    invocation: str = ""
    warning: str = ""
    macros: dict[str, Node] = field(default_factory=dict)
    adapter: str = ""
    project: str = ""
    at: datetime | None = None

    @cached_property
    def ids(self) -> frozenset[str]:
        """All unique ids; of a generic test also the one without its hash."""
        return frozenset(self.nodes) | self.tests

    @cached_property
    def tests(self) -> frozenset[str]:
        """Ids of tests, with and without the hash that generic tests have (`test.shop.rows`)."""
        tests = [unique_id for unique_id in self.nodes if unique_id.startswith("test.")]
        units = [unique_id for unique_id in self.nodes if unique_id.startswith("unit_test.")]
        short = {".".join(unique_id.split(".")[:3]) for unique_id in tests}
        return frozenset(tests) | frozenset(units) | short

    @cached_property
    def owners(self) -> frozenset[str]:
        """Names of groups and of owners, as they are written."""
        names = set(self.groups)
        for node in (*self.groups.values(), *self.nodes.values()):
            names |= {name for name, _ in node.owners}
            names |= {name.removeprefix("@") for name in node.meta_owners}
        return frozenset(names - {""})

    @cached_property
    def feeds(self) -> dict[str, list[str]]:
        """The edges between assets, without tests: the ids directly below each id."""
        assets = {key for key in self.nodes if is_id(key) and is_asset(key)}
        found = (
            (key, [one for one in self.children.get(key, ()) if one in assets]) for key in assets
        )
        return {key: below for key, below in found if below}

    def has(self, ref: str) -> bool:
        """Whether `dbt:model.shop.orders`, with or without `dbt:`, exists."""
        return ref.removeprefix("dbt:") in self.ids

    def named(self, name: str) -> list[str]:
        """The nodes with this unique id or short name, with or without `dbt:`."""
        wanted = name.removeprefix("dbt:")
        return [key for key in self.nodes if key == wanted or name_of(key) == wanted]


def read_manifest(path: Path) -> Manifest:
    """Read a manifest of any version. Raises UsageError if the file is not one.

    A large one is remembered, and read again when it changes.
    """
    if known := _cache.load(path, "read"):
        return known
    data, warning = _artifact.read(path, "manifest", _cut)
    found = _manifest(data, warning)
    _cache.save(path, "read", found)
    return found


def configured(root: Path, name: str) -> Manifest | None:
    """The manifest at `name` below `root`; None if `name` is "" or dbt has not written it yet.

    It is read once, and again when the file changes. Raises ConfigError if it cannot be read.
    """
    if not name:
        return None
    path = root / name
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        hint = "run `dbt parse`, or correct `dbt_manifest`"
        raise ConfigError(f"dbt_manifest {path}: {error.strerror or error}", hint) from error
    return _remembered(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=2)
def _remembered(path: Path, _changed: int, _size: int) -> Manifest:
    if known := _cache.load(path, "configured"):
        return known
    try:
        data = mapping(read_json(path, _cut))
    except UsageError as error:
        raise ConfigError(f"dbt_manifest {error.message}", "rerun `dbt parse`") from error
    if not isinstance(data.get("nodes"), dict):
        hint = "use dbt's manifest.json"
        raise ConfigError(f"dbt_manifest {path} has no `nodes`", hint)
    found = _manifest(data)
    _cache.save(path, "configured", found)
    return found


def _cut(raw: dict[str, Any]) -> Any:
    """Nodes and macros as `Node`, docs as None, any other object as it is."""
    if "resource_type" not in raw or not isinstance(kind := raw["resource_type"], str):
        return raw
    return None if kind == "doc" else from_json(raw)


def _manifest(data: dict[str, Any], warning: str = "") -> Manifest:
    nodes: dict[str, Node] = {}
    for section in _SECTIONS:
        for key, node in mapping(data.get(section)).items():
            # an entry without a `resource_type` still is there: the linter must know its id
            nodes[key] = node if isinstance(node, Node) else from_json(mapping(node), key)
    groups = [
        node if isinstance(node, Node) else from_json(mapping(node), key)
        for key, node in mapping(data.get("groups")).items()
    ]
    children = {key: strings(below) for key, below in mapping(data.get("child_map")).items()}
    if not children:  # dbt may omit the map; the nodes have the edges too
        for key, node in nodes.items():
            for parent in node.parents:
                children.setdefault(parent, []).append(key)
    metadata = mapping(data.get("metadata"))
    return Manifest(
        nodes,
        {group.name: group for group in groups},
        children,
        string(metadata.get("invocation_id")),
        warning,
        {k: m for k, m in mapping(data.get("macros")).items() if isinstance(m, Node)},
        string(metadata.get("adapter_type"))[:100],
        string(metadata.get("project_name"))[:200],
        parse_utc(metadata.get("generated_at")),
    )
