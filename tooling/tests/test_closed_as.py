"""A declaration that was not an incident: a false alarm or a duplicate, closed with its reason."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from incident import archive
from incident.actions import desired_issues
from incident.actions.desired_issues import Home
from incident.archive import board
from incident.reports import _incident, home, incidents
from incident.reports._site_data import Wiki
from incident.repository import config
from support import git_init, run

REAL, ALARM, TWICE = (f"2025-03-03-{name}" for name in ("orders-are-low", "nulls", "orders-again"))
NEW = ("--severity", "P1", "--owner", "data", "--detected-at", "2025-03-03T07:40Z", "--no-edit")
ITEM = """\
action_items:
  - {id: AI-1, title: "Look into the nulls", type: detect, owner: data, due: "2025-03-10", status: committed, issue: 12}
#"""  # noqa: E501


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents").mkdir()
    monkeypatch.chdir(tmp_path)
    for title in ("Orders are low", "Nulls", "Orders again"):
        assert run("new", title, *NEW, "--asset", "dbt:model.shop.orders").exit_code == 0
    path = tmp_path / "incidents" / "2025" / f"{ALARM}.md"
    path.write_text(path.read_text().replace("action_items:", ITEM, 1))
    return tmp_path


@pytest.fixture
def closed(repository: Path) -> Path:
    alarm = ("--as", "false_alarm", "--reason", "the monitor read a test table")
    assert run("status", "nulls", "closed", *alarm).exit_code == 0
    twice = ("--as", "duplicate", "--of", "are-low", "--reason", "the same load")
    assert run("status", "again", "closed", *twice).exit_code == 0
    return repository


def test_one_command_writes_the_reason_and_nothing_else(repository: Path) -> None:
    path = repository / "incidents" / "2025" / f"{TWICE}.md"
    before = path.read_text()
    words = ("--as", "duplicate", "--of", "are-low", "--reason", "the same load")
    result = run("status", "again", "closed", *words)
    assert result.exit_code == 0, result.stderr
    head, tail = before.split("\n---\n", 1)
    written = f"closed_as: duplicate\nclosed_reason: the same load\nduplicate_of: {REAL}"
    # a value that is not plain is quoted
    head = head.replace("status: draft ", "status: closed ")
    assert path.read_text().replace(f'"{REAL}"', REAL) == f"{head}\n{written}\n---\n{tail}"


def test_the_linter_asks_for_nothing_more(closed: Path) -> None:
    result = run("lint", "--ignore", "status-deadline")
    assert (result.exit_code, result.stdout) == (0, "")


def test_it_is_counted_apart(closed: Path) -> None:
    stats = run("stats").stdout
    assert "1 incident\n1 P1\nnot counted: 1 false alarm, 1 duplicate\n" in stats
    figures = json.loads(run("stats", "--format", "json").stdout)
    assert (figures["incidents"], figures["closed_as"]) == (1, {"false_alarm": 1, "duplicate": 1})
    assert "Not counted: 1 false alarm, 1 duplicate." in (
        run("stats", "--format", "markdown", "--since", "2025-01-01").stdout
    )


def test_a_list_names_it_for_what_it_is(closed: Path) -> None:
    states = {line.split("\t")[0]: line.split("\t")[2] for line in run("list").stdout.splitlines()}
    assert states == {REAL: "draft", ALARM: "false_alarm", TWICE: "duplicate"}
    only = run("list", "--status", "false_alarm").stdout
    assert only.startswith(ALARM)
    assert run("list", "--status", "closed").stdout == ""
    assert "Closed as a false alarm: the monitor read a test table" in run("show", "nulls").stdout


def test_a_duplicate_of_a_duplicate_names_the_first(repository: Path) -> None:
    closed = run("status", TWICE, "closed", "--as", "duplicate", "--of", REAL, "--reason", "same")
    assert closed.exit_code == 0
    words = ("closed", "--as", "duplicate", "--of", TWICE, "--reason", "same")
    refused = run("status", ALARM, *words)
    assert refused.exit_code == 2
    assert f"name the other one: --of {REAL}" in refused.stderr


