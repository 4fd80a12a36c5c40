"""Which queries an incident needs, filled in, and which were left out and why."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta

from incident.dbt.manifest import Manifest
from incident.dbt.nodes import name_of
from incident.errors import UsageError
from incident.investigation import identifiers, read_only, tables
from incident.investigation.tables import Reader, Table
from incident.postmortem.model import Asset, Postmortem
from incident.repository.queries import WAREHOUSES, Queries, Subject
from incident.text.counts import some
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import shown_line

BEFORE = 28  # days that show what is usual, with each weekday four times
AFTER = 7
LONGEST = 400  # days: also the limit on rows
MOST_ASSETS = 10
MOST_SOURCES = 3
_NAMED = 5  # sources named in a reason
_TIME_TRAVEL = {
    "bigquery": "BigQuery keeps 7 days of it",
    "snowflake": "Snowflake keeps 1 day of it unless configured",
    "databricks": "Databricks keeps as much as VACUUM leaves",
}
_NOT_WORD = lazy(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Window:
    """Days to look at, `end` excluded; `wrong`: the days that the postmortem calls wrong.

    `started`: the day on which it started, or was detected, None if unknown.
    """

    first: date
    end: date
    wrong: tuple[date | None, date | None] = (None, None)
    started: date | None = None


@dataclass(frozen=True)
class Planned:
    """One query. `file`: its name; `text`: the file's content; `sql`: only the statement.

    `keys`: the unique ids of the tables that it reads. `is_own`: by a template of the repository.
    """

    asset: str
    query: str
    file: str
    title: str
    sql: str
    text: str
    window: Window
    keys: tuple[str, ...] = ()
    is_own: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A query, or with "" all of them, that an asset does not get."""

    asset: str
    query: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """`keys`: the unique ids of the assets in the manifest. `others`: assets not looked at."""

    queries: tuple[Planned, ...]
    left_out: tuple[LeftOut, ...]
    keys: tuple[str, ...]
    others: tuple[str, ...]
    window: Window
    dialect: str


def window(p: Postmortem, today: date, first: date | None, last: date | None) -> Window:
    """The days around the wrong data, from four weeks before. Raises UsageError."""
    starts = [
        p.wrong_from,
        *(p.times[k].date() for k in ("started_at", "detected_at") if k in p.times),
    ]
    known = [day for day in starts if day] or [p.date or today]
    start = first or min(min(known), today) - timedelta(days=BEFORE)
    ends = [p.wrong_to, p.times["resolved_at"].date() if "resolved_at" in p.times else None]
    over = [day for day in ends if day]
    end = last or (
        today if p.is_ongoing or not over else min(today, max(over) + timedelta(days=AFTER))
    )
    if start > end:
        raise UsageError(
            f"the window from {start} to {end} is empty", "correct --since and --until"
        )
    if (end - start).days >= LONGEST:
        if first and last:
            raise UsageError(
                f"the window has over {LONGEST} days", "narrow it with --since and --until"
            )
        if first:
            end = first + timedelta(days=LONGEST - 1)
        else:
            start = end - timedelta(days=LONGEST - 1)
    return Window(start, end + timedelta(days=1), (p.wrong_from, p.wrong_to), _started(p))


def _started(p: Postmortem) -> date | None:
    times = [p.times[key].date() for key in ("started_at", "detected_at") if key in p.times]
    return p.wrong_from or next(iter(times), None)


def chosen(
    p: Postmortem, names: Sequence[str], manifest: Manifest | None
) -> tuple[list[str], list[str]]:
    """The references to look at, and the incident's other ones. Raises UsageError.

    Those named; else where it started and what failed; else all of them.
    """
    refs = list(dict.fromkeys(asset.ref for asset in p.assets))
    if names:
        found: list[str] = []
        for name in names:
            same = [ref for ref in refs if name in {ref, Asset(ref).name}]
            same = same or [f"dbt:{key}" for key in (manifest.named(name) if manifest else [])]
            if not same:
                raise UsageError(
                    f"`{name}` is not an asset of the incident or the manifest",
                    "use a name from `impact.assets`, or a node of dbt",
                )
            found += same
        return list(dict.fromkeys(found)), []
    roots = [asset.ref for asset in p.assets if asset.role == "root"]
    failed = [one.asset for one in p.signatures if one.asset]
    picked = list(dict.fromkeys(roots + failed)) or [
        a.ref for a in p.assets if a.role != "exposure"
    ]
    picked = picked[:MOST_ASSETS]
    return picked, [ref for ref in refs if ref not in picked]


