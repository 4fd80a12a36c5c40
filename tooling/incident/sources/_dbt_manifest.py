"""dbt's manifest.json: the few fields that a postmortem needs, and what stands below an asset.

The file has tens of megabytes, nearly all of it SQL. Each node is cut to an allow-list while the
JSON is read, so that neither SQL nor the rest is ever held, or can be copied by mistake.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from incident.errors import UsageError
from incident.text.bounded_readers import mapping, read_json, strings, words
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut

KNOWN = {"manifest": 12, "run-results": 6, "sources": 3}

_ID = lazy(r"[a-z_]{3,30}\.[\w.-]{1,400}")
_COLUMN = lazy(r"[^\W\d]\w{0,127}")
_VERSION = lazy(r"https?://[^/\s]{1,99}/dbt/(?P<kind>[a-z-]{3,30})/v(?P<number>\d{1,4})\.json")
_LEAVES = frozenset({"test", "unit_test", "analysis", "operation", "macro", "doc", "sql_operation"})
_TIERS = {"1": "high", "2": "medium", "3": "low", "high": "high", "medium": "medium", "low": "low"}
_TIER_TAG = lazy(r"(?:tier|t|p)[ _-]?([0-3])|(critical|high|medium|low)(?:[ _-]criticality)?")


class Node(NamedTuple):
    """A node, source, exposure, metric or group, by its allow-listed fields."""

    kind: str
    name: str
    label: str = ""
    group: str = ""
    owner: tuple[str, str] = ("", "")  # name, e-mail
    meta_owner: str = ""
    criticality: str = ""
    url: str = ""
    path: str = ""
    source_name: str = ""
    error_after: tuple[int, str] | None = None
    has_freshness: bool = False
    attached: str = ""
    parents: tuple[str, ...] = ()
    column: str = ""
    test: str = ""
    package: str = ""


class Manifest(NamedTuple):
    """All nodes by unique id, and the ids that stand directly below each."""

    nodes: dict[str, Node]
    groups: dict[str, Node]
    children: dict[str, list[str]]
    invocation: str
    warning: str = ""


def read(path: Path) -> Manifest:
    """Read a manifest of any version. Raises UsageError if it is none."""
    data = mapping(read_json(path, _cut))
    warning = version(data, "manifest", path)
    nodes: dict[str, Node] = {}
    for section in (
        "nodes",
        "sources",
        "exposures",
        "metrics",
        "semantic_models",
        "saved_queries",
        "unit_tests",
        "functions",
    ):
        found = mapping(data.get(section))
        nodes.update((key, node) for key, node in found.items() if isinstance(node, Node))
    groups = {
        node.name: node for node in mapping(data.get("groups")).values() if isinstance(node, Node)
    }
    children = {key: strings(below) for key, below in mapping(data.get("child_map")).items()}
    if not children:  # the map may be left out; the edges stand in the nodes as well
        for key, node in nodes.items():
            for parent in node.parents:
                children.setdefault(parent, []).append(key)
    invocation = words(mapping(data.get("metadata")).get("invocation_id"))
    return Manifest(nodes, groups, children, invocation, warning)


def version(data: dict[str, Any], kind: str, path: Path) -> str:
    """A warning for a version that is not known, else "". Raises UsageError for another file."""
    written = words(mapping(data.get("metadata")).get("dbt_schema_version"))
    found = _VERSION.fullmatch(written)
    if found is None or found["kind"] != kind:
        is_what = f": it is dbt's {found['kind']}" if found else ""
        raise UsageError(f"{path} is no dbt {kind}{is_what}", f"name the {kind} file of dbt")
    if int(found["number"]) == KNOWN[kind]:
        return ""
    return (
        f"{path} is dbt {kind} v{found['number']}, this command knows v{KNOWN[kind]}: "
        "check what was read"
    )


def is_id(value: object) -> bool:
    """Whether `value` is a unique id as dbt writes them."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def below(manifest: Manifest, roots: Iterable[str]) -> dict[str, int]:
    """Assets downstream of the roots with the steps to the nearest one; tests are none.

    Nearest first, then by id.
    """
    steps = dict.fromkeys(roots, 0)
    waiting = deque(steps)
    while waiting:
        current = waiting.popleft()
        for child in manifest.children.get(current, ()):
            if child not in steps and is_id(child) and child.split(".")[0] not in _LEAVES:
                steps[child] = steps[current] + 1
                waiting.append(child)
    found = ((key, distance) for key, distance in steps.items() if distance)
    return dict(sorted(found, key=lambda item: (item[1], item[0])))