def test_nobody_is_chased_and_its_issues_are_closed(closed: Path) -> None:
    found = archive.load(config.load(closed))
    assert board.items(found.declared, date(2026, 1, 1)) == []
    [wanted], problems = desired_issues.read(found.declared, config.load(closed), Home())
    assert (wanted.status, wanted.item.reason) == ("wont_do", "the monitor read a test table")
    assert problems == []


def test_the_wiki_lists_it_but_counts_it_nowhere(closed: Path) -> None:
    wiki = Wiki(archive.load(config.load(closed)), date(2026, 1, 1))
    assert [p.id for p in home.unresolved(wiki)] == [REAL]
    rows = incidents.rows(wiki)["rows"]
    assert isinstance(rows, list)
    assert {row[0] for row in rows} == {REAL, ALARM, TWICE}
    p = wiki.by_id[TWICE]
    head = _incident.page(p, _incident.view(p, wiki), wiki)
    assert "Closed as a duplicate:</b> the same load." in head
    assert f'{REAL}/">Orders are low</a>' in head
    [text] = [_incident.body(e.document) for e in wiki.archive.entries if e.postmortem.id == TWICE]
    assert "## Timeline" in text
    assert "## Summary" not in text  # nobody wrote one, and nobody has to
    assert [p.id for p, _ in wiki.by_asset["dbt:model.shop.orders"]] == [REAL]


def test_it_may_be_opened_again(closed: Path) -> None:
    again = run("status", "nulls", "draft")
    assert again.exit_code == 0
    assert "closed_as: null" in (closed / "incidents" / "2025" / f"{ALARM}.md").read_text()
    assert f"{ALARM}\tP1\tdraft" in run("list", "--status", "draft").stdout
    assert run("lint", "--ignore", "status-deadline").exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["closed", "--as", "false_alarm"], "--as needs --reason"),
        (["draft", "--as", "false_alarm", "--reason", "x"], "--as needs the status closed"),
        (["closed", "--as", "duplicate", "--reason", "x"], "--as duplicate needs --of"),
        (["closed", "--as", "duplicate", "--reason", "x", "--of", "nulls"], "the same postmortem"),
        (["closed", "--as", "duplicate", "--reason", "x", "--of", "no"], "matches `no`"),
        (["closed", "--as", "false_alarm", "--reason", "x", "--of", "low"], "needs --as duplicate"),
        (["closed", "--reason", "x"], "--reason and --of need --as"),
    ],
)
def test_what_cannot_work_is_refused(repository: Path, words: list[str], said: str) -> None:
    result = run("status", "nulls", *words)
    assert result.exit_code == 2
    assert said in result.stderr


def test_the_linter_asks_for_the_reason_and_the_original(closed: Path) -> None:
    path = closed / "incidents" / "2025" / f"{TWICE}.md"
    text = path.read_text()
    path.write_text(text.replace("closed_reason: the same load\n", ""))
    assert "closed_reason is missing" in run("lint", path).stdout
    path.write_text(text.replace(f'duplicate_of: "{REAL}"', "duplicate_of: 2025-01-01-none"))
    assert 'no postmortem has the id "2025-01-01-none"' in run("lint").stdout
    path.write_text(text.replace("status: closed", "status: published"))
    assert 'status must be closed, got "published"' in run("lint", path).stdout


def test_it_is_in_no_export(closed: Path) -> None:
    assert run("export", "--out", "out").exit_code == 0
    exported = (closed / "out" / "incidents.ndjson").read_text().splitlines()
    assert [json.loads(line)["incident_id"] for line in exported] == [REAL]


def test_its_reason_is_read_like_any_sentence(closed: Path) -> None:
    path = closed / "incidents" / "2025" / f"{ALARM}.md"
    path.write_text(path.read_text().replace("the monitor read", "it was human error in"))
    assert "human-error" in run("lint", path).stdout
