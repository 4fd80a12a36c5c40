"""A node of a dbt manifest, cut to the fields that incidents need, and the unique ids of nodes.

To use another field, add it to `Node` and to `from_json`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, string, strings

_ID = lazy(r"[a-z_]{3,30}\.[\w.-]{1,400}")
_COLUMN = lazy(r"[^\W\d]\w{0,127}")
_NOT_ASSETS = frozenset(
    {"test", "unit_test", "analysis", "operation", "macro", "doc", "sql_operation"}
)
_TIERS = {"1": "high", "2": "medium", "3": "low", "high": "high", "medium": "medium", "low": "low"}
_EMAIL = lazy(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_REFERENCE = lazy(r"\b(?:ref|source)\(([^()]{1,300})\)")
_TIER_TAG = lazy(r"(?:tier|t|p)[ _-]?([0-3])|(critical|high|medium|low)(?:[ _-]criticality)?")


class Column(NamedTuple):
    """A column as its YAML describes it. `type`: as the warehouse names it, or "".

    `is_quoted`: its case and characters count, as in `quote: true`.
    """

    name: str
    type: str = ""
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A model, source, test, exposure, metric, group or macro.

    `owners`: pairs of name and email. `criticality`: high, medium, low or "". `path`: of its file,
    from the dbt project's root. `relation`: its table in the warehouse, quoted as dbt quotes it.
    `parents`: unique ids of the nodes it depends on. `compiled`: the path of its compiled SQL.
    `materialized`: how a model is built ("view"). `columns`: the described ones. `macros`: unique
    ids of the macros it uses. `unique_key`: its columns; of a test, the columns that it requires to
    be unique together. `time_column`: says when a row was loaded or happened; may be SQL. `patch`:
    the path of the YAML file that describes it. `checksum`: SHA-256 of its file, as dbt takes it.
    `partition`: name and type of the one column that the table is partitioned by; the type may be
    "".
    Tests only: `attached`: the unique id of the tested node; `test`: the kind of a generic test
    (`not_null`); `column`: the tested column; `has_arguments`: besides the column, so that its name
    may contain values; `store_failures`: whether failing rows are kept, in `relation`.
    """

    unique_id: str
    kind: str
    name: str = ""
    label: str = ""
    group: str = ""
    owners: tuple[tuple[str, str], ...] = ()
    meta_owners: tuple[str, ...] = ()
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
    has_arguments: bool = False
    compiled: str = ""
    materialized: str = ""
    columns: tuple[Column, ...] = ()
    macros: tuple[str, ...] = ()
    unique_key: tuple[str, ...] = ()
    time_column: str = ""
    has_contract: bool = False
    store_failures: bool = False
    patch: str = ""
    checksum: str = ""
    partition: tuple[str, ...] = ()


