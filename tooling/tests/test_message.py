"""`incident message`: plain updates for stakeholders; no names, no promises."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.archive import Entry
from incident.drafts import stakeholder_message
from incident.errors import UsageError
from incident.postmortem import document, model
from incident.repository.config import Config
from support import git_init, run

NOW = datetime(2025, 1, 20, 9, 7, tzinfo=UTC)
ID = "2025-01-20-orders-late"
TEXT = """\
---
id: 2025-01-20-orders-late
title: "Orders are late"
status: draft
severity: P1
owner: ingestion
roles: {incident_lead: h1}
timestamps:
  started_at: "2025-01-20T05:00Z"
  detected_at: "2025-01-20T08:00Z"
data_window: {from: "2025-01-19", to: "2025-01-19"}
impact:
  summary: "Orders of one day are missing in the sales dashboard."
  assets:
    - {ref: "dbt:model.shop.fct_orders", role: root}
    - {ref: "dbt:exposure.shop.sales_dashboard", role: exposure}
  consumers: [{team: finance, use: "daily close", decision_made: true}]
action_items:
  - {id: AI-1, title: "Test the freshness of orders", due: "2025-02-03", status: committed}
  - {id: AI-2, title: "Never mind", status: wont_do}
---

## Timeline

- 2025-01-20 05:00Z **started**: the load stopped
- 2025-01-20 08:30Z the load runs **again**

## Root cause

