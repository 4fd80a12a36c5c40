"""`incident actions sync` against an emulated GitHub."""

from __future__ import annotations

import json

import pytest

from github_support import Item, World
from support import run

KEY = "2026-11-02-orders-late"


def sync(*args: str) -> tuple[int, str, str]:
    result = run("actions", "sync", "--yes", *args)
    return result.exit_code, result.stdout, result.stderr


def test_opens_an_issue_for_each_committed_item_and_records_its_number(world: World) -> None:
    path = world.write([Item(), Item("AI-2", "Write a runbook", "proposed"), Item("AI-3", "Alert")])
    code, out, err = sync()
    assert code == 0, err
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["create", f"{KEY}/AI-1"],
        ["create", f"{KEY}/AI-3"],
    ]
    one, two = world.issues()
    assert one["title"] == "Add a row-count test on orders, 3 sigma"
    labels = {label["name"] for label in one["labels"]}
    assert labels == {"incident-action", "severity: P1", "type: detect", KEY}
    assert "**Done when** a replay fails" in one["body"]
    assert f"/blob/HEAD/incidents/2026/{KEY}.md" in one["body"]
    assert two["title"] == "Alert"
    text = path.read_text(encoding="utf-8")
    assert text.count("issue: 1,") == text.count("issue: 2,") == text.count("issue: null,") == 1
    assert text.count("# kept") == 3


def test_a_sync_without_changes_is_one_read(world: World) -> None:
    world.write([Item()])
    assert sync()[0] == 0
    world.proxy.seen.clear()
    code, out, err = sync()
    assert (code, out) == (0, "")
    assert "issues and archive are in sync" in err
    assert (world.proxy.reads, world.proxy.writes) == (1, 0)


def test_only_changed_text_is_pushed(world: World) -> None:
    world.write([Item()])
    sync()
    world.api("PATCH", "issues/1", labels=["incident-action", "severity: P1", "keep me"])
    world.api("PATCH", "issues/1", assignees=["hubot"])
    world.write([Item(title="Add a freshness test on orders", issue=1)])
    code, out, _ = sync()
    assert code == 0
    assert out.split() == ["update", f"{KEY}/AI-1", "#1", "title"]
    issue = world.issues()[0]
    assert issue["title"] == "Add a freshness test on orders"
    assert {label["name"] for label in issue["labels"]} >= {"keep me", "incident-action"}
    assert [user["login"] for user in issue["assignees"]] == ["hubot"]


@pytest.mark.parametrize(("status", "reason"), [("done", "completed"), ("wont_do", "not_planned")])
def test_closed_items_close_their_issue(world: World, status: str, reason: str) -> None:
    world.write([Item()])
    sync()
    world.write([Item(status=status, issue=1)])
    assert sync()[0] == 0
    issue = world.issues()[0]
    assert (issue["state"], issue["state_reason"]) == ("closed", reason)
    world.proxy.seen.clear()
    assert sync()[0] == 0
    assert world.proxy.writes == 0


def test_closed_and_proposed_items_get_no_issue(world: World) -> None:
    world.write(
        [Item(status="done"), Item("AI-2", status="wont_do"), Item("AI-3", status="proposed")]
    )
    assert sync()[1] == ""
    assert world.issues() == []


def test_a_dry_run_writes_nothing(world: World) -> None:
    path = world.write([Item()])
    before = path.read_bytes()
    result = run("actions", "sync", "--dry-run", "--format", "json")
    assert result.exit_code == 0
    plan = json.loads(result.stdout)
    assert [step["action"] for step in plan["steps"]] == ["create"]
    assert world.proxy.writes == 0
    assert path.read_bytes() == before


def test_without_a_terminal_sync_needs_yes(world: World) -> None:
    world.write([Item()])
    result = run("actions", "sync")
    assert result.exit_code == 2
    assert "pass --yes" in result.stderr
    assert world.proxy.seen == []


def test_the_limit_leaves_the_rest_for_the_next_run(world: World) -> None:
    world.write([Item(f"AI-{n}", f"Title {n}") for n in range(1, 6)])
    code, _, err = sync("--limit", "2")
    assert code == 0
    assert "2 written, 3 left for the next run" in err
    assert sync()[0] == 0
    assert len(world.issues()) == 5
