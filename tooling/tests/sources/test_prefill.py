"""What is known, into any document: nothing is replaced, nothing breaks, twice is once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.dbt.lineage import Edge
from incident.errors import UsageError
from incident.postmortem import document, edit
from incident.sources import Entry, Evidence, Prefill, Reached, prefill

AT = datetime.fromisoformat("2026-11-20T02:05:30+00:00")
KNOWN = Prefill(
    kind="quality",
    started_at=datetime.fromisoformat("2026-11-19T20:00:00+00:00"),
    detected_at=AT,
    detection_method="test",
    detection_source="dbt test unique on stg_orders.order_id",
    downstream=3,
    critical=True,
    assets=(Reached("dbt:model.a.b", "root"), Reached("dbt:model.a.c", "affected", "high", 2)),
    consumers=(("finance", "Margin report"),),
    lineage=(Edge("dbt:model.a.b", "dbt:model.a.c", 1), Edge("dbt:model.a.b", "table:left.out", 0)),
    observers=("finance",),
    evidence=(Evidence("dashboard", "Margin report", "https://bi.example.com/1"),),
    entries=(Entry(AT, "dbt test failed", "detected_at"),),
    sections={"summary": "What was said.", "impact": "Who uses it.", "detection": ""},
)
FULL = """\
---
id: x
kind: freshness   # ours
timestamps: {started_at: null, detected_at: "2026-11-20T03:00Z"}
detection:
  method: consumer
  source:
impact:
  critical_use_case: false
  downstream_assets: 0
  assets: [{ref: "dbt:model.a.b", role: affected}]
  consumers:
    - {team: finance, use: Margin report, decision_made: true}
observers: null
evidence:
---

## Summary

Ours.

## Impact

<!-- who -->

## Timeline

- 2026-11-20 03:00Z **detected**: finance asked
"""


def test_only_what_is_empty_is_filled() -> None:
    text, left = prefill.apply(FULL, KNOWN)
    assert left == ["no empty section for the summary"]
    data = document.parse(text, "").data
    assert data["kind"] == "freshness"
    assert data["timestamps"]["started_at"] == "2026-11-19T20:00Z"
    assert data["timestamps"]["detected_at"] == "2026-11-20T03:00Z"
    assert data["detection"]["method"] == "consumer"
    assert data["detection"]["source"] == "dbt test unique on stg_orders.order_id"
    assert data["impact"]["critical_use_case"] is False
    assert data["impact"]["downstream_assets"] == 0
    assert data["impact"]["assets"] == [
        {"ref": "dbt:model.a.b", "role": "affected"},
        {"ref": "dbt:model.a.c", "role": "affected", "criticality": "high"},
    ]
    assert data["impact"]["lineage"] == [  # between named assets only
        {"upstream": "dbt:model.a.b", "downstream": "dbt:model.a.c", "between": 1}
    ]
    assert len(data["impact"]["consumers"]) == 1
    assert data["observers"] == ["finance"]
    assert len(data["evidence"]) == 1
    assert "## Summary\n\nOurs.\n" in text
    assert "<!-- who -->\n\nWho uses it.\n" in text
    assert "- 2026-11-20 02:05Z dbt test failed\n- 2026-11-20 03:00Z **detected**" in text
    assert prefill.apply(text, KNOWN) == (text, left)


def test_a_document_without_places_is_told_so() -> None:
    text, left = prefill.apply("---\nid: x\ntimestamps: 5\n---\n", KNOWN)
    assert "no place for detection.method: test" in left
    assert "no place for 2 items of impact.assets" in left
    data = document.parse(text, "").data
    assert data["id"] == "x"
    assert data["timestamps"] == 5


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["", "x", "finance", "2026"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["ref", "team", "use", "upstream", "title", "url", "method", "assets"]),
            inner,
            max_size=2,
        )
    ),
    max_leaves=5,
)
KEYS = ["kind", "timestamps", "detection", "impact", "observers", "evidence"]


def flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(inner) for inner in value) + "]"
    return edit.render(value)


@pytest.mark.slow
@given(
    st.dictionaries(st.sampled_from(KEYS), VALUES),
    st.dictionaries(
        st.sampled_from(["assets", "lineage", "consumers", "downstream_assets"]), VALUES
    ),
    st.sampled_from(["", FULL[FULL.index("## Summary") :], "## Timeline\n\n- 10:00 a\n"]),
)
def test_any_document_keeps_what_it_says(
    values: dict[str, Any], impact: dict[str, Any], body: str
) -> None:
    lines = [f"{key}: {flow(value)}" for key, value in values.items() if key != "impact"]
    lines += ["impact:", *(f"  {key}: {flow(value)}" for key, value in impact.items())]
    text = "---\nid: x\n" + "\n".join(lines) + "\n---\n\n" + body
    before = document.parse(text, "")
    assert before.faults == []
    try:
        changed, left = prefill.apply(text, KNOWN)
    except UsageError:
        return
    after = document.parse(changed, "")
    assert after.faults == []
    for key, value in before.data.items():
        if value and not isinstance(value, (dict, list)):
            assert after.data[key] == value
        if isinstance(value, list):
            assert after.data[key][: len(value)] == value
    assert prefill.apply(changed, KNOWN) == (changed, left)


@pytest.mark.parametrize(("written", "kind"), [("null", "uniqueness"), ("a row-count test", None)])
def test_the_kind_of_a_failed_test_is_not_that_of_a_missing_check(
    written: str, kind: str | None
) -> None:
    text = f"---\ndetection: {{method: test, should_have_been: {written}}}\n---\n"
    changed, _ = prefill.apply(text, Prefill(check_kind="uniqueness"))
    assert document.parse(changed, "").get("detection", "check_kind") == kind


def test_rows_that_are_not_text_are_kept() -> None:
    impact = "impact: {consumers: [{team: []}], assets: [], lineage: [{upstream: {}}]}"
    text, _ = prefill.apply(f"---\n{impact}\n---\n", KNOWN)
    found = document.parse(text, "").data["impact"]
    assert found["consumers"][0] == {"team": []}
    assert found["lineage"][0] == {"upstream": {}}
    assert found["lineage"][1]["between"] == 1
