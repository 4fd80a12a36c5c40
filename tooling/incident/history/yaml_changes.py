"""What a change to a dbt YAML file does: which entries differ, and how.

An entry is compared as data: comments, order and layout don't count, nor do descriptions, `meta`,
`docs`, tags and added tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from incident.history.sql_changes import Kinds, renamed
from incident.text.lazy_regex import lazy
from incident.text.values import mapping, mappings, string

SECTIONS = {
    "models": "model",
    "seeds": "seed",
    "snapshots": "snapshot",
    "sources": "source",
    "exposures": "exposure",
    "metrics": "metric",
    "semantic_models": "semantic_model",
}
MAX_VALUES = 200_000
MAX_DEPTH = 500

_IGNORED = frozenset(
    ("description", "meta", "docs", "tags", "label", "owner", "columns", "tests", "data_tests")
)
_KINDS = {
    "freshness": "freshness",
    "loaded_at_field": "freshness",
    "loaded_at_query": "freshness",
    "contract": "contract",
    "constraints": "contract",
    "identifier": "source",
    "schema": "source",
    "database": "source",
    "loader": "source",
    "depends_on": "source",
}
_BUILD = frozenset(
    (
        *("materialized", "unique_key", "incremental_strategy", "on_schema_change", "partition_by"),
        *("cluster_by", "event_time", "begin", "lookback", "batch_size", "full_refresh", "enabled"),
        *("strategy", "updated_at", "check_cols", "invalidate_hard_deletes", "hard_deletes"),
    )
)
_BRACKET = lazy(r"[\[{\]}]")
# without brackets, every level is one column further to the right: "- - - a"
_INDENTED = lazy(rf"^[ \t?:-]{{{MAX_DEPTH}}}", re.MULTILINE)


class Key(NamedTuple):
    """An entry: `kind` as in a unique id; of a source's table, `name` is "raw.orders"."""

    kind: str
    name: str


class Test(NamedTuple):
    """A generic test. `kind`: "not_null", "dbt_utils.at_least_one"; `name`: its own, or ""."""

    kind: str
    column: str
    name: str = ""

    def called(self, key: Key) -> str:
        """The name that dbt gives to the test of an entry, as far as its arguments go."""
        package, _, kind = self.kind.rpartition(".")
        source = "source" if key.kind == "source" else ""
        parts = (package, source, kind, key.name.replace(".", "_"), self.column)
        return self.name or "_".join(filter(None, parts))


class EntryChange(NamedTuple):
    """An entry that differs. `removed`, `added`: tests that are gone or new.

    `line`: where the entry is in the new file, or 0. `is_harmless`: only tests were added.
    """

    key: Key
    kinds: Kinds
    removed: tuple[Test, ...]
    added: tuple[Test, ...]
    line: int
    is_harmless: bool = False


class _Entry(NamedTuple):
    data: dict[str, Any]
    line: int


def changes(old: str, new: str) -> list[EntryChange]:
    """The entries that differ. Raises ValueError if one of the texts is not YAML."""
    before, after = dict(_entries(old)), dict(_entries(new))
    found = []
    for key in dict.fromkeys((*after, *before)):
        was, now = before.get(key), after.get(key)
        if was is None:  # a new entry has no history
            continue
        change = _compared(was.data, now.data if now else {})
        tests = [_tests(entry.data if entry else {}) for entry in (was, now)]
        added = tuple(test for test in tests[1] if test not in tests[0])
        line = now.line if now else 0
        if change is not None:
            found.append(EntryChange(key, *change, added, line))
        elif added:
            found.append(EntryChange(key, {}, (), added, line, is_harmless=True))
    return found


