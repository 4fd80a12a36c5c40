"""Chasing: labels, one comment, digests, follow-up checks; and the lists for people."""

from __future__ import annotations

import json
from typing import Any

import pytest

from github_support import Item, World, document
from support import run

pytestmark = pytest.mark.slow

ID = "2026-11-02-orders-late"


def chase(today: str) -> str:
    result = run("actions", "chase", "--yes", "--today", today)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def sync() -> None:
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 0, result.stderr


def labels(issue: dict[str, Any]) -> set[str]:
    return {label["name"] for label in issue["labels"]}


@pytest.fixture
def overdue(world: World) -> World:
    """One issue, due on 2026-12-01, of a P2 (which has no follow-up checks)."""
    path = world.write([Item(owner="mona")])
    path.write_text(document(ID, [Item(owner="mona")], severity="P2"), encoding="utf-8")
    config = 'since = "2026-11-01"\n[actions.accounts]\nmona = "mona"\n'
    (world.root / "incident.toml").write_text(config, encoding="utf-8")
    sync()
    return world


def test_one_comment_is_updated_and_the_label_follows(overdue: World) -> None:
    world = overdue
    assert chase("2026-11-28") == ""
    assert world.api("GET", "issues/1/comments") == []
    assert chase("2026-11-29").split()[:3] == ["remind", f"{ID}/AI-1", "#1"]
    (first,) = world.api("GET", "issues/1/comments")
    assert first["body"].startswith("@mona: this action item is due on 2026-12-01.")
    assert "overdue" not in labels(world.issues()[0])
    world.proxy.seen.clear()
    assert chase("2026-11-30") == ""
    assert (world.proxy.reads, world.proxy.writes) == (1, 0)

    chase("2026-12-02")
    assert "overdue" in labels(world.issues()[0])
    chase("2026-12-08")
    (second,) = world.api("GET", "issues/1/comments")
    assert second["id"] == first["id"]
    assert "was due on 2026-12-01" in second["body"]
    world.proxy.seen.clear()
    assert chase("2026-12-09") == ""
    assert world.proxy.writes == 0

    path = world.root / "incidents" / "2026" / f"{ID}.md"
    text = path.read_text(encoding="utf-8").replace("2026-12-01", "2027-01-20")
    path.write_text(text, encoding="utf-8")
    sync()
    chase("2026-12-10")
    assert "overdue" not in labels(world.issues()[0])
    chase("2027-01-19")
    (third,) = world.api("GET", "issues/1/comments")
    assert third["id"] == first["id"]
    assert "is due on 2027-01-20" in third["body"]


def test_owners_with_overdue_items_get_a_digest(overdue: World) -> None:
    world = overdue
    chase("2026-12-03")
    digest = world.issues()[1]
    assert digest["title"] == "Action items for mona"
    assert "**Overdue**\n\n- 2026-12-01 #1 Add a row-count test" in digest["body"]
    assert "incident-digest" in labels(digest)
    assert [user["login"] for user in digest["assignees"]] == ["mona"]
    assert chase("2026-12-04") == ""
    path = world.root / "incidents" / "2026" / f"{ID}.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("committed", "done"), encoding="utf-8")
    sync()
    chase("2026-12-05")
    assert world.issues()[1]["state"] == "closed"
    path.write_text(text, encoding="utf-8")
    chase("2026-12-05")
    assert world.issues()[1]["state"] == "open"
    world.api("PATCH", "issues/2", state="closed")  # by hand: it stays closed
    assert chase("2026-12-06") == ""


def test_concurrent_chases_are_repaired(overdue: World) -> None:
    world = overdue
    chase("2026-12-03")
    digest = world.issues()[1]
    names = [label["name"] for label in digest["labels"]]
    world.api("POST", "issues", title=digest["title"], body=digest["body"], labels=names)
    chase("2026-12-03")
    assert [issue["state"] for issue in world.issues()] == ["open", "open", "closed"]


