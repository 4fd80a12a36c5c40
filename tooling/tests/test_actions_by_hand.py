"""What people do to issues by hand, and what GitHub refuses: each has an outcome that is said."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from github_support import Item, World
from support import CHECKOUT, run

pytestmark = pytest.mark.slow

PAGE = CHECKOUT / ".github" / "action-items.md"
KEY = "2026-11-02-orders-late/AI-1"


def closer(repository: str) -> dict[str, Any]:
    """A merged pull request of another repository that closes issue 1 of this one."""
    source = {
        "title": "Row counts",
        "body": f"Closes {repository}#1",
        "html_url": "https://github.com/tidewater/warehouse/pull/9",
        "pull_request": {"merged_at": "2026-11-20T08:00:00Z"},
    }
    return {"event": "cross-referenced", "source": {"issue": source}}


def edit(**values: Any) -> Callable[[World], None]:
    """A person's edit of issue 1."""

    def change(world: World) -> None:
        world.api("PATCH", "issues/1", **values)

    return change


def without_marker(world: World) -> None:
    body = world.issues()[0]["body"]
    edit(body=re.sub(r"<!-- incident-action \{.*?\} -->", "", body) + "\n\nA note of mine.")(world)


def note_above(world: World) -> None:
    edit(body=f"A note of mine.\n\n{world.issues()[0]['body']}")(world)


def merged(world: World) -> None:
    edit(state="closed")(world)
    world.proxy.rules.timeline[1] = [closer(world.repository)]


def closed_and_reopened(world: World) -> None:
    world.write([Item(status="done", issue=1, owner="mona")])
    assert run("actions", "sync", "--yes").exit_code == 0
    edit(state="open")(world)


def reopened_in_markdown(world: World) -> None:
    world.write([Item(status="done", issue=1, owner="mona")])
    assert run("actions", "sync", "--yes").exit_code == 0
    world.write([Item(status="in_progress", issue=1, owner="mona")])


def transferred(world: World) -> None:
    world.proxy.forward("POST", "/user/repos", {}, {"name": "elsewhere"})
    for title in ("Another", "Moved"):
        world.proxy.forward("POST", "/repos/robot/elsewhere/issues", {}, {"title": title})
    world.proxy.rules.moved[1] = "/repos/robot/elsewhere/issues/2"
    world.proxy.rules.hidden = {1}


def deleted(world: World) -> None:
    world.proxy.rules.deleted = {1}
    world.proxy.rules.hidden = {1}


def both_titles(world: World) -> None:
    edit(title="Other words")(world)
    world.write([Item(title="Add a freshness test on orders", issue=1, owner="mona")])


def copied(world: World) -> None:
    one = world.issues()[0]
    labels = [label["name"] for label in one["labels"]]
    world.api("POST", "issues", title="A copy", body=one["body"], labels=labels)


EDITS: dict[str, Callable[[World], None]] = {
    "title changed": edit(title="Mona's words"),
    "title changed, and changed in the Markdown later": both_titles,
    "a label added": lambda world: world.api("POST", "issues/1/labels", labels=["mine"]),
    "a label of ours removed": edit(labels=["incident-action"]),
    "the label `incident-action` removed": edit(labels=["mine"]),
    "text written above or below the block": note_above,
    "marker deleted": without_marker,
    "everything in the body deleted": edit(body=""),
    "somebody else assigned": edit(assignees=["hubot"]),
    "nobody assigned": edit(assignees=[]),
    "closed by a merged pull request": merged,
    "closed as completed": edit(state="closed", state_reason="completed"),
    "closed as not planned": edit(state="closed", state_reason="not_planned"),
    "reopened after the item was done": closed_and_reopened,
    "item open again in the Markdown, issue closed": reopened_in_markdown,
    "copied, marker and all": copied,
    "locked": lambda world: world.api("PUT", "issues/1/lock"),
    "marker and label removed": edit(body="", labels=["mine"]),
    "deleted": deleted,
    "transferred": transferred,
}


def outcome(world: World) -> tuple[str, str, str, int]:
    """What the sync wrote, what it wrote back, what it said, and its exit code."""
    path = world.root / "incidents/2026/2026-11-02-orders-late.md"
    before = path.read_text(encoding="utf-8")
    plan = json.loads(run("actions", "sync", "--dry-run", "--format", "json").stdout)
    result = run("actions", "sync", "--yes")
    steps = [f"{step['action']}: {', '.join(step['what'])}" for step in plan["steps"]]
    said = [one["message"] for one in plan["kept"] + plan["problems"]]
    for one in said:
        assert one in result.stderr
    after = path.read_text(encoding="utf-8")
    values = re.compile(r"(status|issue|proof): (\"[^\"]*\"|[\w-]+)")
    old = dict(values.findall(before.partition("action_items")[2]))
    new = dict(values.findall(after.partition("action_items")[2]))
    changed = [f"`{key}: {value}`" for key, value in new.items() if old.get(key) != value]
    words = re.sub(r"http://localhost:\d+", "https://github.com", "; ".join(said))
    return "; ".join(steps), ", ".join(changed), words, result.exit_code


