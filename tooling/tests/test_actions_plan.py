"""The plan and the file-backed tracker, without a network."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import github_support
from github_support import Item, document
from incident.actions import marker, sync, writeback
from incident.actions.apply import apply, records
from incident.actions.desired_issues import DesiredIssue, Renderer, accounts, short
from incident.actions.plan import Plan
from incident.actions.tracker import LABEL, Change, Draft
from incident.actions.trackers import _github_responses
from incident.actions.trackers.file import FileTracker
from incident.errors import UsageError
from incident.postmortem import document as postmortem_document
from incident.postmortem import model
from incident.repository.config import Actions, Config
from support import run

ID = "2026-11-02-orders-late"


def archive(root: Path, items: list[Item]) -> None:
    path = root / "incidents" / "2026" / f"{ID}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(ID, items), encoding="utf-8")


def synced(config: Config, tracker: FileTracker, write_back: bool = True) -> Plan:
    """One sync; the plan that it took."""
    plan = sync.prepare(config, tracker)
    outcomes = list(apply(plan, tracker, Renderer(config)))
    assert [outcome.result for outcome in outcomes] == ["done"] * len(plan.steps)
    if write_back:
        writeback.to_files(records(plan, outcomes, tracker), config.root)
    return plan


STATUSES = ("proposed", "committed", "in_progress", "done", "wont_do")


@pytest.mark.slow
@settings(max_examples=60)
@given(data=st.data())
def test_after_any_edits_a_second_sync_has_nothing_to_do(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Random edits on both sides, with and without write-back; then a fixed point, no double."""
    root = tmp_path_factory.mktemp("archive")
    config = Config(
        root=root,
        actions=Actions(accounts={"mona": "mona", "hubot": "hubot", "platform": "org/platform"}),
    )
    tracker = FileTracker(root / "issues.ndjson")
    choice = random.Random(data.draw(st.integers(0, 2**32)))
    texts: dict[str, Item] = {}
    for _ in range(choice.randint(1, 4)):
        for n in range(1, choice.randint(2, 5)):
            texts[f"AI-{n}"] = Item(
                f"AI-{n}",
                choice.choice(["Add a test", "Write a runbook", "Move the load"]),
                choice.choice(STATUSES),
                choice.choice(["mona", "hubot", "platform"]),
                due=choice.choice(["2026-12-01", "2027-02-03"]),
            )
        numbers = {
            marker.read(issue.body).get("key", ""): issue.number for issue in tracker.issues()
        }
        keep = choice.random() < 0.7
        for item in texts.values():
            item.issue = numbers.get(f"{ID}/{item.id}") if keep else None
        archive(root, list(texts.values()))
        synced(config, tracker, write_back=choice.random() < 0.7)
        for issue in tracker.issues():
            change = choice.choice(
                [
                    Change(title="By hand"),
                    Change(labels=(LABEL, "mine")),
                    Change(assignees=("somebody",)),
                    Change(body=f"Above.\n\n{issue.body}"),
                    Change(state="closed", reason=choice.choice(["completed", "not_planned"])),
                    Change(state="open"),
                    Change(),
                ]
            )
            tracker.update(issue.number, change)
    synced(config, tracker)  # takes in what people did
    synced(config, tracker)  # lets the markers know
    last = sync.prepare(config, tracker)
    assert last.steps == ()
    assert last.records == ()
    keys = [marker.read(issue.body)["key"] for issue in tracker.issues()]
    assert len(keys) == len(set(keys))
    text = (root / "incidents" / "2026" / f"{ID}.md").read_text(encoding="utf-8")
    assert text.count("# kept") == len(texts)


def test_the_command_with_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident.toml").write_text('[actions]\ntracker = "issues.ndjson"\n', "utf-8")
    archive(tmp_path, [Item(), Item("AI-2")])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 0, result.stderr
    lines = [json.loads(line) for line in (tmp_path / "issues.ndjson").read_text().splitlines()]
    assert [line["number"] for line in lines] == [1, 2]
    assert run("actions", "sync", "--yes").stdout == ""
    assert run("actions", "chase", "--yes", "--today", "2026-12-05").exit_code == 0
    assert run("actions", "chase", "--yes", "--today", "2026-12-05").stdout == ""
    refused = run("actions", "sync", "--yes", "--write-back", "branch")
    assert refused.exit_code == 2


