"""An asset's table as dbt knows it: its name in SQL, its columns, keys and the day of a row.

Everything comes from dbt, or was typed on the command line. What is not certain is left out, with
the reason, instead of guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from incident.dbt import lineage
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import Column, name_of
from incident.investigation import identifiers
from incident.postmortem.model import Asset
from incident.repository.queries import WAREHOUSES, alias
from incident.text.counts import some
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import shown_line

MOST_COLUMNS = 30  # in one query
_TABLES = frozenset({"", "table", "view", "dataset", "sqlmesh", *WAREHOUSES})
_NO_DAY = (
    "no column with a row's day is known: set `event_time` or `loaded_at_field` in dbt, "
    "run `dbt docs generate`, or name it with --timestamp"
)
_DAY = lazy(r"(?:date|datetime|timestamp)(?:[\s(_].*|(?:ntz|ltz|tz)(?:\(.*)?)?", re.IGNORECASE)
_STRUCT = lazy(r"(?:struct|record|row)\b.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Table:
    """One table. `key`: its unique id in the manifest, or "". All but names and reasons is SQL.

    `timestamp`: the column with a row's day, `timestamp_name` as people write it; "" if unknown,
    and `no_timestamp` says why. `columns`: those whose nulls can be counted. `left_out`: columns
    that can't be used, with the reason. `time_travels`: whether it stores rows of its own.
    """

    ref: str
    name: str
    relation: str
    key: str = ""
    timestamp: str = ""
    timestamp_name: str = ""
    no_timestamp: str = ""
    columns: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    time_travels: bool = True


@dataclass(frozen=True)
class Reader:
    """Reads tables for one warehouse. `timestamp`, `key`: as typed on the command line, or empty.

    `catalog`: the columns by unique id, from dbt's catalog.json.
    """

    dialect: str
    manifest: Manifest | None = None
    catalog: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    timestamp: str = ""
    key: tuple[str, ...] = ()

    def of_ref(self, ref: str) -> Table | str:
        """The table of an asset, or why there is none."""
        name = Asset(ref).name
        key = ref.removeprefix("dbt:")
        if self.manifest and key in self.manifest.nodes:
            return self.of_node(key, is_asked=True)
        if ref.startswith("dbt:"):
            return "not in the manifest" if self.manifest else "needs dbt's manifest (--manifest)"
        kind, _, place = ref.rpartition(":")
        if kind not in _TABLES or "." not in place:
            return "not a table in the manifest"
        relation = identifiers.table(place, self.dialect)
        if not relation:
            return f"`{shown_line(place)[:100]}` is not the name of a table"
        timestamp = self._typed(self.timestamp, {})
        keys = tuple(filter(None, (identifiers.quoted(one, self.dialect) for one in self.key)))
        return Table(
            ref,
            name,
            relation,
            "",
            timestamp,
            self.timestamp,
            "" if timestamp else "no column with a row's day is known: name it with --timestamp",
            keys=(keys,) if keys else (),
        )

    def of_node(self, key: str, is_asked: bool = False) -> Table | str:
        """The table of a node of the manifest, or why there is none.

        `is_asked`: what was typed is about it, even a column that dbt does not describe.
        """
        assert self.manifest
        node = self.manifest.nodes[key]
        if node.kind in {"exposure", "metric", "saved_query", "semantic_model"}:
            return f"{node.kind.replace('_', ' ')}s have no table of their own"
        if not node.relation:
            kind = f"{node.materialized} " if node.materialized == "ephemeral" else ""
            return f"the {kind}{node.kind} has no table in the manifest"
        relation = identifiers.relation(node.relation, self.dialect)
        if not relation:
            return f"its table {shown_line(node.relation)[:100]} is quoted for another warehouse"
        described = list(self.catalog.get(key) or node.columns)
        exact = {one.name.casefold(): one for one in described}
        names = {low: self._sql(one, exact) for low, one in exact.items()}
        timestamp, timestamp_name, why = self._day(key, described, names, is_asked)
        columns, left_out = self._countable(described, names, timestamp)
        keys, odd = self._keys(key, names)
        return Table(
            f"dbt:{key}",
            name_of(key),
            relation,
            key,
            timestamp,
            timestamp_name,
            why,
            columns,
            keys,
            (*left_out, *odd),
            node.materialized != "view",
        )

    def _sql(self, column: Column, known: Mapping[str, Column]) -> str:
        """A column as SQL; "" if it cannot be named, or is nested in anything but a struct."""
        name = column.name
        if "." not in name:
            return identifiers.quoted(name, self.dialect, column.is_quoted)
        parts = name.casefold().split(".")
        above = [known.get(".".join(parts[:at])) for at in range(1, len(parts))]
        is_inside = all(one and _STRUCT().fullmatch(one.type) for one in above)
        return identifiers.nested(name, self.dialect) if is_inside else ""

    def _typed(self, text: str, names: Mapping[str, str]) -> str:
        """A column as dbt's configuration or a person writes it; "" if unsure."""
        if not text:
            return ""
        if known := names.get(text.strip('"`').casefold()):
            return known
        if identifiers.is_plain(text) or text[0] in '"`':
            return identifiers.quoted(text, self.dialect)
        return identifiers.expression(text)

    def _day(
        self, key: str, described: Sequence[Column], names: Mapping[str, str], is_asked: bool
    ) -> tuple[str, str, str]:
        """The column with a row's day as SQL, its name, and why there is none."""
        assert self.manifest
        node = self.manifest.nodes[key]
        is_its_own = not names or self.timestamp.casefold() in names
        if is_its_own and (sql := self._typed(self.timestamp, names)):
            return sql, self.timestamp, ""
        if sql := self._typed(node.time_column, names):
            return sql, node.time_column, ""
        is_all = key in self.catalog
        if is_asked and not is_all and (sql := self._typed(self.timestamp, names)):
            return sql, self.timestamp, ""
        types = {one.name.casefold(): one.type for one in described}
        if node.partition:
            name, type_ = node.partition
            is_day = _DAY().fullmatch(type_ or types.get(name.casefold(), ""))
            if is_day and (sql := self._typed(name, names)):
                return sql, name, ""
        days = [one for one in described if _DAY().fullmatch(one.type.strip())]
        usable = [one for one in days if names[one.name.casefold()]]
        if len(usable) == 1:
            return names[usable[0].name.casefold()], usable[0].name, ""
        if usable:
            listed = some([shown_line(one.name) for one in usable], 5)
            return (
                "",
                "",
                f"several columns may have a row's day: choose with --timestamp ({listed})",
            )
        return "", "", _NO_DAY

    def _countable(
        self, described: Sequence[Column], names: Mapping[str, str], timestamp: str
    ) -> tuple[tuple[str, ...], list[tuple[str, str]]]:
        """The columns whose nulls can be counted, and those that are left out, with the reason."""
        columns: dict[str, str] = {}  # by the name in the result
        left_out = []
        for one in described:
            sql, name = names[one.name.casefold()], shown_line(one.name)
            if not sql:
                why = "nested in a column that isn't known to be a struct"
                left_out.append((name, why if "." in one.name else "not a usable name"))
            elif alias(sql) in columns:
                left_out.append((name, "its name in the result would be that of another column"))
            elif sql != timestamp:
                columns[alias(sql)] = sql
        if len(columns) > MOST_COLUMNS:
            rest = len(columns) - MOST_COLUMNS
            left_out.append((f"{rest} more", f"a query counts at most {MOST_COLUMNS} columns"))
        return tuple(list(columns.values())[:MOST_COLUMNS]), left_out

    def _keys(
        self, key: str, names: Mapping[str, str]
    ) -> tuple[tuple[tuple[str, ...], ...], list[tuple[str, str]]]:
        """The unique keys as SQL; those that are SQL expressions are left out."""
        assert self.manifest
        written = lineage.keys(self.manifest, key)
        if self.key and not written:
            written = [self.key]
        found, left_out = [], []
        for one in written:
            columns = tuple(self._column(name, names) for name in one)
            if all(columns):
                found.append(columns)
            else:
                left_out.append((shown_line(", ".join(one))[:100], "a key that is not a column"))
        return tuple(dict.fromkeys(found)), left_out

    def _column(self, name: str, names: Mapping[str, str]) -> str:
        """A column of a key: a described one, or a name; "" for SQL."""
        known = names.get(name.strip('"`').casefold())
        if known or names.keys() >= {name.casefold()}:
            return known or ""
        is_name = identifiers.is_plain(name) or name[:1] in {'"', "`"}
        return identifiers.quoted(name, self.dialect) if is_name else ""


def upstream(manifest: Manifest, key: str) -> Iterable[str]:
    """The tables that a model is built from, by unique id."""
    kinds = {"source", "model", "seed", "snapshot"}
    parents = manifest.nodes[key].parents
    return [p for p in parents if p in manifest.nodes and manifest.nodes[p].kind in kinds]
