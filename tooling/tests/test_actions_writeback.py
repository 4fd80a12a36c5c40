"""What a sync writes back: into files byte by byte, or as a pull request."""

from __future__ import annotations

from pathlib import Path

import pytest

import github_support
from github_proxy import Proxy, Seen
from github_support import Item, World, git
from incident.actions import writeback
from incident.actions.plan import Record
from incident.git import branch
from support import run

pytestmark = pytest.mark.slow

BRANCH = writeback.BRANCH
NAME = "incidents/2026/2026-11-02-orders-late.md"


@pytest.fixture
def repository(world: World) -> World:
    """The world's folder as a clone of a bare repository."""
    world.write([Item(), Item("AI-2")])
    github_support.pushed(world)
    return world


def test_a_branch_and_a_pull_request_and_the_working_files_stay(repository: World) -> None:
    world = repository
    github_support.branches(world)
    before = (world.root / NAME).read_bytes()
    result = run("actions", "sync", "--yes", "--write-back", "branch")
    assert result.exit_code == 0, result.stderr
    assert (world.root / NAME).read_bytes() == before
    assert git(world.root, "status", "--porcelain") == ""
    assert git(world.root, "branch", "--show-current") == "main"
    written = git(world.root.parent / "remote.git", "show", f"{BRANCH}:{NAME}")
    assert "issue: 1," in written
    assert "issue: 2," in written
    pulls = world.api("GET", "pulls")
    assert [pull["head"]["ref"] for pull in pulls] == [BRANCH]
    assert "`2026-11-02-orders-late/AI-1`: `issue: 1`" in pulls[0]["body"]

    world.proxy.seen.clear()  # not merged yet: nothing new to propose
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    assert (world.proxy.reads, world.proxy.writes) == (2, 0)  # the listing, and whether it is open

    world.api("PATCH", "issues/1", state="closed", state_reason="completed")
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    assert "need a `proof`" in world.api("GET", "pulls")[0]["body"]
    world.api("PATCH", "issues/1", state="open")
    world.api("PATCH", "issues/2", state="closed", state_reason="not_planned")
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    pulls = world.api("GET", "pulls")
    assert len(pulls) == 1
    assert "`status: wont_do`" in pulls[0]["body"]
    assert "closed as not planned; add the `reason`" in pulls[0]["body"]

    git(world.root, "fetch", "-q", "origin", BRANCH)
    git(world.root, "merge", "-q", "--ff-only", "FETCH_HEAD")
    world.proxy.seen.clear()
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    assert world.proxy.writes == 1  # the marker learns that the archive knows
    world.proxy.seen.clear()
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    assert (world.proxy.reads, world.proxy.writes) == (1, 0)


def test_failed_pushes_are_reported_and_retried_next_run(repository: World) -> None:
    world = repository
    git(world.root, "remote", "set-url", "origin", str(world.root.parent / "nowhere.git"))
    result = run("actions", "sync", "--yes", "--write-back", "branch")
    assert result.exit_code == 3
    assert "write-back: git ls-remote" in result.stderr
    git(world.root, "remote", "set-url", "origin", str(world.root.parent / "remote.git"))
    github_support.branches(world)
    assert run("actions", "sync", "--yes", "--write-back", "branch").exit_code == 0
    assert len(world.issues()) == 2


def test_write_back_none_leaves_the_files(repository: World) -> None:
    before = (repository.root / NAME).read_bytes()
    assert run("actions", "sync", "--yes", "--write-back", "none").exit_code == 0
    assert (repository.root / NAME).read_bytes() == before


def test_every_other_byte_stays(world: World) -> None:
    path = world.write([Item(), Item("AI-2")])
    text = path.read_text(encoding="utf-8").replace("\n", "\r\n").replace("Text.", "Text.  \t")
    path.write_bytes(text.encode())
    assert run("actions", "sync", "--yes").exit_code == 0
    after = path.read_bytes().decode()
    assert after == text.replace("issue: null", "issue: 1", 1).replace("issue: null", "issue: 2", 1)


def test_documents_changed_in_the_meantime_are_skipped() -> None:
    text = "---\nid: x\naction_items:\n  - {id: AI-2, title: t}\n---\n"
    records = [
        Record("a.md", "x/AI-1", "AI-1", 0, {"issue": 1}),
        Record("a.md", "x/AI-2", "AI-2", 0, {"issue": 2}),
        Record("a.md", "x/AI-3", "AI-3", 7, {"issue": 3}),
    ]
    found = writeback.edits(records, lambda _path: text)
    assert found.texts == {"a.md": text.replace("title: t", "title: t, issue: 2")}
    assert [problem.key for problem in found.problems] == ["x/AI-1", "x/AI-3"]
    assert "set `issue: 1` manually" in found.problems[0].hint


def test_the_token_is_never_an_argument() -> None:
    environment = branch.with_token("https://github.com", "secret")
    assert environment["GIT_CONFIG_KEY_0"] == "http.https://github.com/.extraheader"
    assert "secret" not in str(environment)


@pytest.mark.parametrize(
    "kind", ["502 before", "502 after", "dropped after", "403 secondary limit"]
)
def test_a_fault_at_every_call_leaves_one_pull_request(
    kind: str, tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _seconds: None)
    sync = ("actions", "sync", "--yes", "--write-back", "branch")
    for place in range(1, 7):  # three listings, two creates, the pull request
        world = github_support.world(tmp_path / str(place) / "repository", proxy)
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(world.root)
        world.write([Item(), Item("AI-2")])
        github_support.pushed(world)
        github_support.branches(world)

        def fault(count: int, _seen: Seen, place: int = place) -> str | None:
            return kind if count == place else None

        proxy.fault = fault
        run(*sync)
        assert proxy.faults_made == 1
        proxy.fault = lambda _count, _seen: None
        result = run(*sync)
        assert result.exit_code == 0, result.stderr
        assert len(world.issues()) == 2
        (pull,) = world.api("GET", "pulls")
        written = git(world.root.parent / "remote.git", "show", f"{BRANCH}:{NAME}")
        for (number,) in world.keys().values():  # a pull request takes a number, too
            assert f"issue: {number}," in written
            assert f"`issue: {number}`" in pull["body"]
        assert proxy.invalid == []