A lock was held by a [maintenance job](https://example.com), and the load *waits* for it.

More of it.
"""
RESOLVED = TEXT.replace(
    '  detected_at: "2025-01-20T08:00Z"\n',
    '  detected_at: "2025-01-20T08:00Z"\n  corrected_at: "2025-01-20T10:30Z"\n'
    '  resolved_at: "2025-01-20T11:00Z"\n',
)


def entry(text: str) -> Entry:
    found = document.parse(text, f"incidents/2025/{ID}.md")
    return Entry(found, model.postmortem(found))


def said(text: str, kind: str, form: str = "markdown", wiki: str = "") -> str:
    config = Config(root=Path("/nowhere"), wiki_url=wiki)
    return stakeholder_message.of_incident(entry(text), kind, form, NOW, config)[0]


def test_severe_incidents_open_with_what_not_to_use() -> None:
    text = said(TEXT, "declared", "slack")
    assert text.splitlines()[0] == "*Wrong data: Orders are late*"
    for line in (
        "*Do not use until further notice:* sales_dashboard, fct_orders",
        "*What is wrong:* Orders of one day are missing in the sales dashboard.",
        "*Affected data:* 2025-01-19",
        "*Since:* 2025-01-20 05:00 UTC",
        "*Status:* investigating",
        "*Next update:* 2025-01-20 11:10 UTC, or sooner if anything changes",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize(
    ("level", "word"), [("P2", "by the end of the day"), ("P3", "in the weekly summary")]
)
def test_minor_incidents_use_a_calmer_tone(level: str, word: str) -> None:
    text = said(TEXT.replace("P1", level), "declared", "email")
    assert text.startswith("Subject: Data incident: Orders are late\n\nData incident: Orders")
    assert "Do not use" not in text
    assert "May be affected: sales_dashboard, fct_orders" in text
    assert f"Next update: {word}" in text


def test_updates_show_the_status() -> None:
    text = said(TEXT, "update")
    assert "**Still do not use:** sales_dashboard, fct_orders" in text
    assert "**Latest update:** 2025-01-20 08:30 UTC: the load runs again" in text
    text = said(RESOLVED, "update")
    assert "**Safe to use again:** sales_dashboard" in text
    assert "Next update" not in text


def test_resolved_messages_explain_cause_and_follow_up() -> None:
    text = said(RESOLVED, "resolved", wiki="https://wiki.example.com/")
    for part in (
        "**Resolved: Orders are late**",
        "**Duration:** 5 h 30 min",
        "**Cause:** A lock was held by a maintenance job, and the load *waits* for it.",
        "corrected at 2025-01-20 10:30 UTC. Safe to use again: sales_dashboard, fct_orders",
        "**Please recheck:** daily close (finance)",
        "- Test the freshness of orders (by 2025-02-03)",
        "https://wiki.example.com/incidents/2025/2025-01-20-orders-late/",
    ):
        assert part in text
    assert "Never mind" not in text


def test_a_cause_that_leads_to_a_code_block_ends_with_a_period() -> None:
    text = said(RESOLVED.replace("waits* for it.", "waits* for it:"), "summary")
    assert "**Cause:** A lock was held by a maintenance job, and the load *waits* for it." in text


def test_summaries_include_the_timeline() -> None:
    text = said(RESOLVED, "summary")
    assert "detected after 3 h, corrected after 5 h 30 min, resolved after 6 h" in text


@pytest.mark.parametrize("kind", ["declared", "update", "summary"])
def test_messages_work_for_early_drafts(kind: str) -> None:
    head = TEXT[: TEXT.index("data_window")].replace('  started_at: "2025-01-20T05:00Z"\n', "")
    text = said(head + "---\n", kind)
    assert "Orders are late" in text
    assert "None" not in text


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("A lock was held", "It will never happen again. A lock was held", "promise"),
        ("A lock was held", "@jdoe held a lock", "personal-handle"),
        (
            "Orders of one day are",
            "Write to ines.halvorsen@tidewater.example, orders are",
            "personal-email",
        ),
    ],
)
def test_names_and_promises_are_refused(old: str, new: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        said(RESOLVED.replace(old, new), "resolved")


@pytest.mark.parametrize(
    ("text", "kind", "problem"),
    [
        (TEXT, "resolved", "requires timestamps.corrected_at"),
        (RESOLVED.replace("summary:", "summry:"), "resolved", "requires impact.summary"),
        (RESOLVED, "declared", "timestamps.resolved_at is set"),
        (TEXT.replace("P1", "P9"), "declared", "P9"),
    ],
)
def test_incomplete_postmortems_are_refused(text: str, kind: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        said(text, kind)


def test_owners_who_are_people_are_not_named_and_drills_are_marked() -> None:
    text = said(TEXT.replace("owner: ingestion", "owner: h1\ndrill: true"), "declared")
    assert "h1" not in text
    assert text.startswith("**DRILL, nothing is wrong: Wrong data")


def test_slack_messages_have_no_mentions_or_markup() -> None:
    title = 'title: "<!channel> a & b\\u0007 @here"'
    text = said(TEXT.replace('title: "Orders are late"', title), "declared", "slack")
    assert "&lt;!channel&gt; a &amp; b" in text
    assert "@here" not in text
    assert "\x07" not in text


@given(st.text(max_size=60), st.sampled_from(stakeholder_message.FORMS))
def test_titles_stay_on_one_line(title: str, form: str) -> None:
    text = TEXT.replace('"Orders are late"', json.dumps(title))
    try:
        lines = said(text, "summary", form).split("\n")
    except UsageError:  # an address, or a handle
        return
    assert len(lines) == len(said(TEXT, "summary", form).split("\n"))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "incidents" / "2025" / f"{ID}.md"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    return tmp_path


def manifest(folder: Path) -> Path:
    nodes = {
        f"{kind}.shop.{name}": {
            "resource_type": kind,
            "name": name,
            "unique_id": f"{kind}.shop.{name}",
            "raw_code": "select secret",
        }
        for kind, name in (
            ("model", "orders"),
            ("model", "daily"),
            ("model", "orders_2"),
            ("test", "unique_orders"),
        )
    }
    exposure = {"resource_type": "exposure", "name": "board", "label": "Board dashboard"}
    data = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        },
        "nodes": nodes,
        "exposures": {"exposure.shop.board": exposure},
        "child_map": {
            "model.shop.orders": ["model.shop.daily", "test.shop.unique_orders"],
            "model.shop.daily": ["exposure.shop.board"],
        },
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


CHANGE = (
    *("message", "--kind", "schema_change", "--table", "orders"),
    *("--change", "status becomes payment_status"),
    *("--phase", "2026-12-10: the old column is gone", "--phase", "2026-12-01: both are filled"),
)


def test_planned_changes_list_downstream_assets(repository: Path) -> None:
    result = run(*CHANGE, "--must", "read payment_status", "--manifest", manifest(repository))
    assert result.exit_code == 0
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert lines[0] == "**Planned change to orders**"
    assert lines.index("- 2026-12-01: both are filled") < lines.index(
        "- 2026-12-10: the old column is gone"
    )
    assert lines[lines.index("**Affected**") + 1 :][:2] == [
        "- Board dashboard (exposure, 2 steps downstream)",
        "- daily (model, 1 step downstream)",
    ]
    assert "secret" not in result.stdout
    assert "Affected" not in run(*CHANGE).stdout


def test_the_command_prints_and_writes_no_files(repository: Path) -> None:
    before = sorted(repository.rglob("*.md"))
    result = run("message", ID, "--kind", "declared", "--next-update", "2025-01-20T12:00+01:00")
    assert "**Next update:** 2025-01-20 11:00 UTC" in result.stdout
    assert sorted(repository.rglob("*.md")) == before


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (["--kind", "update"], "ID is missing"),
        ([ID], "missing option '--kind'"),
        (["2025-01-20-ordres-late", "--kind", "update"], "did you mean `2025-01-20-orders-late`"),
        ([ID, "--kind", "update", "--table", "x"], "--table requires --kind schema_change"),
        (["--kind", "schema_change"], "--kind schema_change requires --table"),
        ([ID, "--kind", "schema_change"], "takes no ID"),
        ([*CHANGE[1:], "--phase", "soon: x"], "is not DATE: TEXT"),
        ([*CHANGE[1:], "--manifest", "bad.json"], "bad.json"),
    ],
)
def test_bad_options_are_usage_errors(repository: Path, args: list[str], problem: str) -> None:
    (repository / "bad.json").write_text('{"nodes": {', encoding="utf-8")
    result = run("message", *args)
    assert result.exit_code == 2
    assert problem in re.sub(r"\s+", " ", result.stderr)
    assert result.stdout == ""


def test_repositories_can_override_templates(repository: Path) -> None:
    own = repository / "templates" / "messages" / "declared.j2"
    own.parent.mkdir(parents=True)
    own.write_text("{{ field('Ours', title) }}\n", encoding="utf-8")
    result = run("message", ID, "--kind", "declared", "--for", "email")
    assert result.stdout == "Ours: Orders are late\n"
    own.write_text("{{ nothing }}", encoding="utf-8")
    assert run("message", ID, "--kind", "declared").exit_code == 2
