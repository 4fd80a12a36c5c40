"""A node of a dbt manifest, cut to the fields that incidents need, and the unique ids of nodes.

To use another field, add it to `Node` and to `from_json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, string, strings

_ID = lazy(r"[a-z_]{3,30}\.[\w.-]{1,400}")
_COLUMN = lazy(r"[^\W\d]\w{0,127}")
_NOT_ASSETS = frozenset(
    {"test", "unit_test", "analysis", "operation", "macro", "doc", "sql_operation"}
)
_TIERS = {"1": "high", "2": "medium", "3": "low", "high": "high", "medium": "medium", "low": "low"}
_TIER_TAG = lazy(r"(?:tier|t|p)[ _-]?([0-3])|(critical|high|medium|low)(?:[ _-]criticality)?")


@dataclass(frozen=True, slots=True)
class Node:
    """A model, source, test, exposure, metric or group.

    `owner`: name and email. `criticality`: high, medium, low or "". `path`: of its file, from the
    dbt project's root. `relation`: its table in the warehouse, quoted as dbt quotes it.
    `parents`: unique ids of the nodes it depends on. Tests only: `attached`: the unique id of the
    tested node; `test`: the kind of a generic test (`not_null`); `column`: the tested column.
    """

    unique_id: str
    kind: str
    name: str = ""
    label: str = ""
    group: str = ""
    owner: tuple[str, str] = ("", "")
    meta_owner: str = ""
    criticality: str = ""
    url: str = ""
    path: str = ""
    package: str = ""
    relation: str = ""
    parents: tuple[str, ...] = ()
    source_name: str = ""
    has_freshness: bool = False
    attached: str = ""
    test: str = ""
    column: str = ""


def from_json(raw: dict[str, Any], unique_id: str = "") -> Node:
    """A node as dbt writes it; any field may be missing or of another type."""
    config, owner = mapping(raw.get("config")), mapping(raw.get("owner"))
    meta = {**mapping(raw.get("meta")), **mapping(config.get("meta"))}
    test, column = mapping(raw.get("test_metadata")), string(raw.get("column_name"))
    unique_id = unique_id or string(raw.get("unique_id"))
    return Node(
        unique_id,
        string(raw.get("resource_type")) or unique_id.partition(".")[0],
        _line(raw.get("name"), 200),
        _line(raw.get("label"), 100),
        string(raw.get("group")) or string(config.get("group")),
        (_line(owner.get("name"), 100), _line(owner.get("email"), 100)),
        _meta_owner(meta),
        _criticality(raw, meta, config),
        string(raw.get("url"))[:2000],
        string(raw.get("original_file_path"))[:1000],
        string(raw.get("package_name"))[:200],
        string(raw.get("relation_name"))[:500],
        tuple(strings(mapping(raw.get("depends_on")).get("nodes"))),
        _line(raw.get("source_name"), 200),
        _has_freshness(mapping(raw.get("freshness")) or mapping(config.get("freshness"))),
        string(raw.get("attached_node")),
        _test(test) if test else "",
        column if column and _COLUMN().fullmatch(column) else "",
    )


def is_id(value: object) -> bool:
    """Whether `value` is a unique id as dbt writes them."""
    return isinstance(value, str) and _ID().fullmatch(value) is not None


def is_asset(unique_id: str) -> bool:
    """Whether the id is of something with data or users: not a test, hook or macro."""
    return unique_id.split(".")[0] not in _NOT_ASSETS


def name_of(unique_id: str) -> str:
    """The short name of a node: `stg_orders`, `raw.orders`."""
    return ".".join(unique_id.split(".")[2:]) or unique_id


def limit(value: object) -> tuple[int, str] | None:
    """`{count: 24, period: hour}` as (24, "hour")."""
    count, period = mapping(value).get("count"), mapping(value).get("period")
    is_known = isinstance(period, str) and period in {"minute", "hour", "day"}
    if not is_known or isinstance(count, bool) or not isinstance(count, int) or count < 0:
        return None
    return count, str(period)


def _line(value: object, length: int) -> str:
    """A string on one line, cut to `length`; most are plain names, and need no cleaning."""
    if not isinstance(value, str) or not value:
        return ""
    is_plain = len(value) <= length and value.isascii() and value.isidentifier()
    return value if is_plain else cut(value, length)


def _test(metadata: dict[str, Any]) -> str:
    namespace, name = string(metadata.get("namespace")), _line(metadata.get("name"), 100)
    return f"{namespace}.{name}" if namespace and name else name


def _has_freshness(freshness: dict[str, Any]) -> bool:
    limits = (freshness.get("error_after"), freshness.get("warn_after")) if freshness else ()
    return any(limit(value) for value in limits)


def _meta_owner(meta: dict[str, Any]) -> str:
    owner = meta.get("owner")
    if isinstance(owner, dict):
        owner = owner.get("team") or owner.get("name")
    return _line(owner, 100)


def _criticality(raw: dict[str, Any], meta: dict[str, Any], config: dict[str, Any]) -> str:
    """The highest level in maturity, `meta.tier`, `meta.criticality` and tags; "" without one."""
    if not (meta or raw.get("maturity") or raw.get("tags") or config.get("tags")):
        return ""
    levels = [
        _TIERS.get(str(value).lower().removeprefix("tier").strip(" _-"), "")
        for value in (raw.get("maturity"), meta.get("tier"), meta.get("criticality"))
        if isinstance(value, (str, int))
    ]
    for tag in (*strings(raw.get("tags")), *strings(config.get("tags"))):
        if found := _TIER_TAG().fullmatch(tag.lower()):
            word = found[1] or found[2]
            levels.append({"0": "high", "critical": "high"}.get(word, _TIERS.get(word, "")))
    return next((level for level in ("high", "medium", "low") if level in levels), "")
