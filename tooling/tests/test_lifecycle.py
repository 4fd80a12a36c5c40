"""From the declaration to the closing in the terminal: no status or time is typed into YAML."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support import git_init, run

ID = "2025-03-03-orders-are-low"
NEW = ("--severity", "P2", "--owner", "data", "--detected-at", "2025-03-03T07:40Z", "--no-edit")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def draft(repository: Path) -> Path:
    assert run("new", "Orders are low", *NEW).exit_code == 0
    return repository / "incidents" / "2025" / f"{ID}.md"


COMPLETE = f"""\
---
schema_version: 1
id: {ID}
title: "Orders are 12% too low"
status: in_review # where it stands
severity: P2
kind: correctness
cause_category: code_change
trigger: deploy
owner: data-platform
roles: {{incident_lead: data-platform-oncall, responders: []}}
reviewers: [analytics-lead]
timestamps:
  started_at: "2025-03-03T05:10Z"
  detected_at: "2025-03-03T07:40Z"
  corrected_at: "2025-03-03T09:30Z"
  resolved_at: "2025-03-03T09:45Z"
detection: {{method: test, source: "dbt:test.shop.rows"}}
impact:
  summary: "The daily orders showed 88 of every 100 for four hours."
  critical_use_case: false
  downstream_assets: 2
  assets:
    - {{ref: "dbt:model.shop.orders", role: root}}
  consumers:
    - {{team: sales, use: "the stand-up", decision_made: false, correction_sent: true}}
action_items:
  - id: AI-1
    title: "Add a test that fails when orders loses more than 1% of the raw rows"
    type: detect
    owner: data-platform
    due: "2025-03-17"
    status: committed
    done_when: "it fails on a replay of March 3"
    verified_by: "dbt:test.shop.orders_keeps_its_rows"
  - id: AI-2
    title: "Add the join key to the contract"
    type: prevent
    owner: data-platform
    due: "2025-03-28"
    status: committed
    done_when: "a renamed key fails the build"
follow_up: {{two_weeks: null, three_months: null}}
confidentiality: internal
---

## Summary

A change joined orders to customers by e-mail address instead of by key: orders were 12% too low
from 05:10Z to 09:30Z on 3 March. The join was put back, and the day was built again.

## Impact

The daily orders showed 88 of every 100. Sales decided nothing on it.

## Timeline

- 2025-03-03T05:10Z **started**: the nightly build uses the new join
- 2025-03-03T07:40Z **detected**: the row-count test fails
- 2025-03-03T09:30Z **corrected**: the day is rebuilt and matches the shop
- 2025-03-03T09:45Z **resolved**: sales has the right number

## Root cause

An inner join drops every order whose customer has no email address, which is 12% of them. No test
compares the number of orders before and after the join.

## What went well

- The raw orders are kept for 30 days, so the day could be rebuilt within half an hour.

## What went badly