def test_manual_edits_match_the_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["| on GitHub | the sync writes | into the Markdown | message | exit |"]
    rows.append("|---|---|---|---|---|")
    for name, change in EDITS.items():
        here = github_world(world, monkeypatch)
        (here.root / "incident.toml").write_text(
            '[actions.accounts]\nmona = "mona"\n', encoding="utf-8"
        )
        here.write([Item(owner="mona")])
        assert run("actions", "sync", "--yes").exit_code == 0
        change(here)
        before = here.issues()[0]
        steps, values, said, code = outcome(here)
        rows.append(f"| {name} | {steps or '–'} | {values or '–'} | {said or '–'} | {code} |")
        after = here.issues()[0]
        if "Mona" in before["title"]:
            assert after["title"] == before["title"]
        kept = {label["name"] for label in before["labels"]} - {"incident-action"}
        assert kept <= {label["name"] for label in after["labels"]}
        assert ("A note of mine." in (before["body"] or "")) <= ("A note of mine." in after["body"])
        assert [u["login"] for u in after["assignees"]] == [u["login"] for u in before["assignees"]]
        assert len([n for numbers in here.keys().values() for n in numbers if n]) <= 1 + (
            name == "copied, marker and all"
        )
        again = json.loads(run("actions", "sync", "--dry-run", "--format", "json").stdout)
        assert all(step["what"] == ["status"] for step in again["steps"]), name
    table = "\n".join(rows) + "\n"
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- hand edits: begin -->\n", "<!-- hand edits: end -->\n"
    start, stop = text.index(begin) + len(begin), text.index(end)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text[:start] + table + text[stop:], encoding="utf-8")
    else:
        assert text[start:stop] == table, "UPDATE_DOCS=1 rewrites the table"


