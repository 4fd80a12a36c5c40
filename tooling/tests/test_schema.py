"""The schema: both engines agree, and violations are words at the value's place."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import archive
from incident.postmortem import document, schema
from incident.repository import config
from support import CHECKOUT, MINIMAL


def violations(text: str) -> list[tuple[int, int, str, str]]:
    found = document.parse(text, "x.md")
    return [
        (*found.span(v.start, v.end)[:2], v.message, v.hint)
        for v in schema.check(found, schema.load())
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "message", "hint"),
    [
        ("P1", "P9", 5, 11, 'severity "P9" must be one of P0, P1, P2, P3', "P0: the business"),
        (
            "status: draft",
            "status: drft",
            4,
            9,
            'status "drft" must be one of',
            "did you mean `draft`",
        ),
        ("severity", "sevrity", 5, 1, "unknown key `sevrity`", "did you mean `severity`?"),
        ("owner: data-platform\n", "", 1, 1, "owner is missing", "add `owner:`"),
        ("owner: data-platform", "owner: 7", 6, 8, "owner must be text, got the number 7", "team"),
        ("owner: data-platform", "owner: [a]", 6, 8, "owner must be text, got a list", "team"),
        ("owner: data-platform", "owner:", 6, 1, "owner is empty (must be text)", "team"),
        ("2025-05-14-rev", "14-05-2025-rev", 2, 5, "has an invalid format", "YYYY-MM-DD-slug"),
        ("  detected_at", "  found_at", 8, 3, "unknown key `found_at`", "remove it"),
        ("owner:", "tags: [a, a]\nowner:", 6, 7, "tags has duplicate values", "keep one"),
        (
            "status: draft",
            "status: published",
            4,
            9,
            "reviewers is missing (required from `pub",
            "add",
        ),
        (
            "status: draft",
            "status: closed",
            4,
            9,
            "follow_up is missing (required from `clo",
            "add",
        ),
    ],
)
def test_violations_are_words_at_the_place(
    old: str, new: str, line: int, column: int, message: str, hint: str
) -> None:
    found = violations(MINIMAL.replace(old, new, 1))
    match = [v for v in found if message in v[2]]
    assert match, found
    assert match[0][:2] == (line, column)
    assert hint in match[0][3]


def test_a_wrong_date_in_an_action_item_says_which() -> None:
    text = MINIMAL.replace(
        "owner: data-platform",
        "owner: data-platform\naction_items:\n  - {id: AI-1, title: x, due: 2025-02-30}",
    )
    assert violations(text) == [
        (8, 31, 'action item 1: due "2025-02-30" is not a valid date', "write YYYY-MM-DD")
    ]


def test_own_keys_begin_with_x() -> None:
    assert violations(MINIMAL.replace("owner:", "x_cost_centre: 4711\nowner:")) == []


def test_every_key_has_a_title_and_a_description() -> None:
    def walk(node: dict[str, Any], path: str) -> None:
        for key, value in node.get("properties", {}).items():
            assert value.get("title"), f"{path}.{key}"
            assert value.get("description"), f"{path}.{key}"
            walk(value, f"{path}.{key}")
            walk(value.get("items", {}), f"{path}.{key}[]")

    walk(schema.load().content, "")


@pytest.mark.parametrize(
    "path", sorted((CHECKOUT / "schemas").glob("*.json")), ids=lambda p: p.name
)
def test_schemas_are_valid(path: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def agree(data: Any) -> bool:
    """Both engines' verdict; fails where they differ."""
    loaded = schema.load()
    errors = list(loaded.errors(data))
    assert loaded.gate(data) == (not errors), [error.message for error in errors]
    return not errors


def test_both_engines_agree_on_the_archive() -> None:
    loaded = archive.load(config.load(CHECKOUT))
    assert len(loaded.entries) >= 7
    assert all(agree(entry.document.data) for entry in loaded.entries)


_SMALL = st.none() | st.booleans() | st.integers(-2, 9) | st.text("AI-1P2025x", max_size=10)
_VALUES = st.recursive(
    _SMALL | st.sampled_from(["2025-05-14", "2025-02-30", "P1", "published", "closed", "test"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "title", "due", "method", "x_a", "ref"]), inner)
    ),
    max_leaves=6,
)
_KEYS = sorted(schema.load().content["properties"])
_FULL: dict[str, Any] = {
    "id": "2025-05-14-x",
    "title": "x",
    "status": "closed",
    "severity": "P1",
    "owner": "a",
    "kind": "schema",
    "cause_category": "unknown",
    "trigger": "deploy",
    "roles": {"incident_lead": "a"},
    "reviewers": ["b"],
    "timestamps": dict.fromkeys(("started_at", "detected_at", "resolved_at"), "x"),
    "detection": {"method": "test"},
    "impact": {"summary": "x", "assets": [{"ref": "a"}]},
    "action_items": [{"id": "AI-1", "title": "x", "type": "detect", "status": "done"}],
    "follow_up": {"two_weeks": "2025-06-01", "three_months": "2025-09-01"},
}


@given(st.dictionaries(st.sampled_from([*_KEYS, "unknown"]), _VALUES, max_size=4))
def test_both_engines_agree_on_anything(changes: dict[str, Any]) -> None:
    assert agree(_FULL)
    data = copy.deepcopy(_FULL) | changes
    agree(data)
    agree(changes)
