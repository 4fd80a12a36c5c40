"""Kinds of change to a dbt project's files: SQL, seeds and YAML."""

from __future__ import annotations

import time

import pytest

from incident.history import sql_changes, yaml_changes
from incident.history.yaml_changes import Key

MODEL = """\
{{ config(materialized='incremental', unique_key='order_id') }}
with o as (select * from {{ source('raw', 'orders') }})
select
    o.order_id,
    o.status,  -- as the shop calls it
    cast(o.amount as numeric(10, 2)) as amount,
    o.amount * 0.19 as vat
from o
left join {{ ref('stg_customers') }} c on c.id = o.customer_id
where o.status in ('completed', 'returned')
  and not o.is_test
"""
ONE_LINE = "select order_id, status from {{ ref('raw_orders') }} where amount > 0"


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("o.status,", "o.state as status,", {"rename": "status → state"}),
        ("o.status,", "o.status as order_status,", {"rename": "status → order_status"}),
        ("    o.order_id,\n", "", {"drop": "order_id"}),
        ("    o.order_id,", "    o.order_id,\n    o.extra,", {}),
        ("numeric(10, 2)", "float", {"type": ""}),
        ("  and not o.is_test\n", "", {"filter": ""}),
        ("left join", "inner join", {"join": ""}),
        ("select * from", "select distinct * from", {"duplicates": ""}),
        ("'order_id'", "'id'", {"build": ""}),
        ("'returned'", "'refunded'", {"filter": "", "values": ""}),
        ("0.19", "0.2", {"number": "0.19 → 0.2"}),
        ("ref('stg_customers')", "ref('dim_customers')", {"join": "", "source": ""}),
        ("o.status,", "coalesce(o.status, 'new') as status,", {"nulls": ""}),
        ("o.amount * 0.19", "sum(o.amount)", {"aggregation": ""}),
        ("o.order_id,", "date_trunc('day', o.at) as order_id,", {"time": ""}),
    ],
)
def test_a_change_to_sql_has_kinds(old: str, new: str, kinds: dict[str, str]) -> None:
    assert old in MODEL
    assert sql_changes.kinds(MODEL, MODEL.replace(old, new)) == kinds


@pytest.mark.parametrize(
    "new",
    [
        MODEL.replace("-- as the shop calls it", "-- another comment"),
        MODEL.replace("    o.order_id", "  o.order_id").upper().replace("RETURNED", "returned"),
        MODEL.replace("from o\n", "from o\n{# a comment\n over lines #}\n/* and\n this */\n"),
    ],
)
def test_layout_and_comments_are_no_change(new: str) -> None:
    assert sql_changes.kinds(MODEL, new) is None


def test_a_statement_on_one_line_is_read_in_parts() -> None:
    new = ONE_LINE.replace("status", "state as status")
    assert sql_changes.kinds(ONE_LINE, new) == {"rename": "status → state"}


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        ("select id, email as contact_email\nfrom a", {"rename": "email → contact_email"}),
        ("select * exclude (email), a.email as mail\nfrom a", {"rename": "email → mail"}),
        ("select *, email as contact_email\nfrom a", {}),
        ("select id, a.email, lower(email) as mail\nfrom a", {}),
        ("select id, null as mail, 1 as one\nfrom a", {}),
    ],
)
def test_a_column_that_a_star_had_is_renamed(new: str, kinds: dict[str, str]) -> None:
    assert sql_changes.kinds("select *\nfrom a", new) == kinds


@pytest.mark.parametrize("part", ["cast(", "/*", "{{", "a as ", "(", "'", "x"])
def test_hostile_sql_takes_no_time(part: str) -> None:
    begun = time.process_time()
    sql_changes.kinds(part * 60_000, "select 1")
    assert time.process_time() - begun < 3


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("id,vat\n1,19", "id,rate\n1,19", {"rename": "vat → rate"}),
        ("id,vat\n1,19", "id\n1", {"drop": "vat"}),
        ("id,vat\n1,19", "id,vat\n1,20", {"values": ""}),
        ("id,vat\n1,19", "id,vat\n1,19\n", None),
    ],
)
def test_a_change_to_a_seed_has_kinds(old: str, new: str, kinds: dict[str, str] | None) -> None:
    assert sql_changes.of_seed(old, new) == kinds