- The number was wrong for two and a half hours before anyone noticed.
"""


@pytest.fixture
def complete(repository: Path) -> Path:
    path = repository / "incidents" / "2025" / f"{ID}.md"
    path.parent.mkdir()
    path.write_text(COMPLETE)
    return path


def test_a_status_is_one_value_and_nothing_else(complete: Path) -> None:
    result = run("status", "orders", "published")
    assert result.exit_code == 0, result.stdout + result.stderr
    assert complete.read_text() == COMPLETE.replace("status: in_review #", "status: published #")
    assert "-status: in_review # where it stands\n+status: published # where" in result.stdout
    again = run("status", "orders", "published")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "is published already" in again.stderr


def test_a_status_waits_for_what_is_missing(draft: Path) -> None:
    before = draft.read_text()
    result = run("status", ID, "in_review")
    assert result.exit_code == 1
    assert "fields are missing: kind" in result.stdout
    assert 'section "Summary" is empty' in result.stdout
    assert "errors to fix before in_review; the status is still draft" in result.stderr
    assert draft.read_text() == before


def test_only_what_is_published_can_be_closed(complete: Path) -> None:
    result = run("status", ID, "closed")
    assert result.exit_code == 2
    assert "only a published postmortem can be closed; its status is in_review" in result.stderr


def test_a_dry_run_shows_and_writes_nothing(complete: Path) -> None:
    for words in (
        ("status", ID, "published"),
        ("status", ID, "closed", "--as", "false_alarm", "--reason", "x"),
        ("actions", "done", "orders/AI-1"),
        ("actions", "set", "orders/AI-1", "--owner", "ingestion"),
    ):
        result = run(*words, "--dry-run")
        assert result.exit_code == 0, result.stderr
        assert f"+++ b/incidents/2025/{ID}.md" in result.stdout
        assert "nothing was written" in result.stderr
    assert complete.read_text() == COMPLETE


def test_resolve_writes_timestamps_and_entries(draft: Path) -> None:
    times = ("--corrected-at", "2025-03-03T09:30Z", "--notified-at", "2025-03-03T09:40Z")
    shown = run("resolve", "orders", "sales has it", *times, "--at", "2025-03-03T09:45Z", "-n")
    assert '+  resolved_at: "2025-03-03T09:45Z"' in shown.stdout
    result = run("resolve", "orders", "sales has it", *times, "--at", "2025-03-03T09:45Z")
    assert result.exit_code == 0, result.stderr
    text = draft.read_text()
    assert '  corrected_at: "2025-03-03T09:30Z"            # the data' in text
    assert '  consumers_notified_at: "2025-03-03T09:40Z"' in text
    assert "- 2025-03-03T09:30Z **corrected**: the data is correct again\n" in text
    assert "- 2025-03-03T09:45Z **resolved**: sales has it\n" in text
    assert "status: draft" in text
    assert run("lint").exit_code == 0
    again = run("resolve", "orders", "--at", "2025-03-03T10:45Z")
    assert again.exit_code == 2
    assert "resolved_at is already 2025-03-03T09:45Z" in again.stderr
    assert draft.read_text() == text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "2025-03-03T07:00Z"], "resolved_at"),
        (["--corrected-at", "2025-03-03T09:30Z", "--at", "2025-03-03T09:00Z"], "resolved_at"),
        (["--at", "2999-01-01T00:00Z"], "future"),
    ],
)
def test_times_that_cannot_be_are_refused(draft: Path, words: list[str], said: str) -> None:
    before = draft.read_text()
    result = run("resolve", ID, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert draft.read_text() == before


def test_resolve_is_now_unless_it_says_when(draft: Path) -> None:
    assert run("resolve", ID).exit_code == 0
    assert "**resolved**: the incident is over\n" in draft.read_text()


def test_a_labeled_entry_writes_its_timestamp(draft: Path) -> None:
    said = run(
        "timeline", "add", ID, "**mitigated**: the notice is up", "--at", "2025-03-03T08:00Z"
    )
    assert said.stdout == f"incidents/2025/{ID}.md\n"
    assert '`mitigated_at: "2025-03-03T08:00Z"`' in said.stderr
    assert '  mitigated_at: "2025-03-03T08:00Z"' in draft.read_text()
    assert "- 2025-03-03T08:00Z **mitigated**: the notice is up\n" in draft.read_text()


def test_a_decision_is_listed(draft: Path) -> None:
    add = ("timeline", "add", ID, "roll back; the fix waits", "--at", "2025-03-03T08:00Z")
    assert run(*add, "--decision").exit_code == 0
    assert "- 2025-03-03T08:00Z **decision**: roll back; the fix waits\n" in draft.read_text()
    shown = run("show", ID).stdout
    assert "Decisions\n  2025-03-03 08:00Z  roll back; the fix waits\n" in shown
    assert run("lint").exit_code == 0


def test_items_are_done_with_proof_and_day(complete: Path) -> None:
    refused = run("actions", "done", "orders/AI-2")
    assert "AI-2 has no proof and no `verified_by`" in refused.stderr
    url = "https://example.com/dbt/pull/7"
    done = run("actions", "done", "ai-2", "--proof", url, "--at", "2025-03-20")
    assert done.exit_code == 0, done.stderr
    added = f'    proof: "{url}"\n    done_at: "2025-03-20"\nfollow_up'
    head, tail = COMPLETE.split("  - id: AI-2")
    tail = tail.replace("status: committed", "status: done").replace("follow_up", added)
    assert complete.read_text() == f"{head}  - id: AI-2{tail}"
    assert run("actions", "done", "orders#AI-1", "--at", "2025-03-10").exit_code == 0
    assert run("actions", "done", "orders/two_weeks", "--at", "2025-03-17").exit_code == 0
    assert 'follow_up: {two_weeks: "2025-03-17", three_months: null}' in complete.read_text()


def test_the_whole_way_to_closed(complete: Path) -> None:
    assert run("status", ID, "published").exit_code == 0
    open_items = run("status", ID, "closed")
    assert "is committed in a closed postmortem" in open_items.stdout
    assert run("actions", "done", "orders/AI-1").exit_code == 0
    wont = ("actions", "set", "orders/AI-2", "--status", "wont_do")
    assert "wont_do needs a reason" in run(*wont).stderr
    assert run(*wont, "--reason", "the contract is retired in July").exit_code == 0
    for check in ("two_weeks", "three_months"):
        assert run("actions", "done", f"orders/{check}").exit_code == 0
    closed = run("status", ID, "closed")
    assert closed.exit_code == 0, closed.stdout
    assert run("lint", "--select", "INC3,INC0,INC2").exit_code == 0
    back = run("actions", "set", "orders/AI-1", "--status", "in_progress")
    assert "-    done_at" in back.stdout
    assert "done_at: null" in complete.read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["done", "AI-9"], "no action item matches `AI-9`"),
        (["done", "orders/AI-9"], "has no action item AI-9"),
        (["done", "AI-1", "--proof", "#7"], "must be an http(s) address"),
        (["done", "AI-1", "--at", "2999-01-01"], "is in the future"),
        (["set", "AI-1"], "nothing to set"),
        (["set", "AI-1", "--status", "done"], "incident actions done AI-1"),
        (["set", "orders/two_weeks", "--due", "2025-04-01"], "is a follow-up check"),
    ],
)
def test_what_cannot_work_says_what_to_do(complete: Path, words: list[str], said: str) -> None:
    result = run("actions", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert complete.read_text() == COMPLETE


def test_an_item_of_several_postmortems_lists_them(complete: Path) -> None:
    other = complete.with_name("2025-04-01-late.md")
    other.write_text(COMPLETE.replace(ID, other.stem))
    result = run("actions", "done", "AI-1")
    assert f"`AI-1` matches 2 action items: {other.stem}/AI-1, {ID}/AI-1" in result.stderr


def test_lint_takes_a_part_of_an_id(complete: Path) -> None:
    complete.with_name("2025-04-01-late.md").write_text("nothing")
    result = run("lint", "orders", "--select", "INC0")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no postmortem in incidents matches `ordres`" in run("lint", "ordres").stderr


def test_show_is_one_screen(complete: Path) -> None:
    shown = run("show", "orders").stdout
    assert shown.startswith(f"P2  Orders are 12% too low\n{ID} · in review · data-platform\n")
    assert "88 of every 100" in shown
    assert "+2 h 30 min undetected" in shown
    assert "AI-1  committed" in shown
    fields = json.loads(run("show", "orders", "--format", "json").stdout)
    assert fields["action_items"][0]["id"] == "AI-1"
    assert fields["action_items"][0]["overdue"] is True


def test_open_prints_where_it_is_read(complete: Path) -> None:
    assert run("open", "orders").stdout == f"incidents/2025/{ID}.md\n"
    Path("incident.toml").write_text('wiki_url = "https://wiki.example.com"\n')
    assert run("open", "orders").stdout == f"https://wiki.example.com/incidents/2025/{ID}/\n"


def test_edit_opens_the_editor(complete: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    assert "no terminal for an editor" in run("edit", ID).stderr
    monkeypatch.setenv("EDITOR", "sed -i s/12%/13%/")
    result = run("edit", "orders")
    assert result.stdout == f"incidents/2025/{ID}.md\n"
    assert "changed; check it" in result.stderr
    assert "Orders are 13% too low" in complete.read_text()
    monkeypatch.setenv("EDITOR", "no/such/editor")
    assert run("edit", "orders").exit_code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    assert "_INCIDENT_COMPLETE" in run("completion", shell).stdout
