"""People's decisions on GitHub: what a file cannot show (branches, authors, days, checks)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import github_support
from github_support import Item, World, document, git
from incident.actions import marker, writeback
from support import git_init, run

pytestmark = pytest.mark.slow

ID = "2026-11-02-orders-late"
NAME = f"incidents/2026/{ID}.md"
BRANCH = ("actions", "sync", "--yes", "--write-back", "branch")


def sync(*more: str) -> str:
    result = run("actions", "sync", "--yes", *more)
    assert result.exit_code == 0, result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def repository(world: World) -> World:
    """A clone whose issue 1 is recorded and merged."""
    world.write([Item(issue=1)])
    (world.root / NAME).write_text(document(ID, [Item()]))
    sync()
    github_support.pushed(world)
    github_support.branches(world)
    return world


def merge(world: World) -> None:
    git(world.root, "fetch", "-q", "origin", writeback.BRANCH)
    git(world.root, "merge", "-q", "--ff-only", "FETCH_HEAD")
    git(world.root, "push", "-q", "origin", "HEAD:main")


def test_a_proposal_is_withdrawn_when_the_issue_is_reopened_and_can_come_again(
    repository: World,
) -> None:
    world = repository
    closed = {"state": "closed", "state_reason": "completed"}
    world.api("PATCH", "issues/1", **closed)
    sync("--write-back", "branch")
    (pull,) = world.api("GET", "pulls")
    world.api("PATCH", "issues/1", state="open")
    said = sync("--write-back", "branch")
    assert f"withdrawn: {pull['html_url']}" in said
    assert world.api("GET", "pulls") == []
    assert "Withdrawn by" in world.api("GET", f"pulls/{pull['number']}")["body"]
    written = git(world.root.parent / "remote.git", "show", f"{writeback.BRANCH}:{NAME}")
    assert "status: committed" in written
    world.proxy.seen.clear()
    sync("--write-back", "branch")
    assert (world.proxy.reads, world.proxy.writes) == (1, 0)

    world.api("PATCH", "issues/1", **closed)
    sync("--write-back", "branch")
    (again,) = world.api("GET", "pulls")
    assert again["number"] != pull["number"]
    merge(world)
    world.api("PATCH", "issues/1", state="open")  # and again, after it was merged
    sync("--write-back", "branch")
    assert "status: in_progress" in world.api("GET", "pulls")[0]["body"]
    merge(world)
    for _ in range(2):
        sync("--write-back", "branch")
        assert world.issues()[0]["state"] == "open"


def test_a_proposal_is_renewed_when_only_one_of_two_is_reopened(world: World) -> None:
    world.write([Item(), Item("AI-2", "Alert the on-call when the load is late")])
    sync()
    github_support.pushed(world)
    github_support.branches(world)
    for number in (1, 2):
        world.api("PATCH", f"issues/{number}", state="closed", state_reason="completed")
    sync("--write-back", "branch")
    world.api("PATCH", "issues/1", state="open")
    sync("--write-back", "branch")
    (pull,) = world.api("GET", "pulls")
    assert "AI-1" not in pull["body"]
    written = git(world.root.parent / "remote.git", "show", f"{writeback.BRANCH}:{NAME}")
    assert written.count("status: done") == 1


@pytest.mark.parametrize("kind", ["502 before", "502 after", "dropped after", "403 for an hour"])
def test_a_fault_while_recording_a_close_closes_nothing_later(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _seconds: None)
    path = world.write([Item()])
    sync()
    world.api("PATCH", "issues/1", state="closed", state_reason="completed")
    world.proxy.fault = lambda _count, seen: kind if seen.verb == "PATCH" else None
    run("actions", "sync", "--yes")
    world.proxy.fault = lambda _count, _seen: None
    world.api("PATCH", "issues/1", state="open")
    for _ in range(3):
        sync()
        assert world.issues()[0]["state"] == "open"
    assert "status: done" not in path.read_text()


def test_issues_reopened_before_a_pending_close_stay_open(world: World) -> None:
    """It was reopened before, and known to be; the item is done; then it is reopened again."""
    path = world.write([Item()])
    sync()
    closed = {"state": "closed", "state_reason": "completed"}
    world.api("PATCH", "issues/1", **closed)
    world.api("PATCH", "issues/1", state="open")
    sync()
    assert marker.read(world.issues()[0]["body"])["reopened"].startswith("20")
    world.proxy.seen.clear()
    sync()
    assert (world.proxy.reads, world.proxy.writes) == (1, 0)
    path.write_text(path.read_text().replace("committed", "done"))
    time.sleep(1.1)  # of its timeline, GitHub tells whole seconds
    world.api("PATCH", "issues/1", **closed)
    world.api("PATCH", "issues/1", state="open")
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "issue 1 was reopened on GitHub after its item was closed" in result.stderr
    assert world.issues()[0]["state"] == "open"


def test_an_issue_that_was_reopened_once_is_closed_when_its_item_is_done(world: World) -> None:
    path = world.write([Item()])
    sync()
    world.api("PATCH", "issues/1", state="closed", state_reason="completed")
    world.api("PATCH", "issues/1", state="open")
    sync()
    path.write_text(path.read_text().replace("committed", "done"))
    sync()
    assert world.issues()[0]["state"] == "closed"


def test_file_and_github_numbers_are_separate(world: World) -> None:
    """A team that began with a file: its numbers 1 to 3 are other issues on GitHub."""
    items = [Item(f"AI-{n}", f"Add check {n} on orders") for n in (1, 2, 3)]
    path = world.write(items)
    for n in (1, 2, 3):
        world.api("POST", "issues", title=f"Of somebody else {n}", body="text")
    sync("--tracker", "issues.ndjson")
    assert path.read_text().count('issue: "file#') == 3
    sync()
    assert [f"issue: {n}," in path.read_text() for n in (4, 5, 6)] == [True, True, True]
    world.proxy.seen.clear()
    sync()
    assert world.proxy.writes == 0
    assert [issue["body"] for issue in world.issues()[:3]] == ["text"] * 3


def test_issues_by_people_without_access_are_not_trusted(world: World) -> None:
    world.write([Item()])
    sync("--write-back", "none")
    body = world.issues()[0]["body"]
    world.api("PATCH", "issues/1", body="", labels=[])
    forged = world.api("POST", "issues", title="forged", body=body, labels=["incident-action"])
    world.api("PATCH", f"issues/{forged['number']}", state="closed", state_reason="completed")
    world.proxy.rules.strangers = {forged["number"]}
    said = sync()
    assert f"issue {forged['number']} has our marker but an untrusted author" in said
    assert "status: committed" in (world.root / NAME).read_text()


def test_the_first_chase_of_an_old_archive_is_quiet(world: World) -> None:
    for month in range(1, 10):
        id_ = f"2025-0{month}-01-orders-late"
        path = world.write([], id_)
        path.write_text(document(id_, [Item(due=f"2025-0{month}-20"), Item("AI-2")]))
    sync()
    world.proxy.seen.clear()
    said = run("actions", "chase", "--yes")
    assert said.exit_code == 0, said.stderr
    assert "9 action items due before" in said.stderr
    assert "set an earlier `since` to include them" in said.stderr
    assert world.proxy.writes == 0
    (world.root / "incident.toml").write_text('since = "2025-09-01"\n')
    assert run("actions", "chase", "--dry-run").stdout.count("overdue") == 1
    (world.root / "incident.toml").write_text('since = "2025-01-01"\n')
    assert run("actions", "chase", "--dry-run").stdout.count("overdue") == 9


def test_follow_up_checks_survive_a_rename(world: World) -> None:
    git_init(world.root)
    (world.root / "incident.toml").write_text('since = "2026-11-01"\n')
    path = world.write([Item(due="2027-12-01")])
    sync()
    assert run("actions", "chase", "--yes", "--today", "2026-11-17").exit_code == 0
    assert marker.read(world.issues()[1]["body"])["key"] == f"{ID}/two_weeks"
    new = path.with_name("2026-11-02-orders-two-days-late.md")
    new.write_text(path.read_text().replace(f"id: {ID}", f"id: {new.stem}"))
    path.unlink()
    assert run("actions", "chase", "--dry-run", "--today", "2026-11-18").stdout == ""
    sync()
    keys = [marker.read(issue["body"])["key"] for issue in world.issues()]
    assert keys == [f"{new.stem}/AI-1", f"{new.stem}/two_weeks"]
    assert run("actions", "chase", "--dry-run", "--today", "2026-11-18").stdout == ""
    world.api("PATCH", "issues/2", state="closed", state_reason="completed")
    new.write_text(new.read_text().replace("severity:", "follow_up: {two_weeks: null}\nseverity:"))
    sync()
    assert "two_weeks: null" not in new.read_text()


def test_links_work_for_an_archive_in_a_subfolder(world: World) -> None:
    git_init(world.root)
    folder = world.root / "data"
    path = folder / NAME
    path.parent.mkdir(parents=True)
    path.write_text(document(ID, [Item()]))
    (folder / "incident.toml").write_text("")
    process = World(folder, world.proxy, world.repository).process("actions", "sync", "--yes")
    process.communicate(timeout=60)
    assert f"/blob/HEAD/data/{NAME}" in world.issues()[0]["body"]
    assert Path(folder / NAME).is_file()