def make(
    p: Postmortem, refs: Sequence[str], reader: Reader, queries: Queries, span: Window, bad_row: str
) -> Plan:
    """Fill in every query that is possible. Raises UsageError if a template is broken."""
    planned: list[Planned] = []
    left: list[LeftOut] = []
    keys: list[str] = []
    for ref in refs:
        table = reader.of_ref(ref)
        if isinstance(table, str):
            left.append(LeftOut(Asset(ref).name, "", table))
            continue
        if table.key:
            keys.append(table.key)
        maker = _Maker(p, table, reader, queries, span, bad_row)
        made = list(maker.every())
        planned += [one for one in made if isinstance(one, Planned)]
        left += [one for one in made if isinstance(one, LeftOut)]
    return Plan(tuple(_unique(planned)), tuple(left), tuple(keys), (), span, reader.dialect)


@dataclass(frozen=True)
class _Maker:
    """Makes the queries of one table."""

    p: Postmortem
    table: Table
    reader: Reader
    queries: Queries
    span: Window
    bad_row: str

    def every(self) -> Iterator[Planned | LeftOut]:
        """Every query in the order of use, or why it was left out."""
        for name in self.queries.names:
            if not self.table.timestamp:
                break
            yield from self._makers.get(name, self._other)(name)
        else:
            for column, reason in self.table.left_out:
                yield self._skip("", f"{column}: {reason}")
            return
        yield self._skip("", self.table.no_timestamp)

    @property
    def _makers(self) -> dict[str, Callable[[str], Iterator[Planned | LeftOut]]]:
        return {
            "null_rates": self._null_rates,
            "duplicates": self._duplicates,
            "first_bad_partition": self._first_bad_partition,
            "source_and_target": self._source_and_target,
            "before_and_after": self._before_and_after,
        }

    def _subject(self, **values: object) -> Subject:
        window = self.span
        return Subject(
            self.table.relation,
            self.table.timestamp,
            window.first.isoformat(),
            window.end.isoformat(),
            **values,  # type: ignore[arg-type]
        )

    def _skip(self, query: str, reason: str) -> LeftOut:
        return LeftOut(self.table.name, query, reason)

    def _fill(
        self, name: str, subject: Subject, about: str = "", note: str = "", source: str = ""
    ) -> Planned | LeftOut:
        dialect = self.reader.dialect
        filled = self.queries.fill(name, dialect, subject)
        if problem := read_only.problem(filled.sql, dialect):
            return self._skip(name, f"not run or written: {problem}")
        title = f"{filled.title}: {self.table.name}{f', {about}' if about else ''}"
        file = "-".join(filter(None, (_word(self.table.name), name, _word(about)))) + ".sql"
        notes = " ".join(
            filter(None, (filled.note, note, f"Days are {self.table.timestamp_name}, in UTC if the "
            f"session is. Warehouse: {WAREHOUSES[dialect]}."))
        )  # fmt: skip
        head = [title, *textwrap.wrap(shown_line(notes), 97)]
        text = "".join(f"-- {shown_line(line)}\n" for line in head) + f"{filled.sql}\n"
        keys = tuple(filter(None, (self.table.key, source)))
        return Planned(
            self.table.name,
            name,
            file,
            title,
            filled.sql,
            text,
            self.span,
            keys,
            self.queries.is_own(name),
        )

    def _other(self, name: str) -> Iterator[Planned | LeftOut]:
        """Freshness, rows by day, and a team's own query, which gets all that is known."""
        keys = self.table.keys[0] if self.table.keys else ()
        yield self._fill(name, self._subject(keys=keys, columns=self.table.columns))

    def _null_rates(self, name: str) -> Iterator[Planned | LeftOut]:
        if not self.table.columns:
            yield self._skip(
                name, "no columns are known: describe them, or run `dbt docs generate`"
            )
            return
        yield self._fill(name, self._subject(columns=self.table.columns))
        if self.table.key and self.table.key not in self.reader.catalog:
            reason = "only described columns are checked; run `dbt docs generate` for all of them"
            yield self._skip(name, reason)

    def _duplicates(self, name: str) -> Iterator[Planned | LeftOut]:
        if not self.table.keys:
            yield self._skip(name, "no unique key is known: add a `unique` test, or --key COLUMN")
        for number, key in enumerate(self.table.keys):
            about = "" if not number else " ".join(key)
            yield self._fill(name, self._subject(keys=key), about)

    def _first_bad_partition(self, name: str) -> Iterator[Planned | LeftOut]:
        if self.bad_row:
            yield self._fill(name, self._subject(bad_row=self.bad_row))
            return
        failing = list(_failing(self.p, self.table.key, self.reader.manifest))
        if not failing:
            yield self._skip(
                name, "the incident names no failing check of it (`signature`): add --bad-row SQL"
            )
        for test, kind, column in failing:
            sql = self._column(column) if kind == "not_null" else ""
            if sql:
                yield self._fill(name, self._subject(bad_row=f"{sql} is null"), test)
            elif kind == "unique":
                yield self._skip(name, f"{test}: `duplicates` has its days")
            else:
                yield self._skip(name, f"{test}: its condition is not known; add --bad-row SQL")

    def _column(self, name: str) -> str:
        """A tested column as SQL."""
        same = [sql for sql in self.table.columns if _word(sql) == _word(name)]
        return same[0] if len(same) == 1 else identifiers.quoted(name, self.reader.dialect)

    def _source_and_target(self, name: str) -> Iterator[Planned | LeftOut]:
        manifest = self.reader.manifest
        above = (
            list(tables.upstream(manifest, self.table.key)) if manifest and self.table.key else []
        )
        if not above:
            yield self._skip(name, "what it is built from is not known")
            return
        found, without = [], []
        for key in above:
            source = self.reader.of_node(key)
            if isinstance(source, Table) and source.timestamp:
                found.append(source)
            else:
                without.append(name_of(key))
        for source in found[:MOST_SOURCES]:
            subject = self._subject(source=source.relation, source_timestamp=source.timestamp)
            about = source.name if len(found) > 1 else ""
            yield self._fill(name, subject, about, source=source.key)
        if without:
            reason = f"no column with a row's day is known of {some(without, _NAMED)}"
            yield self._skip(name, reason)
        if len(found) > MOST_SOURCES:
            rest = some([one.name for one in found[MOST_SOURCES:]], _NAMED)
            yield self._skip(name, f"at most {MOST_SOURCES} sources are compared; not {rest}")

    def _before_and_after(self, name: str) -> Iterator[Planned | LeftOut]:
        dialect = self.reader.dialect
        if dialect not in _TIME_TRAVEL:
            reason = f"{WAREHOUSES[dialect]} has no time travel: it needs an earlier copy"
            yield self._skip(name, reason)
            return
        if not self.table.time_travels:
            yield self._skip(name, "a view has no earlier version")
            return
        before = self.p.times.get("started_at") or self.p.times.get("detected_at")
        if before is None:
            yield self._skip(name, "when it started is not known: set `started_at`")
            return
        moment = before.astimezone(UTC) - timedelta(minutes=1)
        note = f"{_TIME_TRAVEL[dialect]}."
        yield self._fill(name, self._subject(as_of=f"{moment:%Y-%m-%dT%H:%M:%SZ}"), "", note)


def _failing(p: Postmortem, key: str, manifest: Manifest | None) -> Iterator[tuple[str, str, str]]:
    """The failing checks of an asset: a short name, the kind, and the column."""
    if manifest is None or not key:
        return
    for one in p.signatures:
        short = one.check.removeprefix("dbt:")
        for test, node in manifest.nodes.items() if short.startswith("test.") else ():
            if (test == short or test.startswith(f"{short}.")) and node.attached == key:
                what = "_".join(filter(None, (node.test or node.name, node.column)))
                yield what, node.test, node.column


def _word(text: str) -> str:
    """A part of a file's name."""
    return _NOT_WORD().sub("_", text.lower()).strip("_")[:60]


def _unique(planned: Sequence[Planned]) -> Iterator[Planned]:
    """Two assets may have the same name: the second file gets a number."""
    seen: dict[str, int] = {}
    for one in planned:
        seen[one.file] = seen.get(one.file, 0) + 1
        number = seen[one.file]
        yield one if number == 1 else replace(one, file=f"{one.file[:-4]}-{number}.sql")
