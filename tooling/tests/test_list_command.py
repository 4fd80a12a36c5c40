"""`incident list`, and `incident rule`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident import rules
from support import git_init, run

ONE = """\
---
id: 2025-05-14-revenue-drops
title: "Daily revenue\\t18% low"
status: published
severity: P1
kind: correctness
owner: data-platform
tags: [revenue]
timestamps: {started_at: "2025-05-14T02:15Z", detected_at: "2025-05-14T09:40Z"}
impact: {assets: [{ref: "dbt:model.shop.revenue_clean"}]}
action_items: [{id: AI-1, title: x, status: done}, {id: AI-2, title: y, status: committed}]
---
"""
TWO = """\
---
id: 2026-01-02-orders-late
title: Orders late
status: draft
severity: P3
owner: ingestion
timestamps: {detected_at: "2026-01-02T09:40+01:00"}
---
"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    (folder / "2025-05-14-revenue-drops.md").write_text(ONE, encoding="utf-8")
    (folder / "2026-01-02-orders-late.md").write_text(TWO, encoding="utf-8")
    (folder / "README.md").write_text("about", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_piped_it_is_tab_separated_newest_first_without_a_head() -> None:
    assert run("list").stdout.splitlines() == [
        "2026-01-02-orders-late\tP3\tdraft\tingestion\t0\t\t\tOrders late",
        "2025-05-14-revenue-drops\tP1\tpublished\tdata-platform\t1\t7 h 25 min\t"
        "\tDaily revenue 18% low",
    ]


@pytest.mark.parametrize(
    ("args", "ids"),
    [
        (["--severity", "P1"], ["2025-05-14-revenue-drops"]),
        (["--status", "draft"], ["2026-01-02-orders-late"]),
        (["--owner", "ingestion", "--owner", "data-platform"], ["2026-01-02", "2025-05-14"]),
        (["--asset", "revenue_clean"], ["2025-05-14"]),
        (["--tag", "revenue"], ["2025-05-14"]),
        (["--kind", "correctness"], ["2025-05-14"]),
        (["--since", "2025-12-31"], ["2026-01-02"]),
        (["--until", "2025-05-14"], ["2025-05-14"]),
        (["--severity", "P0"], []),
    ],
)
def test_filters(args: list[str], ids: list[str]) -> None:
    lines = run("list", *args).stdout.splitlines()
    assert len(lines) == len(ids)
    assert all(line.startswith(id_) for line, id_ in zip(lines, ids, strict=True))


def test_json_has_everything() -> None:
    found = json.loads(run("list", "--format", "json", "--severity", "P1").stdout)
    assert found[0]["assets"] == ["dbt:model.shop.revenue_clean"]
    assert found[0]["open_action_items"] == 1
    assert found[0]["path"] == "incidents/2025/2025-05-14-revenue-drops.md"


def test_a_table_has_a_head() -> None:
    lines = run("list", "--format", "table").stdout.splitlines()
    head = " ".join(lines[0].split())
    assert head == "ID SEV STATUS OWNER OPEN TO DETECT TO RESOLVE TITLE"
    assert len(lines) == 3


def test_what_cannot_be_read_is_said(repository: Path) -> None:
    (repository / "incidents" / "bad.md").write_text("---\na: @b\n---\n", encoding="utf-8")
    result = run("list")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    assert "incidents/bad.md:2: not listed: a value cannot start with `@`" in result.stderr


@pytest.mark.parametrize("word", ["INC202", "inc202", "what-went-well"])
def test_a_rule_has_a_page(word: str) -> None:
    page = run("rule", word).stdout
    assert page.startswith("# What went well has a concrete answer.\n\n`INC202` · `what-went-well`")
    assert "## Fails" in page
    assert "incident-ignore: what-went-well -- reason" in page


def test_rules_are_listed_and_all_have_pages() -> None:
    listed = run("rule").stdout.splitlines()
    assert len(listed) == len(rules.all_rules())
    everything = run("rule", "--all").stdout
    assert all(f"`{rule.code}`" in everything for rule in rules.all_rules())
    found = json.loads(run("rule", "--all", "--format", "json").stdout)
    assert [rule["code"] for rule in found] == [rule.code for rule in rules.all_rules()]


def test_an_unknown_rule_exits_2_and_suggests_one() -> None:
    result = run("rule", "what-wnt-well")
    assert result.exit_code == 2
    assert "did you mean `what-went-well`?" in result.stderr