def github_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Another empty repository for the same test."""
    import github_support

    assert world.proxy.invalid == []
    made = github_support.world(world.root.parent / f"again-{github_support.serial()}", world.proxy)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.root)
    return made


def test_unassignable_owners_are_skipped_and_reported(world: World) -> None:
    (world.root / "incident.toml").write_text(
        '[actions.accounts]\nmona = "mona"\n', encoding="utf-8"
    )
    world.proxy.rules.unassignable = {"mona"}
    world.write([Item(owner="mona"), Item("AI-2", owner="mona")])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert f"{KEY}: issue 1 could not be assigned to mona" in result.stderr
    assert len(world.issues()) == 2
    world.proxy.seen.clear()
    again = run("actions", "sync", "--yes")
    assert again.exit_code == 3
    assert "issue 2 could not be assigned to mona" in again.stderr
    assert world.proxy.writes == 0
    world.api("PATCH", "issues/1", assignees=["mona"])
    world.api("PATCH", "issues/2", assignees=["mona"])
    assert run("actions", "sync", "--yes").exit_code == 0


def test_changing_the_owner_keeps_manual_assignees(world: World) -> None:
    config = 'owners = ["mona"]\n[actions.accounts]\nmona = "mona"\nrobot = "robot"\n'
    config += 'platform = "tidewater/platform"\n'
    (world.root / "incident.toml").write_text(config, encoding="utf-8")
    world.write([Item(owner="mona")])
    run("actions", "sync", "--yes")
    world.api("PATCH", "issues/1", assignees=["mona", "hubot"])
    world.write([Item(owner="robot", issue=1)])
    assert run("actions", "sync", "--yes").exit_code == 0
    assert [user["login"] for user in world.issues()[0]["assignees"]] == ["hubot", "robot"]
    world.write([Item(owner="platform", issue=1)])
    assert run("actions", "sync", "--yes").exit_code == 0
    issue = world.issues()[0]
    assert [user["login"] for user in issue["assignees"]] == ["hubot"]
    assert "platform (@tidewater/platform)" in issue["body"]
    world.write([Item(owner="gone", issue=1)])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "unknown owner 'gone'" in result.stderr


def test_long_titles_and_texts_are_truncated_and_reported(world: World) -> None:
    world.write([Item(title="x" * 300, more={"verified_by": "y" * 70_000}), Item("AI-2", "Short")])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "title truncated: 300 characters (limit 256)" in result.stderr
    assert "text truncated: too long for an issue" in result.stderr
    one, two = world.issues()
    assert len(one["title"]) == 256
    assert len(one["body"]) <= 65_536
    assert two["title"] == "Short"
    world.proxy.seen.clear()
    run("actions", "sync", "--yes")
    assert world.proxy.writes == 0


def test_labels_are_case_insensitive(world: World) -> None:
    world.api("POST", "issues", title="theirs", labels=["Incident-Action", "TYPE: detect"])
    world.proxy.labels.update(
        {"incident-action": "Incident-Action", "type: detect": "TYPE: detect"}
    )
    world.write([Item()])
    assert run("actions", "sync", "--yes").exit_code == 0
    world.proxy.seen.clear()
    assert run("actions", "sync", "--yes").exit_code == 0
    assert world.proxy.writes == 0


def test_without_label_permission_no_issue_stays_open(world: World) -> None:
    world.proxy.rules.drops = {"labels", "assignees"}
    world.write([Item(), Item("AI-2")])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "was created without labels and closed" in result.stderr
    assert [issue["state"] for issue in world.issues()] == ["closed"]
    world.proxy.rules.drops = set()
    assert run("actions", "sync", "--yes").exit_code == 0
    assert sorted(world.keys()) == [KEY, KEY.replace("AI-1", "AI-2")]


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("issues_off", "Issues are disabled in robot/"),
        ("read_only", "GitHub denied access: Resource not accessible by integration"),
    ],
)
def test_fatal_errors_are_reported_once(world: World, rule: str, fact: str) -> None:
    setattr(world.proxy.rules, rule, True)
    world.write([Item(), Item("AI-2"), Item("AI-3")])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert result.stderr.count(fact) == 1
    assert world.proxy.writes <= 1


def test_bad_and_missing_tokens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write([Item()])
    monkeypatch.setenv("GITHUB_TOKEN", "wrong")
    result = run("actions", "sync", "--yes")
    assert (result.exit_code, "GitHub rejected the token" in result.stderr) == (3, True)
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.delenv("GH_TOKEN", raising=False)
    result = run("actions", "sync", "--yes")
    assert (result.exit_code, "GITHUB_TOKEN is not set" in result.stderr) == (2, True)


def test_missing_repositories_are_reported(world: World) -> None:
    world.write([Item()])
    result = run("actions", "sync", "--yes", "--repo", "robot/nothing")
    assert result.exit_code == 3
    assert "robot/nothing does not exist, or the token has no access to it" in result.stderr


def test_renamed_repositories_are_followed_and_reported(world: World) -> None:
    world.write([Item()])
    world.proxy.rules.renamed = {"robot/old-name": world.repository}
    result = run("actions", "sync", "--yes", "--repo", "robot/old-name")
    assert result.exit_code == 3
    assert f"robot/old-name is now {world.repository}" in result.stderr
    assert len(world.issues()) == 1


def test_a_number_that_belongs_to_another_item(world: World) -> None:
    world.write([Item(), Item("AI-2")])
    run("actions", "sync", "--yes")
    world.write([Item(issue=2), Item("AI-2", issue=None)])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert f"{KEY}: issue 2 belongs to 2026-11-02-orders-late/AI-2" in result.stderr
    assert len(world.issues()) == 2


def test_duplicate_ids_and_broken_files_are_reported(world: World) -> None:
    world.write([Item(), Item(), Item("AI-3")])
    (world.root / "incidents" / "bad.md").write_text("---\na: @b\n---\n", encoding="utf-8")
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "action item 2 has no unique id" in result.stderr
    assert "incidents/bad.md:2: a value cannot start with `@`" in result.stderr
    assert list(world.keys()) == ["2026-11-02-orders-late/AI-3"]


def test_issues_without_an_item_are_reported_and_left_alone(world: World) -> None:
    world.write([Item(), Item("AI-2")])
    run("actions", "sync", "--yes")
    world.write([Item(issue=1)])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "issue 2 is open, but its action item is not in the archive" in result.stderr
    assert [issue["state"] for issue in world.issues()] == ["open", "open"]


def test_manual_issues_are_adopted_by_number_and_label(world: World) -> None:
    world.api("POST", "issues", title="By hand", body="My words.")
    world.write([Item(issue=1)])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "issue 1 was not created by incident: 'By hand'" in result.stderr
    world.api("POST", "issues/1/labels", labels=["incident-action"])
    assert run("actions", "sync", "--yes").exit_code == 0
    issue = world.issues()[0]
    assert issue["title"] == "By hand"
    assert issue["body"].startswith("My words.\n\n<!-- incident-action:begin -->")
    assert "incident-action" in {label["name"] for label in issue["labels"]}
    world.proxy.seen.clear()
    assert run("actions", "sync", "--yes").exit_code == 0
    assert world.proxy.writes == 0


def test_issues_are_reopened_only_on_request(world: World) -> None:
    world.write([Item()])
    run("actions", "sync", "--yes")
    reopened_in_markdown(world)
    assert run("actions", "sync", "--yes").exit_code == 3
    assert world.issues()[0]["state"] == "closed"
    assert run("actions", "sync", "--yes", "--reopen").exit_code == 0
    assert world.issues()[0]["state"] == "open"


def test_milestones_follow_the_due_month_if_configured(world: World) -> None:
    (world.root / "incident.toml").write_text("[actions]\nmilestones = true\n", encoding="utf-8")
    world.write([Item(), Item("AI-2"), Item("AI-3", due="2027-01-15")])
    assert run("actions", "sync", "--yes").exit_code == 0
    titles = [issue["milestone"]["title"] for issue in world.issues()]
    assert titles == ["2026-12", "2026-12", "2027-01"]


def test_the_proxy_would_see_a_request_that_github_does_not_know(world: World) -> None:
    from incident.actions.trackers.github import GitHub

    client = GitHub(world.repository, "token-of-the-tests", world.proxy.url, throttle=False)
    client._write("POST", "issues", {"title": "x", "labels": "not a list"})
    assert len(world.proxy.invalid) == 1
    world.proxy.invalid.clear()
