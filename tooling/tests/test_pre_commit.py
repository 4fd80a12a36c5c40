"""The hooks, by pre-commit itself, from a clone of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from act_support import exported
from support import MINIMAL, git_init

pytestmark = pytest.mark.slow

CONFIG = """\
repos:
  - repo: {source}
    rev: {revision}
    hooks: [{{id: incident-lint}}]
"""
FIX = CONFIG.replace("incident-lint", "incident-fix")
NAME = "2025-05-14-revenue-drops.md"


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository with the hooks, and its commit."""
    source = exported(tmp_path_factory.mktemp("source") / "incident-docs")
    git_init(source)
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "release")
    return source, git(source, "rev-parse", "HEAD").strip()


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def pre_commit(repository: Path, *args: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *args],
        cwd=repository,
        env={**os.environ, "PRE_COMMIT_HOME": str(repository.parent / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_commit_is_judged_by_the_files_that_it_changes(
    hooks: tuple[Path, str], tmp_path: Path
) -> None:
    source, revision = hooks
    repository = tmp_path / "repository"
    folder = repository / "incidents" / "2025"
    folder.mkdir(parents=True)
    git_init(repository)
    (folder / "2025-01-01-old.md").write_text("an old file that no rule would pass\n")
    (folder / "README.md").write_text("# Not a postmortem\n")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "old")
    config = repository / ".pre-commit-config.yaml"
    config.write_text(CONFIG.format(source=source, revision=revision))
    (folder / NAME).write_text(MINIMAL.replace("P1", "P9"))
    (folder / "README.md").write_text("# Still not a postmortem\n")
    git(repository, "add", "-A")
    code, log = pre_commit(repository, "run")
    assert code == 1, log
    assert 'severity "P9" must be one of P0, P1, P2, P3' in log
    assert "2025-01-01-old.md" not in log
    assert "README" not in log
    (folder / NAME).write_text(MINIMAL)
    git(repository, "add", "-A")
    code, log = pre_commit(repository, "run")
    assert code == 0, log
    assert "Passed" in log
    config.write_text(FIX.format(source=source, revision=revision))
    git(repository, "add", "-A")
    code, log = pre_commit(repository, "run")
    assert code == 0, log