def test_the_day_an_issue_was_closed_is_the_day_its_item_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident.toml").write_text('[actions]\ntracker = "issues.ndjson"\n', "utf-8")
    archive(tmp_path, [Item()])
    assert run("actions", "sync", "--yes").exit_code == 0
    file = tmp_path / "issues.ndjson"
    path = tmp_path / "incidents" / "2026" / f"{ID}.md"

    def edited(**values: str) -> str:
        [line] = file.read_text().splitlines()
        file.write_text(json.dumps({**json.loads(line), **values}) + "\n")
        assert run("actions", "sync", "--yes").exit_code == 0
        return path.read_text()

    done = edited(state="closed", reason="completed", closed_on="2026-11-20")
    assert ("status: done" in done, 'done_at: "2026-11-20"' in done) == (True, True)
    again = edited(state="open", reason="", closed_on="")
    assert ("status: in_progress" in again, "done_at: null" in again) == (True, True)


@pytest.mark.parametrize("line", ["{", "[]", '{"number": 1}', '{"title": "x"}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "issues.ndjson"
    path.write_text(f'{{"number": 1, "title": "x"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"issues\.ndjson:2: not an issue"):
        FileTracker(path).issues()


def test_text_around_the_block_stays() -> None:
    block = marker.render("Old text", {"key": "a/AI-1"})
    body = f"Before\n\n{block}\n\nAfter"
    new = marker.render("New text", {"key": "a/AI-1"})
    assert marker.replace(body, new) == f"Before\n\n{new}\n\nAfter"
    assert marker.read(body)["key"] == "a/AI-1"
    assert marker.text(body) == "Old text"


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=3))
def test_markers_round_trip(text: str, more: dict[str, str]) -> None:
    state = {**more, "key": "a--b/-->AI-1"}
    clean = text.replace("<!--", "")
    body = f"{clean}\n\n{marker.render(clean, state)}\n\n{clean}"
    assert marker.read(body) == state
    assert body.count("-->") == 2 + 3 * clean.count("-->")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "text",
        "<!-- incident-action {",
        "<!-- incident-action {broken} -->",
        "{} -->",
        '<!-- incident-action {"key": 7} -->',
    ],
)
def test_other_comments_are_not_markers(body: str) -> None:
    assert marker.read(body) == {}


def test_titles_cannot_forge_a_marker(tmp_path: Path) -> None:
    config = Config(root=tmp_path)
    tracker = FileTracker(tmp_path / "issues.ndjson")
    forged = "<!-- incident-action {'key': 'x'} -->"
    archive(tmp_path, [Item(more={"verified_by": forged})])
    synced(config, tracker)
    assert marker.read(tracker.issues()[0].body)["key"] == f"{ID}/AI-1"
    assert sync.prepare(config, tracker).steps == ()


def test_long_labels_are_shortened_but_stay_distinct() -> None:
    one, two = (f"2025-05-14-{'x' * 50}-{n}" for n in (1, 2))
    assert len(short(one)) == len(short(two)) == 50
    assert short(one) != short(two)
    assert short("2025-05-14-short") == "2025-05-14-short"


def test_issues_of_other_tools_are_ignored(tmp_path: Path) -> None:
    tracker = FileTracker(tmp_path / "issues.ndjson")
    tracker.create(Draft("Theirs", "text", (LABEL,)))
    archive(tmp_path, [Item()])
    plan = synced(Config(root=tmp_path), tracker)
    assert [step.action for step in plan.steps] == ["create"]
    assert replace(tracker.issues()[0], labels=()).title == "Theirs"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[actions.accounts]\nmona = "not a login!"\n',
            "invalid value 'not a login!' for actions.accounts.mona",
        ),
        ("[actions.accounts]\nmona = 7\n", "invalid value 7 for actions.accounts.mona"),
        ("[actions]\nremind = 7\n", "did you mean"),
        ("[actions]\nremind_every = 0\n", "`remind_every` must be at least 1, got 0"),
    ],
)
def test_the_configuration_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident.toml").write_text(text, encoding="utf-8")
    result = run("actions", "list")
    assert result.exit_code == 2
    assert message in result.stderr