def is_asset(unique_id: str) -> bool:
    """Whether data stands behind the id: no test, hook or macro."""
    return unique_id.split(".")[0] not in _LEAVES


def name_of(unique_id: str) -> str:
    """What people say for an id: `stg_orders`, `raw.orders`."""
    return ".".join(unique_id.split(".")[2:]) or unique_id


def _cut(raw: dict[str, Any]) -> Any:
    """A node as `Node`, what needs no reading as None, any other object as it is."""
    kind = raw.get("resource_type")
    if not isinstance(kind, str):
        return raw
    if kind in {"macro", "doc"}:
        return None
    config, owner = mapping(raw.get("config")), mapping(raw.get("owner"))
    meta = {**mapping(raw.get("meta")), **mapping(config.get("meta"))}
    freshness = mapping(raw.get("freshness")) or mapping(config.get("freshness"))
    test = mapping(raw.get("test_metadata"))
    column, namespace = words(raw.get("column_name")), words(test.get("namespace"))
    test_name = cut(words(test.get("name")), 100)
    return Node(
        kind,
        cut(words(raw.get("name")), 200),
        cut(words(raw.get("label")), 100),
        words(raw.get("group")) or words(config.get("group")),
        (cut(words(owner.get("name")), 100), cut(words(owner.get("email")), 100)),
        cut(_owner(meta), 100),
        _criticality(raw, meta, config),
        words(raw.get("url"))[:2000],
        words(raw.get("original_file_path"))[:1000],
        cut(words(raw.get("source_name")), 200),
        limit(freshness.get("error_after")),
        bool(limit(freshness.get("error_after")) or limit(freshness.get("warn_after"))),
        words(raw.get("attached_node")),
        tuple(strings(mapping(raw.get("depends_on")).get("nodes"))),
        column if _COLUMN.fullmatch(column) else "",
        f"{namespace}.{test_name}" if namespace and test_name else test_name,
        words(raw.get("package_name"))[:200],
    )


def _owner(meta: dict[str, Any]) -> str:
    owner = meta.get("owner")
    return words(owner) or words(mapping(owner).get("team") or mapping(owner).get("name"))


def _criticality(raw: dict[str, Any], meta: dict[str, Any], config: dict[str, Any]) -> str:
    """High, medium or low by maturity, `meta.tier`, `meta.criticality` or tags; "" if untold."""
    told = [
        _TIERS.get(str(value).lower().removeprefix("tier").strip(" _-"), "")
        for value in (raw.get("maturity"), meta.get("tier"), meta.get("criticality"))
        if isinstance(value, (str, int))
    ]
    for tag in (*strings(raw.get("tags")), *strings(config.get("tags"))):
        if found := _TIER_TAG.fullmatch(tag.lower()):
            word = found[1] or found[2]
            told.append({"0": "high", "critical": "high"}.get(word, _TIERS.get(word, "")))
    return next((level for level in ("high", "medium", "low") if level in told), "")


def limit(value: object) -> tuple[int, str] | None:
    """`{count: 24, period: hour}` as (24, "hour")."""
    count, period = mapping(value).get("count"), mapping(value).get("period")
    known = isinstance(period, str) and period in {"minute", "hour", "day"}
    if not known or isinstance(count, bool) or not isinstance(count, int) or count < 0:
        return None
    return count, str(period)
