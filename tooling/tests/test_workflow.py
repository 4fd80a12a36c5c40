"""What the pull-request workflow runs: changed postmortems only, annotations, a summary."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support import CHECKOUT, MINIMAL, git_init

NAME = "2025-05-14-revenue-drops.md"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a commit to compare with, and this checkout's tools."""
    root = tmp_path / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    (root / "tooling").mkdir()
    shutil.copy(CHECKOUT / "tooling" / "lint_changed.sh", root / "tooling")
    git_init(root)
    write(root, "2025-01-01-old.md", "an old file that no rule would pass\n")
    commit(root, "base")
    git(root, "branch", "base")
    return root


def git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True)


def commit(root: Path, message: str) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)


def write(root: Path, name: str, text: str) -> None:
    (root / "incidents" / "2025" / name).write_text(text, encoding="utf-8")


def lint_changed(root: Path) -> tuple[int, str, str]:
    """Exit code, log and job summary."""
    summary = root.parent / "summary.md"
    summary.write_text("", encoding="utf-8")
    tools = CHECKOUT / ".venv" / "bin"
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    environment["PATH"] = f"{tools}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", "tooling/lint_changed.sh", "base"],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, summary.read_text(encoding="utf-8")


def test_a_bad_postmortem_fails_with_annotations_and_a_summary(repository: Path) -> None:
    write(repository, NAME, MINIMAL.replace("P1", "P9"))
    write(
        repository,
        "a ; b\n.md",
        MINIMAL.replace("P1", "P8") + "\n```````````\n# out of the fence\n",
    )
    commit(repository, "two bad ones")
    code, log, summary = lint_changed(repository)
    assert code == 1
    assert f"file=incidents/2025/{NAME},line=5,col=11" in log
    assert 'severity "P8"' in log
    assert "old.md" not in log + summary
    assert summary.startswith("## Postmortems: not complete yet")
    assert "errors in 2 of 2 postmortems" in summary
    assert "incidents/2025/2025-05-14-revenue-drops.md:5:11" in summary


def test_a_good_one_passes_whatever_the_others_are(repository: Path) -> None:
    write(repository, NAME, MINIMAL)
    commit(repository, "a good one")
    code, _, summary = lint_changed(repository)
    assert code == 0
    assert summary.startswith("## Postmortems: ready")


def test_no_postmortem_changed(repository: Path) -> None:
    (repository / "incidents" / "2025" / "2025-01-01-old.md").unlink()
    commit(repository, "one deleted")
    assert lint_changed(repository)[0] == 0
