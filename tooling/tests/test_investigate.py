"""`incident investigate`: the queries of an incident, by dbt's manifest."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from incident.investigation import identifiers, read_only
from incident.repository.queries import WAREHOUSES
from investigate_support import INCIDENT, ORDERS, RAW, columns, write_incident, write_manifest
from support import git_init, run

ID: str = INCIDENT["id"]
ALL = {
    *("freshness", "rows_by_day", "first_bad_partition", "null_rates", "duplicates"),
    "source_and_target",
}
TIME_TRAVEL = {"bigquery", "snowflake", "databricks"}
ODD = {
    "Order ID": "integer",
    'a "quoted" `one`': "text",
    "select": "text",
    "OrderedAt": "timestamp",
    "größe": "integer",
    "it's": "text",
    "x; drop table y --": "text",
    "{{ run_query('drop table y') }}": "text",
    "address": "struct<city string>",
    "address.city": "string",
    "lines.price": "numeric",
}


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git_init(tmp_path)
    write_incident(tmp_path)
    return tmp_path


def investigate(*words: str) -> dict[str, Any]:
    done = run("investigate", ID, "--json", *words)
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == (0 if found["queries"] else 1), done.stderr
    return found


def left_out(found: dict[str, Any]) -> dict[str | None, str]:
    return {one["query"]: one["reason"] for one in found["left_out"]}


def sql(root: Path, found: dict[str, Any], query: str) -> str:
    (path,) = [one["path"] for one in found["queries"] if one["query"] == query]
    text: str = (root / path).read_text()
    return text


@pytest.mark.parametrize("warehouse", WAREHOUSES)
def test_every_query_is_written_for_every_warehouse(repository: Path, warehouse: str) -> None:
    write_manifest(repository, warehouse)
    found = investigate()
    travels = {"before_and_after"} if warehouse in TIME_TRAVEL else set()
    assert {one["query"] for one in found["queries"]} == ALL | travels
    assert (found["first_day"], found["last_day"]) == ("2026-09-05", "2026-10-11")
    for one in found["queries"]:
        path = repository / one["path"]
        assert path.parent == repository / "incidents" / "2026" / ID / "queries"
        (statement,) = sqlglot.parse(path.read_text(), read=warehouse)
        assert isinstance(statement, exp.Select)
        assert statement.find(exp.Table)
    if not travels:
        assert "no time travel" in left_out(found)["before_and_after"]


@pytest.mark.parametrize("warehouse", WAREHOUSES)
def test_odd_names_are_quoted(repository: Path, warehouse: str) -> None:
    for quote in (True, False):
        changed = {"columns": columns(ODD, quote), "config": {"unique_key": ["Order ID", "select"]}}
        write_manifest(repository, warehouse, orders=changed)
        found = investigate()
        skipped = " ".join(one["reason"] for one in found["left_out"])
        assert "lines.price: nested in a column that isn't known to be a struct" in skipped
        for one in found["queries"]:
            text = (repository / one["path"]).read_text()
            (statement,) = sqlglot.parse(text, read=warehouse)
            assert isinstance(statement, exp.Select), text
        (statement,) = sqlglot.parse(sql(repository, found, "null_rates"), read=warehouse)
        assert statement
        names = {one.name for one in statement.find_all(exp.Column)}
        assert names >= {"Order ID", 'a "quoted" `one`', "größe", "it's", "x; drop table y --"}
        has_structs = warehouse in {"bigquery", "databricks", "duckdb"}
        assert ("city" in {one.name for one in statement.find_all(exp.Identifier)}) == has_structs
        folded = {"snowflake": str.upper, "postgres": str.lower, "redshift": str.lower}
        fold = str if quote else folded.get(warehouse, str)
        assert fold("select") in names
        assert f"{fold('OrderedAt')}" in text


def test_odd_names_run(repository: Path) -> None:
    names = [name for name in ODD if "." not in name]
    write_manifest(
        repository, orders={"columns": columns(ODD), "config": {"unique_key": "Order ID"}}
    )
    found = investigate()
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as shop; create schema shop.raw")
        types = {"OrderedAt": "timestamp", "address": "struct(city text)"}
        made = ", ".join(
            f"{identifiers.quoted(name, 'duckdb')} {types.get(name, 'integer')}" for name in names
        )
        connection.execute(f"create table shop.main.fct_orders ({made}, amount integer)")
        connection.execute("create table shop.raw.orders (ordered_at timestamp)")
        for one in found["queries"]:
            connection.execute((repository / one["path"]).read_text()).fetchall()


@pytest.mark.parametrize(
    ("name", "dialect", "expected"),
    [
        ("amount", "postgres", '"amount"'),
        ("Amount", "postgres", '"amount"'),
        ('"Amount"', "postgres", '"Amount"'),
        ("amount", "snowflake", '"AMOUNT"'),
        ("order id", "snowflake", '"order id"'),
        ("a`b", "bigquery", "`a\\`b`"),
        ("a`b", "databricks", "`a``b`"),
        ('a"b', "duckdb", '"a""b"'),
        ("a\nb", "duckdb", ""),
        (" ", "duckdb", ""),
        ("x" * 129, "duckdb", ""),
    ],
)
def test_a_name_is_quoted_as_the_warehouse_reads_it(name: str, dialect: str, expected: str) -> None:
    assert identifiers.quoted(name, dialect) == expected


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("loaded_at::timestamp", True),
        ("convert_timezone('UTC', loaded_at)", True),
        ("loaded_at -- x", False),
        ("x) from y", False),
        ("(select 1)", False),
        ("x; drop table y", False),
        ("{{ env_var('x') }}", False),
        ("'open", False),
        ("))((", False),
    ],
)
def test_an_expression_in_place_of_a_column_is_taken_if_it_is_simple(
    text: str, is_taken: bool
) -> None:
    assert bool(identifiers.expression(text)) == is_taken


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("select 1 as row_count", ""),
        ("-- drop it\nwith x as (select 1) select * from x", ""),
        ("select '; drop' as \"delete\"", ""),
        ("select 1; drop table x", "semicolon"),
        ("drop table x", "does not start"),
        ("with x as (delete from y returning 1) select * from x", "`delete`"),
        ("select 1 into x", "`into`"),
        ("select 'open", "not closed"),
        ("select '\\' ; drop table x --'", "backslash"),
    ],
)
def test_only_one_query_that_reads_may_run(text: str, reason: str) -> None:
    found = read_only.problem(text, "postgres")
    assert reason in found
    assert bool(found) == bool(reason)


def test_text_of_a_postmortem_never_becomes_sql(repository: Path) -> None:
    bad = 'table:raw.orders" where 1 = 1; drop table x --'
    write_incident(repository, impact={"assets": [{"ref": bad, "role": "root"}]}, signature=[])
    found = investigate("--warehouse", "postgres", "--timestamp", "ordered_at")
    text = sql(repository, found, "rows_by_day")
    (statement,) = sqlglot.parse(text, read="postgres")
    assert isinstance(statement, exp.Select)
    assert 'orders"" where 1 = 1; drop table x --"' in text


def test_a_table_without_a_manifest_needs_its_columns(repository: Path) -> None:
    ref = "sqlmesh:shop.orders"
    write_incident(repository, impact={"assets": [{"ref": ref, "role": "root"}]}, signature=[])
    assert run("investigate", ID).stderr.startswith("error: no manifest.json was found")
    found = investigate("--warehouse", "duckdb")
    assert left_out(found) == {
        None: "no column with a row's day is known: name it with --timestamp"
    }
    found = investigate("--warehouse", "duckdb", "--timestamp", "day", "--key", "order_id")
    assert 'from "shop"."orders"' in sql(repository, found, "freshness")
    assert {one["query"] for one in found["queries"]} == {"freshness", "rows_by_day", "duplicates"}


def test_only_tables_are_read_as_tables(repository: Path) -> None:
    refs = ("kafka:orders.v1", "dashboard:x.y", "table:orders", "job:load.orders")
    assets = [{"ref": ref, "role": "root"} for ref in refs]
    write_incident(repository, impact={"assets": assets}, signature=[])
    found = investigate("--warehouse", "duckdb", "--timestamp", "day")
    assert found["queries"] == []
    assert {one["reason"] for one in found["left_out"]} == {"not a table in the manifest"}


def test_another_warehouse_quotes_tables_in_its_way(repository: Path) -> None:
    write_manifest(repository, "duckdb")
    found = investigate("--warehouse", "bigquery")
    assert "from `shop`.`main`.`fct_orders`\n" in sql(repository, found, "freshness")
    write_manifest(repository, "bigquery")
    found = investigate("--warehouse", "snowflake")
    assert 'from "shop"."main"."fct_orders"\n' in sql(repository, found, "freshness")
    write_manifest(repository, orders={"relation_name": "read_csv('a.csv')"})
    assert "from read_csv('a.csv')\n" in sql(repository, investigate(), "freshness")
    write_manifest(repository, orders={"relation_name": '"a""b"'})
    assert "another warehouse" in left_out(investigate("--warehouse", "bigquery"))[None]


def test_the_column_with_a_rows_day(repository: Path) -> None:
    def day(**changed: Any) -> str:
        write_manifest(repository, orders=changed)
        found = investigate()
        if not any(one["query"] == "freshness" for one in found["queries"]):
            return left_out(found)[None]
        return sql(repository, found, "freshness").split("max(")[1].split(")")[0]

    untyped = columns({"order_id": "", "ordered_at": ""})
    assert day(columns=untyped, config={"event_time": "ordered_at"}) == '"ordered_at"'
    assert day(columns={}, config={"event_time": "Ordered_At::date"}) == "(Ordered_At::date"
    assert day(columns=untyped, config={"partition_by": {"field": "ordered_at"}}) == '"ordered_at"'
    number = {"field": "shop_id", "data_type": "int64", "range": {}}
    assert day(columns=untyped, config={"partition_by": number}).startswith("no column with")
    assert day(columns=columns({"at": "TIMESTAMP WITH TIME ZONE", "x": "text"})) == '"at"'
    two = columns({"created_at": "timestamptz", "born": "date"})
    assert day(columns=two) == (
        "several columns may have a row's day: choose with --timestamp (created_at, born)"
    )
    assert day(columns=untyped).startswith("no column with a row's day is known: set `event_time`")
    assert '"ordered_at"' in sql(repository, investigate("--timestamp", "ordered_at"), "freshness")


def test_a_column_that_dbt_does_not_describe_may_have_a_rows_day(repository: Path) -> None:
    some = columns({"order_id": "integer"})
    write_manifest(repository, orders={"columns": some}, raw={"columns": some})
    found = investigate("--timestamp", "loaded")
    assert 'max("loaded")' in sql(repository, found, "freshness")
    assert "only described columns are checked" in left_out(found)["null_rates"]
    own = {"columns": some, "config": {"event_time": "ordered_at"}}
    write_manifest(repository, orders=own)
    assert 'max("ordered_at")' in sql(repository, investigate("--timestamp", "loaded"), "freshness")
    no_day = {"columns": some, "loaded_at_field": ""}
    write_manifest(repository, orders={"columns": some}, raw=no_day)
    found = investigate("--timestamp", "loaded")
    assert (
        "no column with a row's day is known of raw.orders"
        in (left_out(found)["source_and_target"])
    )


def test_the_catalog_has_the_columns_of_the_warehouse(repository: Path) -> None:
    write_manifest(repository, "snowflake", orders={"columns": {}})
    schema = "https://schemas.getdbt.com/dbt/catalog/v1.json"
    found = {name: {"name": name, "type": kind} for name, kind in
             (("ORDER_ID", "NUMBER"), ("at", "TIMESTAMP_NTZ"))}  # fmt: skip
    content = {"metadata": {"dbt_schema_version": schema}, "nodes": {ORDERS: {"columns": found}}}
    (repository / "target" / "catalog.json").write_text(json.dumps(content))
    found_now = investigate()
    text = sql(repository, found_now, "null_rates")
    assert "null_rates" not in left_out(found_now)
    assert '"ORDER_ID"' in text
    assert 'cast("at" as date)' in text


def test_a_failing_test_gives_the_first_bad_partition(repository: Path) -> None:
    write_manifest(repository)
    text = sql(repository, investigate(), "first_bad_partition")
    assert 'when "amount" is null then' in text
    write_incident(repository, signature=[])
    assert "names no failing check" in left_out(investigate())["first_bad_partition"]
    text = sql(repository, investigate("--bad-row", "amount < 0"), "first_bad_partition")
    assert "when amount < 0 then" in text
    assert (
        "semicolon"
        in left_out(investigate("--bad-row", "1=1; drop table x"))["first_bad_partition"]
    )


def test_what_was_left_out_is_reported(repository: Path) -> None:
    changed = {"config": {}, "columns": columns({"at": "date"}), "depends_on": {"nodes": []}}
    write_manifest(repository, orders=changed)
    done = run("investigate", ID)
    assert done.stdout.splitlines() == [
        f"incidents/2026/{ID}/queries/fct_orders-{name}.sql"
        for name in ("freshness", "rows_by_day", "first_bad_partition-not_null_amount")
    ]
    for line in (
        "3 queries for DuckDB, 2026-09-05 to 2026-10-11",
        "  fct_orders null_rates: no columns are known: describe them, or run `dbt docs generate`",
        "  fct_orders duplicates: no unique key is known: add a `unique` test, or --key COLUMN",
        "  fct_orders source_and_target: what it is built from is not known",
        "  fct_orders before_and_after: DuckDB has no time travel: it needs an earlier copy",
        "Other assets (choose with --asset): orders",
        "Downstream: 1",
        "  revenue (exposure, finance)",
    ):
        assert line in done.stderr.splitlines()


def test_exposures_and_ephemeral_models_have_no_table(repository: Path) -> None:
    write_manifest(
        repository, orders={"relation_name": None, "config": {"materialized": "ephemeral"}}
    )
    assert left_out(investigate()) == {None: "the ephemeral model has no table in the manifest"}
    assert left_out(investigate("--asset", "revenue"))[None].startswith("exposures have no table")
    done = run("investigate", ID, "--asset", "ordres")
    assert done.exit_code == 2
    assert "`ordres` is not an asset of the incident or the manifest" in done.stderr


def test_edited_queries_are_kept(repository: Path) -> None:
    write_manifest(repository)
    (first, *_) = investigate()["queries"]
    path = repository / first["path"]
    assert first["state"] == "created"
    assert investigate()["queries"][0]["state"] == "unchanged"
    written = path.read_text()
    assert investigate("--since", "2026-09-20")["queries"][0]["state"] == "updated"
    edited = path.read_text().replace("select", "select 1 as one,")
    path.write_text(edited)
    assert investigate()["queries"][0]["state"] == "edited"
    assert path.read_text() == edited
    assert "1 edited, kept (overwrite with --force)" in run("investigate", ID).stderr
    assert investigate("--force")["queries"][0]["state"] == "updated"
    assert path.read_text() == written


def test_a_team_has_its_own_queries(repository: Path) -> None:
    write_manifest(repository)
    own = repository / "templates" / "queries"
    own.mkdir(parents=True)
    (own / "freshness.sql.j2").write_text("-- Ours\nselect max({{ timestamp }}) as a from x\n")
    (own / "column.sql.j2").write_text("select {{ keys[0] }} as row_count from x\n")
    (own / "purge.sql.j2").write_text("delete from {{ relation }}\n")
    found = investigate()
    assert sql(repository, found, "freshness").startswith("-- Ours: fct_orders\n")
    assert 'select "order_id" as' in sql(repository, found, "column")
    assert "not run or written: it does not start" in left_out(found)["purge"]


@pytest.mark.parametrize(
    ("changed", "words", "first", "last"),
    [
        ({}, ["--since", "2026-09-01", "--until", "2026-09-02"], "2026-09-01", "2026-09-02"),
        ({"data_window": None}, [], "2026-09-05", "2026-10-10"),
        ({"data_window": {"from": "2020-01-01", "to": None}}, [], "2025-09-06", "2026-10-10"),
    ],
)
def test_the_window(
    repository: Path, changed: dict[str, Any], words: list[str], first: str, last: str
) -> None:
    write_manifest(repository)
    write_incident(repository, **changed)
    found = investigate(*words)
    assert (found["first_day"], found["last_day"]) == (first, last)


def test_an_open_incident_is_looked_at_until_today(repository: Path) -> None:
    write_manifest(repository)
    write_incident(
        repository, timestamps={"detected_at": f"{date.today()}T00:00Z"}, data_window=None
    )
    assert investigate()["last_day"] == str(date.today())
    assert "is empty" in run("investigate", ID, "--until", "2020-01-01").stderr
    assert (
        "over 400 days"
        in run("investigate", ID, "--since", "2020-01-01", "--until", "today").stderr
    )


def test_changes_in_git_are_listed(repository: Path) -> None:
    write_manifest(repository)
    (repository / "models").mkdir()
    (repository / "models" / "fct_orders.sql").write_text("select 1")
    at = "2026-10-02T12:00:00Z"
    env = {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    for words in (["add", "models"], ["commit", "-qm", "orders: read the new field (#12)"]):
        subprocess.run(["git", *words], check=True, env={**os.environ, **env})
    found = investigate()
    assert [one["what"] for one in found["changes"]] == ["orders: read the new field"]
    assert "2026-10-02 12:00Z orders: read the new field" in run("investigate", ID).stderr
    assert [one["name"] for one in found["downstream"]] == ["revenue"]


def test_a_source_is_an_asset_too(repository: Path) -> None:
    write_manifest(repository)
    found = investigate("--asset", f"dbt:{RAW}")
    assert {one["asset"] for one in found["queries"]} == {"raw.orders"}
    assert sql(repository, found, "freshness").splitlines()[0] == "-- Freshness: raw.orders"
