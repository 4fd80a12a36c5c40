"""`incident new --from-git`: changes of the assets' files, by subject and number, nobody's name."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.postmortem import document, timeline_entries
from incident.sources import git as git_source
from sources import artifacts
from sources.artifacts import FAILED_BUILD, write
from support import git_init, lint, run

AT = datetime.fromisoformat("2026-11-19T10:00:00+00:00")
WINDOW = ("--between", "2026-11-18T00:00Z", "2026-11-20T02:00Z")


def git(root: Path, *args: str, at: str = "2026-11-19T10:00:00+01:00") -> None:
    environment = {**os.environ, "GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at}
    subprocess.run(["git", *args], cwd=root, check=True, env=environment, capture_output=True)


def commit(root: Path, file: str, subject: str, at: str = "2026-11-19T10:00:00+01:00") -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{subject}\n")
    git(root, "add", "-A", at=at)
    git(root, "commit", "-q", "-m", subject, at=at)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A dbt project below the top of a repository, with merges and squashes."""
    root = tmp_path / "clone"
    root.mkdir()
    git_init(root)
    git(root, "remote", "add", "origin", "https://ines:hunter2@github.com/tidewater/dbt.git")
    stg = "transform/models/marts/stg_orders.sql"
    commit(root, stg, "Begin with orders", "2026-10-01T00:00:00Z")
    git(root, "checkout", "-q", "-b", "ines/currency")
    commit(root, stg, "wip", "2026-11-19T09:00:00Z")
    git(root, "checkout", "-q", "-")
    message = "Merge pull request #12 from ines/currency\n\nConvert the currency at load\n\n"
    message += "Co-authored-by: Ines <ines@example.com>"
    git(root, "merge", "--no-ff", "-q", "-m", message, "ines/currency", at="2026-11-19T12:00:00Z")
    commit(root, "README.md", "Say more (#13)")
    commit(root, "transform/models/marts/fct_margin.sql", "Round the **margin** (#14)")
    commit(root, stg, "Later (#15)", "2026-11-20T03:00:00Z")
    return root


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "incident.toml").touch()
    monkeypatch.chdir(root)
    return root


BASIC = (
    *("new", "Margin wrong", "--severity", "P1", "--owner", "finance", "--stdout"),
    *("--detected-at", "2026-11-20T02:00Z"),
)


def changes(text: str) -> list[tuple[str, str | None]]:
    found = document.parse(text, "")
    assert lint(document.parse(text, f"{found.data['id']}.md")) == []
    assert "hunter2" not in text
    assert "ines" not in text.casefold()
    return [(e["title"], e.get("url")) for e in found.data["evidence"] if e["kind"] == "pr"]


TWELVE = ("Convert the currency at load (#12)", "https://github.com/tidewater/dbt/pull/12")
FOURTEEN = ("Round the **margin** (#14)", "https://github.com/tidewater/dbt/pull/14")


def test_changes_below_a_path(repository: Path, clone: Path) -> None:
    result = run(*BASIC, "--from-git", clone, *WINDOW, "--path", "models/")
    assert changes(result.stdout) == [FOURTEEN, TWELVE]
    entries = [
        e.text for e in timeline_entries.read(document.parse(result.stdout, "")) if not e.clock
    ]
    assert entries == [
        r"changed: Round the \*\*margin\*\* (#14) (TODO keep this line if it matters)",
        "changed: Convert the currency at load (#12) (TODO keep this line if it matters)",
    ]


def test_changes_of_named_assets(repository: Path, clone: Path) -> None:
    asset = ("--asset", "dbt:model.tidewater.fct_margin")
    result = run(*BASIC, "--from-git", clone, *WINDOW, *asset)
    assert changes(result.stdout) == [FOURTEEN]
    result = run(*BASIC, "--from-git", clone, *WINDOW, *asset, "--path", "seeds")
    assert changes(result.stdout) == []


def test_changes_of_what_dbt_says_is_hit(repository: Path, clone: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    args = ("new", "--from-dbt", target, "--from-git", clone)
    assert changes(run(*args, "--stdout").stdout) == [FOURTEEN, TWELVE]
    made = run(*args).stdout.strip()
    before = (repository / made).read_text()
    assert run(*args, "--into", Path(made).stem).exit_code == 0
    assert (repository / made).read_text() == before


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--from-git", "."], "--from-git needs to know which files"),
        (["--from-git", "nowhere", "--path", "x"], "nowhere is not a folder"),
        (["--from-git", "plain", "--path", "x"], "not a git repository"),
        (["--between", "2d", "1d"], "--between requires --from-git"),
        (["--from-git", ".", "--path", "x", "--between", "1d", "2d"], "ends before it begins"),
    ],
)
def test_wrong_calls(repository: Path, tmp_path: Path, args: list[str], said: str) -> None:
    (repository / "plain").mkdir()
    if "plain" in args:
        args[1] = str(tmp_path)
    result = run(*BASIC, *args)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    ("remote", "web"),
    [
        ("git@github.com:tidewater/dbt.git", "https://github.com/tidewater/dbt/pull/"),
        ("ssh://git@git.example.com:2222/a/b", "https://git.example.com/a/b/pull/"),
        ("https://gitlab.example.com/a/b.git", "https://gitlab.example.com/a/b/-/merge_requests/"),
        ("/home/ines/dbt", ""),
        ("../dbt", ""),
        ("", ""),
    ],
)
def test_where_pull_requests_are(remote: str, web: str) -> None:
    assert git_source._web(remote) == web


@pytest.mark.parametrize(
    ("subject", "body", "what", "number"),
    [
        ("Merge branch 'ines/x' into 'main'", "Fix it\n\nSee merge request a/b!7", "Fix it", "#7"),
        ("Merge branch 'ines/x'", "", "a branch was merged", ""),
        ("Merge pull request #3 from ines/x", "", "pull request 3", "#3"),
        ("Merge the two loads (#5)", "", "a branch was merged", "#5"),
        ("", "", "a change", ""),
    ],
)
def test_merges_do_not_name_branches(subject: str, body: str, what: str, number: str) -> None:
    signal = git_source._signal(AT, True, subject, body, "")
    expected = f"pull request {number[1:]}" if what == "a branch was merged" and number else what
    assert (signal.what, signal.detail) == (expected, number)


@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_any_subject_is_one_line(subject: str, body: str, is_merge: bool) -> None:
    signal = git_source._signal(AT, is_merge, subject, body, "")
    prefill = git_source.prefill([signal])
    assert len(prefill.entries[0].text.splitlines()) == 1
    assert 0 < len(signal.what) <= 150