def from_json(raw: dict[str, Any], unique_id: str = "") -> Node:
    """A node as dbt writes it; any field may be missing or of another type."""
    config = mapping(raw.get("config"))
    meta = {**mapping(raw.get("meta")), **mapping(config.get("meta"))}
    test = mapping(raw.get("test_metadata"))
    arguments = mapping(test.get("kwargs"))
    column = string(raw.get("column_name")) or string(arguments.get("column_name"))
    unique_id = unique_id or string(raw.get("unique_id"))
    depends_on = mapping(raw.get("depends_on"))
    parents = tuple(strings(depends_on.get("nodes")))
    return Node(
        unique_id,
        string(raw.get("resource_type")) or unique_id.partition(".")[0],
        _line(raw.get("name"), 200),
        _line(raw.get("label"), 100),
        string(raw.get("group")) or string(config.get("group")),
        tuple(_owners(raw.get("owner"))),
        tuple(name or email for name, email in _meta_owners(meta)) if meta else (),
        _criticality(raw, meta, config),
        string(raw.get("url"))[:2000],
        string(raw.get("original_file_path"))[:1000],
        string(raw.get("package_name"))[:200],
        string(raw.get("relation_name"))[:500],
        parents,
        _line(raw.get("source_name"), 200),
        _has_freshness(mapping(raw.get("freshness")) or mapping(config.get("freshness"))),
        string(raw.get("attached_node")) or _tested(arguments, parents),
        _test(test) if test else "",
        column if column and _COLUMN().fullmatch(column) else "",
        bool(arguments.keys() - {"column_name", "model"}),
        string(raw.get("compiled_path"))[:1000],
        string(config.get("materialized"))[:100],
        _columns(raw.get("columns")),
        tuple(strings(depends_on.get("macros"))),
        _unique(test, column, arguments) if test else _names(config.get("unique_key")),
        _line(raw.get("loaded_at_field"), 200)
        or _line(config.get("loaded_at_field"), 200)
        or _line(config.get("event_time"), 200),
        mapping(config.get("contract")).get("enforced") is True,
        config.get("store_failures") is True or bool(config.get("store_failures_as")),
        string(raw.get("patch_path")).rpartition("://")[2][:1000],
        string(mapping(raw.get("checksum")).get("checksum"))[:100],
        _partition(config.get("partition_by")),
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


def _columns(value: object) -> tuple[Column, ...]:
    """The columns of a node; dbt writes them by name."""
    found = ((_line(c.get("name"), 200), _line(c.get("data_type"), 200), c.get("quote") is True)
             for c in map(mapping, mapping(value).values()))  # fmt: skip
    return tuple(Column(*column) for column in found if column[0])


def _partition(value: object) -> tuple[str, ...]:
    """A column's name, or BigQuery's mapping; several columns are none."""
    if name := _line(mapping(value).get("field"), 200):
        return name, _line(mapping(value).get("data_type"), 50) or "date"
    names = _names(value)
    return (names[0], "") if len(names) == 1 else ()


def _names(value: object) -> tuple[str, ...]:
    """One name, or a list of names."""
    written = [value] if isinstance(value, str) else strings(value)
    return tuple(name for one in written if (name := _line(one, 200)))


def _unique(test: dict[str, Any], column: str, arguments: dict[str, Any]) -> tuple[str, ...]:
    """The columns that a test requires to be unique, one or together; none for another test."""
    kind = string(test.get("name"))
    if kind == "unique":
        return (column,) if column else ()
    if kind == "unique_combination_of_columns":
        return _names(arguments.get("combination_of_columns"))
    return ()


def _test(metadata: dict[str, Any]) -> str:
    namespace, name = string(metadata.get("namespace")), _line(metadata.get("name"), 100)
    return f"{namespace}.{name}" if namespace and name else name


def _has_freshness(freshness: dict[str, Any]) -> bool:
    limits = (freshness.get("error_after"), freshness.get("warn_after")) if freshness else ()
    return any(limit(value) for value in limits)


def _owners(value: object) -> Iterator[tuple[str, str]]:
    """Pairs of name and email, from a name, an email, a mapping, or a list of any of them."""
    for one in (value if isinstance(value, list) else [value])[:20]:
        if isinstance(one, str):
            for name in _named(one):
                yield ("", name) if _EMAIL().fullmatch(name) else (name, "")
            continue
        who = mapping(one)
        name = _line(who.get("team"), 100) or _line(who.get("name"), 100)
        written = who.get("email")
        emails = [e for text in (written if isinstance(written, list) else [written])[:20]
                  for e in _named(text)]  # fmt: skip
        if name or emails:
            yield name, emails[0] if emails else ""
            yield from (("", email) for email in emails[1:])


def _meta_owners(meta: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("owner", "owners"):
        yield from _owners(meta.get(key))


def _named(value: object) -> list[str]:
    """A text, or the addresses in it: "a@example.com, b@example.com" is two."""
    text = _line(value, 200)
    parts = [part.strip() for part in text.replace(";", ",").split(",")]
    are_emails = len(parts) > 1 and all(_EMAIL().fullmatch(part) for part in parts)
    return parts if are_emails else [text] if text else []


def _tested(arguments: dict[str, Any], parents: tuple[str, ...]) -> str:
    """The parent that a generic test names as its model: `{{ ref('orders') }}`."""
    found = _REFERENCE().search(string(arguments.get("model"))[:2000])
    if found is None:
        return ""
    names = re.findall(r"['\"]([\w.-]{1,200})['\"]", found[1])
    return next((p for p in parents if names and names[-1] in p.split(".")[2:]), "")


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
