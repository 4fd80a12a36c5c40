"""Has it happened before? `incident list --like`, and the three nearest in `incident new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.archive import similarity
from incident.repository.config import Config
from support import git_init, run

ONE = """\
---
id: {id}
title: "{title}"
status: published
severity: P2
owner: data-platform
cause_category: {cause}
trigger: {trigger}
detection: {{method: test, source: "{source}"}}
timestamps: {{detected_at: "2025-01-01T09:40Z"}}
impact: {{assets: [{{ref: "{asset}", role: root}}]}}
action_items:
  - {{id: AI-1, title: "Lock the backfill", status: done}}
  - {{id: AI-2, title: "Test the row count", owner: ingestion, due: 2025-02-01, status: committed}}
{more}---

## Summary

{summary}
"""


def put(folder: Path, id_: str, title: str, **values: str) -> None:
    defaults = {
        "cause": "unknown",
        "trigger": "unknown",
        "source": "",
        "asset": "dbt:model.shop.other",
        "summary": "",
        "more": "",
    }
    text = ONE.format(id=id_, title=title, **{**defaults, **values})
    path = folder / "incidents" / id_[:4] / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    put(tmp_path, "2025-01-01-orders-doubled", "Orders doubled", asset="dbt:model.shop.orders")
    put(
        tmp_path,
        "2025-01-02-prices-late",
        "Prices late",
        cause="code_change",
        trigger="deploy",
        source="freshness of prices",
    )
    put(
        tmp_path,
        "2025-01-03-words",
        "Stock shows negative amounts",
        summary="A backfill ran twice.",
    )
    put(tmp_path, "2025-01-04-drill", "Orders doubled, rehearsed", more="drill: true\n")
    put(
        tmp_path,
        "2025-01-05-orders-again",
        "Orders late",
        asset="dbt:model.shop.orders",
        cause="code_change",
        trigger="deploy",
        source="freshness of prices",
    )
    return tmp_path


def like(*args: str) -> list[tuple[str, str]]:
    rows = [line.split("\t") for line in run("list", "--like", *args).stdout.splitlines()]
    return [(row[0], row[-1]) for row in rows]


def test_assets_come_first_then_checks_causes_and_triggers() -> None:
    assert like("2025-01-05-orders-again") == [
        ("2025-01-01-orders-doubled", "shares dbt:model.shop.orders; words in common: order"),
        (
            "2025-01-02-prices-late",
            "same check freshness of prices; same cause code_change; same trigger deploy",
        ),
    ]


@pytest.mark.parametrize(
    ("text", "id_", "why"),
    [
        ("dbt:model.shop.orders", "2025-01-05-orders-again", "shares dbt:model.shop.orders"),
        ("backfilled amounts of stock", "2025-01-03-words", "words in common: amount, stock"),
        ("negative backfill", "2025-01-03-words", "words in common: negative, backfill"),
    ],
)
def test_a_text_is_looked_for(text: str, id_: str, why: str) -> None:
    found = like(text)
    assert found[0][0] == id_
    assert found[0][1].startswith(why)


def test_json_says_why_and_filters_hold() -> None:
    found = json.loads(run("list", "--like", "orders", "--format", "json").stdout)
    assert [one["id"] for one in found] == ["2025-01-05-orders-again", "2025-01-01-orders-doubled"]
    assert found[0]["why"][0] == "concerns orders"
    assert like("orders", "--until", "2024-12-31") == []
    assert "WHY" in run("list", "--like", "orders", "--format", "table").stdout


def test_nothing_to_look_for_is_said() -> None:
    result = run("list", "--like", "the and of")
    assert result.exit_code == 2
    assert "nothing to search for" in result.stderr
    assert like("zebra crossing") == []


def test_a_new_incident_shows_what_was_left_unfinished() -> None:
    args = ("new", "Orders doubled again", "--severity", "P2", "--owner", "a")
    result = run(*args, "--asset", "dbt:model.shop.orders")
    assert result.stdout.count("\n") == 1
    assert "similar incidents:" in result.stderr
    assert "incidents/2025/2025-01-01-orders-doubled.md: Orders doubled (shares" in result.stderr
    assert "still open: AI-2 Test the row count (ingestion, due 2025-02-01)" in result.stderr
    assert "Lock the backfill" not in result.stderr
    assert "rehearsed" not in result.stderr
    assert "before?" not in run("-q", *args, "--stdout").stderr


def test_many_that_only_look_alike_hide_nothing(repository: Path) -> None:
    for number in range(70, 130):
        asset = f"dbt:model.shop.fct_{number}"
        put(repository, f"2026-01-01-like-{number}", "Wrong", asset=asset)
    put(repository, "2024-01-01-the-one", "Wrong", asset="dbt:model.shop.fct_7")
    assert [id_ for id_, _ in like("dbt:model.shop.fct_7")] == ["2024-01-01-the-one"]


def test_a_file_that_cannot_be_read_is_passed_over(repository: Path) -> None:
    (repository / "incidents" / "bad.md").write_bytes(b"---\norders: @x\xff\n")
    assert len(like("orders")) == 2


@given(st.text(max_size=80))
def test_any_text_may_be_asked(text: str) -> None:
    subject = similarity.of_text(text, "en", [text])
    assert similarity.nearest(subject, Config(root=Path("/nowhere")), 3) == []
    assert all(word == word.casefold() for word in similarity.words(text, "en"))
