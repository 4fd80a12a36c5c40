"""Safe fixes as suggestions on a pull request: only its own lines, and only comments."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import CHECKOUT, MINIMAL, git_init, run

NAME = "incidents/2025/2025-05-14-revenue-drops.md"
TEXT = f"{MINIMAL}\n## Summary \n\nA line.\n\n## TL;DR \n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / NAME).parent.mkdir(parents=True)
    git_init(root)
    git(root, "branch", "-M", "main")
    monkeypatch.chdir(root)
    return root


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def commit(root: Path, text: str) -> None:
    (root / NAME).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "write")


def offered(base: str) -> list[dict[str, Any]]:
    result = run("review", "--base", base, "--suggestions", "../suggestions.json")
    assert result.exit_code in {0, 1}, result.output
    found: list[dict[str, Any]] = json.loads(Path("../suggestions.json").read_text())
    return found


def test_a_fix_is_offered_on_the_line_it_is_for(root: Path) -> None:
    git(root, "switch", "-q", "-c", "topic")
    commit(root, TEXT)
    first = offered("main")[0]
    line = TEXT.split("\n").index("## Summary ") + 1
    assert first == {"path": NAME, "start": line, "end": line, "text": "## Summary"}


def test_lines_that_the_change_leaves_alone_are_not_commented_on(root: Path) -> None:
    commit(root, TEXT)
    git(root, "switch", "-q", "-c", "topic")
    commit(root, TEXT.replace("A line.", "Another line. "))
    lines = [one["text"] for one in offered("main")]
    assert lines == ["Another line."]


def test_a_merge_result_with_other_line_numbers_gets_no_suggestion(root: Path) -> None:
    commit(root, MINIMAL + "\na\n" * 5)
    git(root, "switch", "-q", "-c", "topic")
    commit(root, MINIMAL + "\na\n" * 5 + "\nA line. \n")
    git(root, "switch", "-q", "main")
    git(root, "merge", "-q", "--no-ff", "--no-edit", "topic")
    assert [one["text"] for one in offered("HEAD^1")] == ["A line."]
    git(root, "reset", "-q", "--hard", "HEAD^1")
    commit(root, MINIMAL.replace("severity: P1", "severity: P1\nkind: volume") + "\na\n" * 5)
    git(root, "merge", "-q", "--no-ff", "--no-edit", "topic")
    assert offered("HEAD^1") == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="no jq here: GitHub's runners have it")
def test_the_job_that_can_write_takes_only_places_and_texts(tmp_path: Path) -> None:
    """The file comes from a run of the pull request, which may have written anything."""
    text = (CHECKOUT / ".github" / "workflows" / "review-comment.yml").read_text()
    step = yaml.safe_load(text)["jobs"]["comment"]["steps"][-1]
    known = {"path": "a.md", "start": 1, "end": 1, "text": "old"}
    new = {"path": "a.md", "start": 2, "end": 4, "text": "new ```"}
    hostile: list[Any] = [
        {**new, "event": "APPROVE"},
        {**new, "path": ["x"]},
        {**new, "text": "`" * 8 + "\n@everybody"},
        {"event": "APPROVE"},
        {**new, "start": None},
    ]
    (tmp_path / "suggestions.json").write_text(json.dumps([known, new, *hostile]))
    fence = "`" * 8
    seen = json.dumps(["a.md", f"{fence}suggestion\nold\n{fence}"])
    (tmp_path / "gh").write_text(
        f"#!/bin/sh\ncase $* in *paginate*) printf '%s\\n' '{seen}';; esac\n"
    )
    (tmp_path / "gh").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "PULL": "repos/a/b/pulls/1", "SHA": "abc"}
    command = ["bash", "-e", "-c", step["run"]]
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=60)
    review = json.loads((tmp_path / "offered.json").read_text())
    assert (review["event"], review["commit_id"]) == ("COMMENT", "abc")
    assert review["comments"] == [
        {
            "path": "a.md",
            "side": "RIGHT",
            "start_side": "RIGHT",
            "start_line": 2,
            "line": 4,
            "body": f"{fence}suggestion\nnew ```\n{fence}",
        }
    ]