YAML = """\
version: 2
models:
  - name: fct_orders
    description: one row per order
    config: {materialized: table, contract: {enforced: true}}
    columns:
      - name: order_id
        data_type: bigint
        tests: [unique, not_null]
      - name: status
        data_tests:
          - accepted_values: {values: [a, b]}
  - name: other
sources:
  - name: raw
    schema: raw
    tables:
      - name: orders
        freshness: {error_after: {count: 24, period: hour}}
        columns: [{name: status}]
      - name: payments
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "kinds"),
    [
        ("materialized: table", "materialized: view", "fct_orders", {"build": "materialized"}),
        ("enforced: true", "enforced: false", "fct_orders", {"contract": "contract"}),
        ("bigint", "int", "fct_orders", {"type": "order_id: bigint → int"}),
        ("unique, not_null", "unique", "fct_orders", {"test": "not_null on order_id"}),
        ("[a, b]", "[a, b, c]", "fct_orders", {"values": "accepted_values on status"}),
        ("count: 24", "count: 48", "raw.orders", {"freshness": "freshness"}),
        ("[{name: status}]", "[{name: state}]", "raw.orders", {"rename": "status → state"}),
        ("      - name: payments\n", "", "raw.payments", {}),
    ],
)
def test_only_the_entry_that_differs_is_changed(
    old: str, new: str, key: str, kinds: dict[str, str]
) -> None:
    assert old in YAML
    (change,) = yaml_changes.changes(YAML, YAML.replace(old, new))
    assert (change.key.name, change.kinds) == (key, kinds)


def test_what_all_tables_of_a_source_share_changes_each() -> None:
    found = yaml_changes.changes(YAML, YAML.replace("schema: raw", "schema: raw_v2"))
    keys = [Key("source", "raw.orders"), Key("source", "raw.payments")]
    assert [change.key for change in found] == keys


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("one row per order", "another description"),
        ("version: 2\n", "version: 2\n# a comment\n\n"),
        ("[unique, not_null]", "[unique, not_null, positive]"),
        ("  - name: other\n", "  - name: other\n    meta: {owner: data}\n  - name: new\n"),
    ],
)
def test_documentation_new_entries_and_new_tests_are_no_change(old: str, new: str) -> None:
    changes = yaml_changes.changes(YAML, YAML.replace(old, new))
    assert all(change.is_harmless for change in changes)
    added = [test.kind for change in changes for test in change.added]
    assert added == (["positive"] if "positive" in new else [])


def test_tests_of_a_renamed_column_move_with_it() -> None:
    (change,) = yaml_changes.changes(YAML, YAML.replace("- name: status", "- name: state"))
    assert change.kinds == {"rename": "status → state"}
    assert change.removed == ()


@pytest.mark.parametrize("key", ["tests", "data_tests"])
def test_removed_tests_are_named(key: str) -> None:
    old = f"models: [{{name: m, {key}: [shop.rows], columns: [{{name: c, {key}: [unique]}}]}}]"
    (change,) = yaml_changes.changes(old, "models: [{name: m, columns: [{name: c}]}]")
    assert [(test.kind, test.column) for test in change.removed] == [
        *(("shop.rows", ""), ("unique", "c")),
    ]


@pytest.mark.parametrize(
    ("test", "kind", "name", "expected"),
    [
        ("unique", "model", "m", "unique_m_c"),
        ("unique", "source", "raw.orders", "source_unique_raw_orders_c"),
        ("dbt_utils.not_empty", "source", "raw.orders", "dbt_utils_source_not_empty_raw_orders_c"),
        ("{unique: {name: rows_are_whole}}", "model", "m", "rows_are_whole"),
        ("{name: rows_are_whole, test_name: unique}", "model", "m", "rows_are_whole"),
    ],
)
def test_a_removed_test_is_called_as_dbt_calls_it(
    test: str, kind: str, name: str, expected: str
) -> None:
    columns = f"columns: [{{name: c, tests: [{test}]}}]"
    if kind == "source":
        source, _, table = name.partition(".")
        old = f"sources: [{{name: {source}, tables: [{{name: {table}, {columns}}}]}}]"
    else:
        old = f"models: [{{name: {name}, {columns}}}]"
    (change,) = yaml_changes.changes(old, old.replace(f"tests: [{test}]", "quote: true"))
    assert [one.called(change.key) for one in change.removed] == [expected]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "line 2: "),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ("- " * 20_000, "nested too deeply"),
        (
            "a0: &a0 [1, 1]\n"
            + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]\n" for i in range(1, 30)),
            "too many values",
        ),
    ],
)
def test_yaml_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        yaml_changes.changes(YAML, text)
