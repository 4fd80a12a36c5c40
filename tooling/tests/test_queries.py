"""The queries of the first hour: they parse for every warehouse, and find what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from incident.errors import UsageError
from incident.repository import queries
from incident.repository.queries import EXAMPLE, WAREHOUSES, Queries
from support import CHECKOUT

GUIDE = CHECKOUT / "templates" / "guide"
PACKAGED = Queries()
_SQL = re.compile(r"^( *)```sql\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
STATEMENTS = (
    *(exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter),
    *(exp.Transaction, exp.Commit, exp.Set, exp.Attach, exp.Describe),
)
# correct, but unknown to sqlglot
UNKNOWN = (
    "create snapshot table analytics.orders_before clone ",
    "create table analytics.orders_before deep clone ",
    "set time zone 'utc'",
)


def check(sql: str, warehouse: str) -> list[exp.Expr]:
    """The statements of a text; fails where one does not parse."""
    found = []
    for statement in sqlglot.parse(sql, read=warehouse):
        is_known = " ".join(sql.lower().split()).startswith(UNKNOWN)
        assert is_known or isinstance(statement, STATEMENTS), f"{warehouse}: {sql}"
        assert statement
        found.append(statement)
    return found


@pytest.mark.parametrize("warehouse", WAREHOUSES)
@pytest.mark.parametrize("name", PACKAGED.names)
def test_every_query_parses_for_every_warehouse(name: str, warehouse: str) -> None:
    many = replace(EXAMPLE, keys=("a", "b"), measures=("amount", "tax"))
    none = replace(EXAMPLE, measures=())
    for subject in (EXAMPLE, many, none):
        query = PACKAGED.fill(name, warehouse, subject)
        (statement,) = check(query.sql, warehouse)
        assert isinstance(statement, exp.Select), "it only reads"
        assert query.title
        assert query.note.endswith((".", "?"))
        assert "\n\n" not in query.sql


def guide() -> Iterator[tuple[str, str]]:
    """Each SQL block of the guide, with its page."""
    for page in sorted(GUIDE.glob("*.md")):
        for indent, sql in _SQL.findall(page.read_text(encoding="utf-8")):
            yield page.stem, sql.replace(f"\n{indent}", "\n")


def test_every_sql_block_of_the_guide_parses() -> None:
    """Blocks on other pages than those of a warehouse are for all of them."""
    seen = set()
    for page, sql in guide():
        own = page.removeprefix("queries-")
        for warehouse in [own] if own in WAREHOUSES else WAREHOUSES:
            check(sql, warehouse)
            seen.add(warehouse)
    assert seen == WAREHOUSES.keys()


def test_every_warehouse_has_a_page_with_the_queries() -> None:
    for name, title in WAREHOUSES.items():
        page = (GUIDE / f"queries-{name}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# Queries: {title}\n")
        assert f"{{{{ queries {name} }}}}" in page


@pytest.fixture
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two weeks of orders, 10 a day, and a target that went wrong in five ways.

    May 5: no rows. May 8: half of them. May 10: doubled. May 12 and 13: no amounts.
    """
    with duckdb.connect() as connection:
        connection.execute("""
            set timezone = 'UTC';
            create schema raw;
            create schema analytics;
            create table raw.orders as
            select
                n as order_id,
                timestamp '2026-05-01' + interval (n // 10) day + interval (n % 10) hour
                    as ordered_at,
                n % 3 as customer_id,
                5 as amount
            from range(140) as numbers (n);
            create table analytics.orders_before as select * from raw.orders;
            create table analytics.orders as select * from raw.orders
            where cast(ordered_at as date) != '2026-05-05'
              and not (cast(ordered_at as date) = '2026-05-08' and order_id % 2 = 0);
            insert into analytics.orders
            select * from analytics.orders where cast(ordered_at as date) = '2026-05-10';
            update analytics.orders set amount = null
            where cast(ordered_at as date) in ('2026-05-12', '2026-05-13');
        """)
        yield connection


def run(connection: duckdb.DuckDBPyConnection, name: str) -> list[dict[str, object]]:
    """The result of a query."""
    result = connection.execute(PACKAGED.fill(name, "duckdb", EXAMPLE).sql)
    columns = [one[0] for one in result.description]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def day(number: int) -> date:
    return date(2026, 5, number)


def test_freshness_finds_the_newest_row(tables: duckdb.DuckDBPyConnection) -> None:
    (row,) = run(tables, "freshness")
    assert str(row["latest_row"]) == "2026-05-14 09:00:00"
    newest = datetime(2026, 5, 14, 9, tzinfo=UTC)
    hours = (datetime.now(UTC) - newest).total_seconds() / 3600
    assert row["hours_old"] == pytest.approx(hours, abs=1)