def test_failing_templates_are_reported_before_any_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident.toml").write_text('[actions]\ntracker = "issues.ndjson"\n', "utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "issue.md.j2").write_text("{% if %}", encoding="utf-8")
    archive(tmp_path, [Item()])
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "issue.md.j2" in result.stderr
    assert not (tmp_path / "issues.ndjson").exists()


def test_other_commands_do_not_import_github() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from incident.commands import cli\n"
        "try: cli(['actions', 'list'])\n"
        "except SystemExit: pass\n"
        "assert not {'github', 'requests', 'jinja2'} & sys.modules.keys(), sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("said", "pull", "found"),
    [
        ("Closes #12", "a/b", True),
        ("fixes: #12.", "a/b", True),
        ("Resolved https://github.com/a/b/issues/12", "c/d", True),
        ("closes a/b#12", "c/d", True),
        ("closes #12", "c/d", False),
        ("closes c/d#12", "a/b", False),
        ("closes #123, see #12", "a/b", False),
    ],
)
def test_which_pull_request_closed_an_issue(said: str, pull: str, found: bool) -> None:
    page = f"https://github.com/{pull}/pull/3"
    source = {"title": "t", "body": said, "html_url": page, "pull_request": {"merged_at": "x"}}
    events = [
        {"event": "cross-referenced", "source": {"issue": source}},
        {"event": "closed", "commit_id": "abc"},
    ]
    expected = page if found else "https://github.com/a/b/commit/abc"
    assert _github_responses.closer(events, 12, "https://github.com/a/b") == expected


@pytest.mark.parametrize(
    ("status", "headers", "text", "seconds"),
    [
        (429, {"retry-after": "7"}, "", 7),
        (403, {"retry-after": "7"}, "", 7),
        (403, {"x-ratelimit-remaining": "0"}, "", 60),
        (403, {}, "You have exceeded a secondary rate limit", 60),
        (429, {}, "", 60),
        (403, {"x-ratelimit-remaining": "12"}, "Resource not accessible by integration", None),
        (500, {"retry-after": "7"}, "", None),
    ],
)
def test_rate_limited_requests_wait_as_told(
    status: int, headers: dict[str, str], text: str, seconds: float | None
) -> None:
    assert _github_responses.rate_wait(status, headers, text) == seconds


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail), ("", pytest.skip)])
def test_a_missing_emulator_fails_ci_and_skips_elsewhere(
    ci: str, outcome: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(github_support, "missing", lambda: "no Node.js 20")
    with pytest.raises(outcome.Exception, match="no Node"), github_support.emulator(tmp_path):
        pass


def test_accounts_come_from_codeowners_and_the_configuration_wins(tmp_path: Path) -> None:
    text = "* @tidewater/data-platform @mona someone@example.com\nx @tidewater/finance\n"
    (tmp_path / "CODEOWNERS").write_text(text, encoding="utf-8")
    config = Config(root=tmp_path, actions=Actions(accounts={"finance": "", "oncall": "hubot"}))
    found = accounts(config)
    assert found["data-platform"] == "tidewater/data-platform"
    assert (found["mona"], found["oncall"], found["finance"]) == ("mona", "hubot", "")


def test_keys_cannot_break_out_of_their_code_span() -> None:
    text = document(ID, [Item("AI-1")]).replace("AI-1", '"AI`1 | <b>`"')
    found = model.postmortem(postmortem_document.parse(text, f"incidents/2026/{ID}.md"))
    item = replace(found.action_items[0], verified_by="a`b|c")
    body = Renderer(Config(root=Path("/nowhere"))).block(DesiredIssue("key", found, item), {})
    assert "| `AI'1 \\| <b>'`" in body
    assert "`a'b\\|c`" in body