def _compared(old: dict[str, Any], new: dict[str, Any]) -> tuple[Kinds, Any] | None:
    """The kinds of change to an entry, and its removed tests; None without any."""
    if not new:
        return {}, tuple(_tests(old))
    kinds: Kinds = {}
    is_changed = False
    config = {**mapping(old.get("config"))}, {**mapping(new.get("config"))}
    own = ({k: v for k, v in entry.items() if k != "config"} for entry in (old, new))
    flat = [{**below, **top} for below, top in zip(config, own, strict=True)]
    for name in sorted({*flat[0], *flat[1]} - _IGNORED - {_LINE}):
        if _text(flat[0].get(name)) != _text(flat[1].get(name)):
            is_changed = True
            kind = "build" if name in _BUILD else _KINDS.get(name, "")
            if kind:
                kinds.setdefault(kind, name)
    columns = [{string(c.get("name")): c for c in mappings(e.get("columns"))} for e in (old, new)]
    kinds |= renamed(*(list(names) for names in columns))
    for name, column in columns[0].items():
        other = columns[1].get(name)
        if other and column.get("data_type") != other.get("data_type"):
            kinds["type"] = f"{name}: {column.get('data_type')} → {other.get('data_type')}"
        if other and _text(column.get("constraints")) != _text(other.get("constraints")):
            kinds["contract"] = name
    was, _, now_called = kinds.get("rename", "").partition(" → ")
    after = _tests(new)
    before = {
        test._replace(column=now_called) if test.column and test.column == was else test: said
        for test, said in _tests(old).items()
    }
    gone = [key for key in before if key not in after]
    differ = [key for key, said in before.items() if key in after and after[key] != said]
    if gone or differ:
        only_values = not gone and all(test.kind == "accepted_values" for test in differ)
        named = (" on ".join(filter(None, (t.kind, t.column))) for t in (gone + differ)[:2])
        kinds["values" if only_values else "test"] = ", ".join(named)
    return (kinds, tuple(gone)) if kinds or is_changed else None


def _tests(entry: dict[str, Any]) -> dict[Test, str]:
    """The tests of an entry and of its columns, with their arguments."""
    found: dict[Test, str] = {}
    for holder in (entry, *mappings(entry.get("columns"))):
        column = "" if holder is entry else string(holder.get("name"))
        for key in ("tests", "data_tests"):
            listed = holder.get(key)
            for test in listed if isinstance(listed, list) else []:
                kind, name, arguments = test, "", ""
                if isinstance(test, dict) and test:
                    kind = string(test.get("test_name")) or str(next(iter(test)))
                    name = string(test.get("name")) or string(mapping(test.get(kind)).get("name"))
                    arguments = _text(test)
                if isinstance(kind, str):
                    found[Test(kind, column, name)] = arguments
    return found


def _entries(text: str) -> Iterator[tuple[Key, _Entry]]:
    data = _plain(text)
    for section, kind in SECTIONS.items():
        for entry in mappings(data.get(section)):
            name, line = string(entry.get("name")), entry.get(_LINE, 0)
            if kind != "source":
                yield Key(kind, name), _Entry(_clean(entry), line)
                continue
            shared = {k: v for k, v in entry.items() if k not in {"tables", "name", _LINE}}
            for table in mappings(entry.get("tables")):
                key = Key("source", f"{name}.{string(table.get('name'))}")
                yield key, _Entry({**shared, **_clean(table)}, table.get(_LINE, line))


_LINE = "\0line"


def _clean(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != _LINE}


def _plain(text: str) -> dict[str, Any]:
    """The YAML as plain values, every mapping with its line. Raises ValueError.

    Aliases are copied only as far as MAX_VALUES allows, so that they can't explode.
    """
    if _is_deep(text):
        raise ValueError("nested too deeply")
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return mapping(_value(node, [MAX_VALUES]))
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "nested too deeply"
        raise ValueError(f"{where}{problem}") from error


def _is_deep(text: str) -> bool:
    """Whether libyaml, which composes recursively in C, could crash the process."""
    depth = deepest = 0
    for match in _BRACKET().finditer(text):
        depth = depth + 1 if match[0] in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest > MAX_DEPTH or _INDENTED().search(text) is not None


def _value(node: yaml.Node | None, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        raise ValueError("too many values")
    if isinstance(node, yaml.MappingNode):
        pairs = {str(k.value): _value(v, budget) for k, v in node.value if k.tag != _MERGE}
        merged = [_value(v, budget) for k, v in node.value if k.tag == _MERGE]
        for one in merged:
            for part in one if isinstance(one, list) else [one]:
                pairs = {**mapping(part), **pairs}
        return {**pairs, _LINE: node.start_mark.line + 1}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, budget) for item in node.value]
    return None if node is None or node.tag == "tag:yaml.org,2002:null" else node.value


_MERGE = "tag:yaml.org,2002:merge"


def _text(value: Any) -> str:
    """A value for comparing: without lines, and with equal keys in one order."""
    return json.dumps(_unlined(value), sort_keys=True) if value is not None else ""


def _unlined(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _unlined(v) for k, v in value.items() if k not in {_LINE, "description"}}
    return [_unlined(item) for item in value] if isinstance(value, list) else value