def test_the_follow_up_checks_of_a_p1_and_their_days(world: World) -> None:
    text = document(ID, [Item(due="2027-12-01")], more="follow_up: {two_weeks: null}\n")
    text = text.replace("timestamps: {", 'timestamps: {resolved_at: "2026-11-03T10:00Z", ')
    path = world.write([])
    path.write_text(text, encoding="utf-8")
    (world.root / "incident.toml").write_text('since = "2026-11-01"\n', encoding="utf-8")
    sync()
    assert chase("2026-11-16") == ""
    assert chase("2026-11-17").split()[:2] == ["create", f"{ID}/two_weeks"]
    check = world.issues()[1]
    assert check["title"] == "Follow-up check after two weeks: Orders late for a day"
    assert "Has the new test or monitor fired, or be" in check["body"]
    assert "AI-1 Add a row-count test on orders, 3 sigma (#1): committed" in check["body"]
    assert chase("2026-11-18") == ""

    closed = world.api("PATCH", "issues/2", state="closed", state_reason="completed")
    sync()
    day = closed["closed_at"][:10]
    assert f'follow_up: {{two_weeks: "{day}"}}' in path.read_text(encoding="utf-8")
    assert chase("2027-02-02").split()[:2] == ["create", f"{ID}/three_months"]
    world.api("PATCH", "issues/3", state="closed", state_reason="not_planned")
    sync()
    assert chase("2027-02-03") == ""
    assert "three_months" not in path.read_text(encoding="utf-8")


def test_late_adopters_get_one_check_not_two(world: World) -> None:
    world.write([Item(due="2028-01-01")])
    (world.root / "incident.toml").write_text('since = "2026-11-01"\n', encoding="utf-8")
    sync()
    assert [line.split()[1] for line in chase("2027-06-01").splitlines()] == [f"{ID}/three_months"]


def test_a_fault_while_chasing_repeats_nothing(overdue: World) -> None:
    world = overdue
    world.proxy.fault = lambda _count, seen: "502 after" if seen.verb == "POST" else None
    result = run("actions", "chase", "--yes", "--today", "2026-12-03")
    assert result.exit_code == 3
    world.proxy.fault = lambda _count, _seen: None
    chase("2026-12-03")
    assert len(world.issues()) == 2
    assert len(world.api("GET", "issues/1/comments")) == 1


def test_locked_issues_are_reported_and_others_are_chased(world: World) -> None:
    path = world.write([])
    path.write_text(document(ID, [Item(), Item("AI-2")], severity="P2"), encoding="utf-8")
    (world.root / "incident.toml").write_text('since = "2026-11-01"\n', encoding="utf-8")
    sync()
    world.proxy.rules.locked = {1}
    result = run("actions", "chase", "--yes", "--today", "2026-12-03")
    assert result.exit_code == 3
    assert f"{ID}/AI-1: 403 Unable to create comment" in result.stderr
    assert len(world.api("GET", "issues/2/comments")) == 1


def test_list_digest_and_counts(world: World) -> None:
    world.write([Item(), Item("AI-2", "Later", owner="ingestion", due="2027-03-01", issue=7)])
    world.write([Item(status="done")], "2026-10-01-done")
    day = ("--today", "2026-12-04")
    lines = run("actions", "list", *day).stdout.splitlines()
    assert lines == [
        f"2026-12-01\t-3\tP1\tdata-platform\tcommitted\t\t{ID}/AI-1\t"
        "Add a row-count test on orders, 3 sigma",
        f"2027-03-01\t87\tP1\tingestion\tcommitted\t#7\t{ID}/AI-2\tLater",
    ]
    assert len(run("actions", "list", "--all", *day).stdout.splitlines()) == 3
    assert len(run("actions", "list", "--overdue", *day).stdout.splitlines()) == 1
    assert len(run("actions", "list", "--owner", "ingestion", *day).stdout.splitlines()) == 1
    assert run("actions", "list", "--severity", "P0", *day).stdout == ""
    assert run("actions", "list", "--by", "owner", *day).stdout.splitlines() == [
        "data-platform\t1\t1",
        "ingestion\t1\t0",
    ]
    table = run("actions", "list", "--format", "table", *day).stdout.splitlines()
    assert table[0].split() == [
        "DUE",
        "DAYS",
        "SEV",
        "OWNER",
        "STATUS",
        "ISSUE",
        "ID",
        "TITLE",
    ]
    found = json.loads(run("actions", "list", "--format", "json", *day).stdout)
    assert [one["overdue"] for one in found] == [True, False]
    assert run("actions", "digest", *day).stdout == (
        "*data-platform*: 1 open, 1 overdue\n"
        f"• 3 days overdue: Add a row-count test on orders, 3 sigma ({ID}/AI-1)\n\n"
        f"*ingestion*: 1 open\n• due 2027-03-01: Later ({ID}/AI-2)\n"
    )
    assert world.proxy.seen == []
