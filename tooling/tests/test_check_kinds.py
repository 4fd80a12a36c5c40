"""The kind of check that should have caught an incident, from its words."""

from __future__ import annotations

import json

import pytest

from incident.archive import check_kinds
from incident.repository import resources


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("a freshness check on the source", "freshness"),
        ("Freshness", "freshness"),
        ("a warning when the data is late", "freshness"),
        ("an alert if the export has not been updated for a day", "freshness"),
        ("the monitor on the freshness of raw.orders", "freshness"),
        ("a row-count test on fct_orders", "row_count"),
        ("a test of the number of rows per day", "row_count"),
        ("dbt:test.shop.orders_row_count", ""),
        ("a row count test against the shop's order count", "reconciliation"),
        ("a daily reconciliation with the ledger", "reconciliation"),
        ("the unique test on order_id", "uniqueness"),
        ("the uniqueness test on fct_orders, which runs only at night", "uniqueness"),
        ("a check for duplicate orders", "uniqueness"),
        ("dbt:test.shop.unique_orders_order_id.fed79b3a6e", "uniqueness"),
        ("a not-null test on status", "nulls"),
        ("dbt:test.shop.not_null_orders_customer_id", "nulls"),
        ("`not_null` on customer_id", "nulls"),
        ("a check for missing values in segment", "nulls"),
        ("a contract on the columns of the export", "schema"),
        ("a schema test on the vendor's file", "schema"),
        ("an alert on schema changes", "schema"),
        ("an accepted values test on country", "accepted_values"),
        ("an anomaly monitor on revenue", "anomaly"),
        ("a lineage check in CI", "lineage"),
    ],
)
def test_words_that_name_one_kind(words: str, kind: str) -> None:
    assert check_kinds.suggested(words) == kind


@pytest.mark.parametrize(
    "words",
    [
        "",
        "someone looking",
        "a preview in the pull request",
        "a data quality check",
        "a test that gift cards have the rate 0",
        "the same test; it fired 20 minutes after the deadline",
        # two kinds, or one and something else
        "a not-null test on segment, and a freshness check",
        "a freshness test or a screenshot of the report",
        "a row-count test, with an alert on failed jobs",
        "an anomaly monitor on row counts",
        # not a check that should have been there
        "nothing: the source has no freshness",
        "not the uniqueness test, which passed",
        "a person, instead of the freshness test",
        "maybe a row-count test?",
        "a row-count test wouldn't have helped",
        # a count against something other than its source
        "the row count test against last week's",
        # words that a kind also uses
        "a check of the customer's age",
        "a test of the columns for empty strings and spaces",
        "the contract with the vendor",
        "a unique identifier for each job",
        "a rule about late payments",
        "dbt:test.shop.unique_visitors_are_positive",
        "a freshness test " + "and so on " * 40,
    ],
)
def test_words_that_leave_a_doubt_name_none(words: str) -> None:
    assert check_kinds.suggested(words) == ""


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["not_null"], "nulls"),
        (["dbt_utils.accepted_range", "accepted_values"], "accepted_values"),
        (["expect_column_values_to_be_unique", "unique"], "uniqueness"),
        (["relationships"], "other"),
        (["unique", "not_null"], ""),
        (["not_null", "revenue_is_positive"], ""),
        (["revenue_is_positive"], ""),
        ([], ""),
    ],
)
def test_tests_of_one_kind(names: list[str], kind: str) -> None:
    assert check_kinds.of_tests(names) == kind


def test_the_schema_has_the_same_kinds() -> None:
    path = resources.root() / "schemas" / "postmortem.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    values = schema["properties"]["detection"]["properties"]["check_kind"]["enum"]
    assert {*values} == {*check_kinds.KINDS, None}
