"""`incident history --comment`: one comment on a pull request, against the emulated GitHub."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from github_proxy import Seen
from github_support import World
from history_support import ORDERS, change, git, make_archive, make_project, write
from incident.actions import pull_comment
from incident.actions.trackers.github import GitHub
from support import run

MARKER = "<!-- incident-history -->"
NOTHING = f"{MARKER}\nNothing to report for the current changes."


@pytest.fixture
def project(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project, an archive, and a run of GitHub Actions for pull request 1."""
    make_archive(tmp_path / "archive")
    root = make_project(tmp_path / "data")
    assert world.api("POST", "issues", title="Read the new name")["number"] == 1
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 1}}))
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    monkeypatch.chdir(root)
    return root


def post(base: str = "main", *more: str) -> str:
    """Run the command; what it says on stderr."""
    result = run("history", "--base", base, "--archive", "../archive", "--comment", *more)
    assert result.exit_code == 0, result.stderr
    return result.stderr.strip()


def comments(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.api("GET", "issues/1/comments")
    return found


def bodies(world: World) -> list[str]:
    return [one["body"] for one in comments(world)]


def test_a_comment_is_created_edited_left_alone_and_emptied(project: Path, world: World) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert post() == f"comment created on {world.repository}#1"
    (first,) = comments(world)
    assert first["body"].startswith(f"{MARKER}\n### 1 earlier incident may matter")
    assert post() == f"comment unchanged on {world.repository}#1"
    change(project, "models/stg_orders.sql", "status", "state as status")
    write(project.parent / "archive", {"id": "2026-09-01-b", "title": "Orders twice"})
    assert post() == f"comment edited on {world.repository}#1"
    (second,) = comments(world)
    assert second["id"] == first["id"]
    assert "Orders twice" in second["body"]
    git(project, "checkout", "-q", ".")
    assert post() == f"comment edited on {world.repository}#1"
    assert bodies(world) == [NOTHING]
    assert post() == f"comment unchanged on {world.repository}#1"
    writes = [(seen.verb, seen.path.rpartition("/")[2]) for seen in world.proxy.seen]
    id_ = str(first["id"])
    assert [w for w in writes if w[0] != "GET" and w[1] != "graphql"] == [
        ("POST", "comments"),
        ("PATCH", id_),
        ("PATCH", id_),
    ]


def test_nothing_to_say_creates_no_comment(project: Path, world: World) -> None:
    change(project, "models/other.sql", "1", "2")
    assert post() == "no comment needed"
    assert comments(world) == []


@pytest.mark.parametrize(
    ("login", "author"),
    [
        ("robot", "robot"),
        ("github-actions[bot]", "github-actions[bot]"),
        ("our-app", "our-app[bot]"),
    ],
)
def test_comments_of_others_are_not_touched(
    project: Path, world: World, login: str, author: str
) -> None:
    """A person quoted it, another app copied the marker: neither is ours."""
    rules = world.proxy.rules
    rules.login = login
    others = [f"{MARKER}\nmine now", f"> {MARKER}\n> quoted", f"{MARKER}\nof another app"]
    for body, writer in zip(others, ("mona", author, "other[bot]"), strict=True):
        made = world.api("POST", "issues/1/comments", body=body)
        rules.authors[made["id"]] = writer
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    post()
    *found, ours = comments(world)
    assert [one["body"] for one in found] == others
    rules.authors[ours["id"]] = author
    git(project, "checkout", "-q", ".")
    assert post() == f"comment edited on {world.repository}#1"
    assert bodies(world) == [*others, NOTHING]


def test_ours_is_found_among_hundreds(project: Path, world: World) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    for number in range(130):
        made = world.api("POST", "issues/1/comments", body=f"{MARKER}\n{number}")
        world.proxy.rules.authors[made["id"]] = "mona"
    assert post() == f"comment created on {world.repository}#1"
    assert post() == f"comment unchanged on {world.repository}#1"


@pytest.mark.parametrize("runs", [2, 3])
def test_runs_at_the_same_time_leave_one_comment(world: World, runs: int) -> None:
    """All of them look before any of them writes."""
    world.api("POST", "issues", title="a change")
    barrier = threading.Barrier(runs)
    held = threading.Semaphore(runs)

    def wait(_place: int, seen: Seen) -> None:
        if seen.verb == "GET" and held.acquire(blocking=False):
            barrier.wait(timeout=30)

    world.proxy.fault = wait
    mark = pull_comment.marker("incident-history", "")

    def one(text: str) -> None:
        place = GitHub(world.repository, world.environment()["GITHUB_TOKEN"], world.proxy.url,
                       throttle=False)  # fmt: skip
        pull_comment.put(place, 1, mark, text, "nothing")

    threads = [threading.Thread(target=one, args=(f"run {n}",)) for n in range(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    (body,) = bodies(world)
    assert body.startswith(f"{MARKER}\nrun ")
    world.proxy.fault = lambda _place, _seen: None
    one("the next run")
    assert bodies(world) == [f"{MARKER}\nthe next run"]


@pytest.mark.parametrize("fault", ["502 after", "dropped after"])
def test_a_lost_response_creates_no_second_comment(
    project: Path, world: World, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _: None)
    world.proxy.fault = lambda _place, seen: None if seen.is_read else fault
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    post()
    assert len(comments(world)) == 1


def test_a_stale_listing_heals(project: Path, world: World) -> None:
    """An empty answer proves nothing: the second comment is deleted again."""
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    post()
    (first,) = comments(world)
    listings = iter(["empty listing"])
    world.proxy.fault = lambda _place, seen: next(listings, None) if seen.verb == "GET" else None
    post()
    assert [one["id"] for one in comments(world)] == [first["id"]]


def test_the_token_of_a_fork_leaves_the_summary_and_one_line(
    project: Path, world: World, tmp_path: Path
) -> None:
    world.proxy.rules.read_only = True
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    summary = tmp_path / "summary.md"
    said = post("main", "--format", "github", "--summary", str(summary))
    assert said == (
        "no comment: GitHub denied access: Resource not accessible by integration (on a pull "
        "request from a fork or by Dependabot, the token can only read; elsewhere, give the job "
        "`pull-requests: write`)"
    )
    assert summary.read_text().startswith(f"{MARKER}\n### 1 earlier incident")
    assert comments(world) == []


def test_a_locked_conversation_is_left_alone(project: Path, world: World) -> None:
    world.proxy.rules.locked = {1}
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert post() == "no comment: 403 Unable to create comment because issue is locked."


def test_a_long_comment_is_cut_at_a_line(world: World) -> None:
    world.api("POST", "issues", title="a change")
    lines = [f"- incident {n} \U0001f4a5" for n in range(9_000)]
    text = pull_comment.fitting(
        "\n".join(["<details>", *lines, "</details>"]), "The rest: [run](x)"
    )
    place = GitHub(world.repository, world.environment()["GITHUB_TOKEN"], world.proxy.url,
                   throttle=False)  # fmt: skip
    assert pull_comment.put(place, 1, MARKER, text, "") == "created"
    (body,) = bodies(world)
    assert len(body) < 65_536
    assert body.endswith("\n\n</details>\n\nThe rest: [run](x)")
    assert body.splitlines()[-5].startswith("- incident ")
    assert pull_comment.fitting("short", "x") == "short"


HOSTILE = (
    "@everyone <!-- incident-history --> --> <img src=x> ![a](https://evil.example/x.png) #12 "
    "</details>\n<!-- incident-history -->\n::error::no"
)


def test_text_of_an_incident_is_only_text_in_the_comment(project: Path, world: World) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    write(project.parent / "archive", {"title": HOSTILE, "owner": "@mona"}, cause=HOSTILE)
    post()
    (body,) = bodies(world)
    assert "everyone" in body
    assert body.count("<!--") == 1
    for harm in ("@everyone", "@mona", "<img", "](https:", "#12", "</details>", "\n::error"):
        assert harm not in body


def test_each_project_of_a_repository_has_a_comment(
    world: World, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    post()
    other = make_project(tmp_path / "more" / "repository", "dbt/finance")
    change(other, "models/schema.yml", "{name: status}", "{name: state}")
    monkeypatch.chdir(other)
    (tmp_path / "more" / "repository" / "dbt" / "archive").symlink_to(tmp_path / "archive")
    post()
    post()
    heads = [body.partition("\n")[0] for body in bodies(world)]
    assert heads == [MARKER, "<!-- incident-history: dbt/finance -->"]
    assert pull_comment.marker("x", "a--b>/-->") == "<!-- x: a_-b_/_-_ -->"


def test_ci_says_what_a_change_is_compared_with(project: Path, world: World) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    git(project, "commit", "-q", "-a", "-m", "rename")
    git(project, "checkout", "-q", "--detach", "main")
    git(project, "merge", "-q", "--no-ff", "--no-edit", "feature")
    assert post("auto") == f"comment created on {world.repository}#1"


def test_only_a_pull_request_gets_a_comment(
    project: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "event.json").write_text(json.dumps({"before": "0" * 40}))
    assert post() == "no comment: this run is not for a pull request"
    monkeypatch.delenv("GITHUB_ACTIONS")
    result = run("history", "--base", "main", "--archive", "../archive", "--comment")
    assert (result.exit_code, "needs a run of GitHub Actions" in result.stderr) == (
        2,
        True,
    )
    result = run("history", ORDERS, "--comment")
    assert (result.exit_code, "need --base" in result.stderr) == (2, True)


def test_a_dry_run_asks_nothing(project: Path, world: World) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert post("main", "--dry-run") == "dry run: no comment on pull request 1"
    assert world.proxy.seen == []


def test_errors_of_github_are_ours_and_come_after_the_summary(
    project: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _: None)
    world.proxy.fault = lambda _place, _seen: "502 before"
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    summary = tmp_path / "summary.md"
    words = ("--archive", "../archive", "--comment", "--summary", str(summary))
    result = run("history", "--base", "main", *words)
    assert result.exit_code == 3
    assert "GitHub responded with 502" in result.stderr
    assert summary.read_text().startswith(MARKER)
