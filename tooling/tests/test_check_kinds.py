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
        ("a warning when the data is late", "freshness"),
        ("a row count test against the shop's order count", "reconciliation"),
        ("a test of the number of rows per day", "row_count"),
        ("the unique test on order_id", "uniqueness"),
        ("a not-null test on status", "nulls"),
        ("a contract on the columns of the export", "schema"),
        ("an accepted values test on country", "accepted_values"),
        ("an anomaly monitor on revenue", "anomaly"),
        ("a preview in the pull request", "lineage"),
        ("someone looking", "other"),
        ("", ""),
    ],
)
def test_the_words_name_a_kind(words: str, kind: str) -> None:
    assert check_kinds.suggested(words) == kind


def test_the_schema_has_the_same_kinds() -> None:
    path = resources.root() / "schemas" / "postmortem.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    values = schema["properties"]["detection"]["properties"]["check_kind"]["enum"]
    assert {*values} == {*check_kinds.KINDS, None}