@pytest.mark.parametrize("warehouse", ["duckdb", "postgres"])
@pytest.mark.parametrize("kind", ["timestamp", "timestamptz"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles"])
def test_hours_do_not_depend_on_the_time_zone_of_the_session(
    tables: duckdb.DuckDBPyConnection, zone: str, kind: str, warehouse: str
) -> None:
    made = "now()" if kind == "timestamptz" else "now() at time zone 'UTC'"
    tables.execute(f"""
        set timezone = '{zone}';
        create or replace table analytics.orders as
        select {made} - interval 150 minute as ordered_at
    """)
    sql = PACKAGED.fill("freshness", warehouse, EXAMPLE).sql
    (translated,) = sqlglot.transpile(sql, read=warehouse, write="duckdb")
    hours = tables.execute(f"select hours_old from ({translated})").fetchone()
    assert hours == (2,)


def test_rows_by_day_shows_missing_half_and_doubled_days(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    rows = {row["day"]: row for row in run(tables, "rows_by_day")}
    assert day(5) not in rows
    assert rows[day(6)]["missing_days_before"] == 1
    assert rows[day(7)]["missing_days_before"] == 0
    assert (rows[day(8)]["row_count"], rows[day(8)]["change_pct"]) == (5, -50)
    assert (rows[day(10)]["row_count"], rows[day(10)]["change_pct"]) == (20, 100)
    assert rows[day(12)]["row_count_week_before"] is None
    assert (rows[day(11)]["amount_sum"], rows[day(13)]["amount_sum"]) == (50, None)


def test_null_rates_jump_where_a_column_is_empty(tables: duckdb.DuckDBPyConnection) -> None:
    rates = {row["day"]: row["amount_null_pct"] for row in run(tables, "null_rates")}
    assert {at for at, rate in rates.items() if rate} == {day(12), day(13)}
    assert rates[day(12)] == 100


def test_the_first_bad_partition_is_the_first_day_a_check_fails(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    assert run(tables, "first_bad_partition") == [
        {
            "first_bad_day": day(12),
            "last_bad_day": day(13),
            "bad_days": 2,
            "bad_rows_in_window": 20,
            "bad_pct": 100,
        }
    ]


def test_duplicates_are_counted_by_day(tables: duckdb.DuckDBPyConnection) -> None:
    assert run(tables, "duplicates") == [
        {"day": day(10), "duplicated_keys": 10, "rows_too_many": 10, "most_copies": 2}
    ]


def test_null_is_not_a_key(tables: duckdb.DuckDBPyConnection) -> None:
    tables.execute("update analytics.orders set order_id = null where customer_id = 1")
    rows = run(tables, "duplicates")
    assert [(row["day"], row["most_copies"]) for row in rows] == [(day(10), 2)]


@pytest.mark.parametrize(
    ("name", "left", "right"),
    [("source_and_target", "source", "target"), ("before_and_after", "before", "after")],
)
def test_two_tables_are_compared_day_by_day(
    tables: duckdb.DuckDBPyConnection, name: str, left: str, right: str
) -> None:
    rows = {row["day"]: row for row in run(tables, name)}
    assert len(rows) == 14
    differ = {at: row["row_difference"] for at, row in rows.items() if row["row_difference"]}
    assert differ == {day(5): -10, day(8): -5, day(10): 10}
    assert (rows[day(5)][f"{left}_rows"], rows[day(5)][f"{right}_rows"]) == (10, None)
    assert (rows[day(12)][f"{left}_amount"], rows[day(12)][f"{right}_amount"]) == (50, None)


_TIME_TRAVEL = re.compile(rf"{EXAMPLE.relation} (?:at \(|timestamp as of)[^\n]*")
ELSEWHERE = [
    (name, warehouse)
    for name in PACKAGED.names
    for warehouse in WAREHOUSES
    # BigQuery can't read both versions at once
    if warehouse != "duckdb" and (name, warehouse) != ("before_and_after", "bigquery")
]


@pytest.mark.parametrize(("name", "warehouse"), ELSEWHERE)
def test_every_warehouse_gives_the_same_result(
    tables: duckdb.DuckDBPyConnection, name: str, warehouse: str
) -> None:
    """As sqlglot translates its functions; the earlier version of the table is its copy here."""
    sql = _TIME_TRAVEL.sub(EXAMPLE.copy, PACKAGED.fill(name, warehouse, EXAMPLE).sql)
    (translated,) = sqlglot.transpile(sql, read=warehouse, write="duckdb")
    found = tables.execute(translated).fetchall()
    expected = [tuple(row.values()) for row in run(tables, name)]
    if name == "freshness":
        assert found == [(expected[0][0], pytest.approx(expected[0][1], abs=1))]
    else:
        assert found == expected


def test_the_affected_days_are_restored_as_the_guide_says(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    (repair,) = [sql for page, sql in guide() if page == "queries-duckdb" and "delete" in sql]
    tables.execute(repair)
    assert run(tables, "first_bad_partition")[0]["last_bad_day"] == day(12)
    assert tables.execute("select count(*) from analytics.orders").fetchone() == (135,)


def test_a_repository_has_its_own_queries(tmp_path: Path) -> None:
    own = tmp_path / queries.FOLDER
    own.mkdir(parents=True)
    (own / "freshness.sql.j2").write_text("-- Ours\nselect '{{ relation }}' as name\n")
    (own / "late_files.sql.j2").write_text("select 1 as one\n")
    found = Queries(tmp_path)
    assert found.names == [*PACKAGED.names, "late_files"]
    ours = found.fill("freshness", "duckdb", EXAMPLE)
    assert ours == ("Ours", "", "select 'analytics.orders' as name")
    assert found.fill("late_files", "duckdb", EXAMPLE).title == "Late files"
    assert "date_diff" not in ours.sql
    assert "week_before" in found.fill("rows_by_day", "duckdb", EXAMPLE).sql


def test_the_guide_lists_the_values_of_a_query() -> None:
    page = (GUIDE / "queries.md").read_text(encoding="utf-8")
    for name in ("dialect", *(one.name for one in fields(EXAMPLE))):
        assert f"`{name}`" in page


def test_a_broken_query_is_reported_with_its_file(tmp_path: Path) -> None:
    own = tmp_path / queries.FOLDER
    own.mkdir(parents=True)
    (own / "freshness.sql.j2").write_text("select {{ relatoin }}\n")
    with pytest.raises(UsageError, match=r"freshness\.sql\.j2:1: 'relatoin' is undefined"):
        Queries(tmp_path).fill("freshness", "duckdb", EXAMPLE)
