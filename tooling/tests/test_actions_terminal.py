"""`incident actions sync` on a terminal: the plan, a question, progress."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from github_support import Item, document

pytestmark = pytest.mark.slow

ID = "2026-11-02-orders-late"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "incident.toml").write_text('[actions]\ntracker = "issues.ndjson"\n', "utf-8")
    path = tmp_path / "incidents" / f"{ID}.md"
    path.parent.mkdir()
    path.write_text(document(ID, [Item(), Item("AI-2")]), encoding="utf-8")
    return tmp_path


def on_terminal(root: Path, answer: str, *args: str) -> tuple[int, str]:
    """Run on a terminal of its own, type `answer`; exit code and everything on the screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "incident", "actions", "sync", *args],
        cwd=root,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": "1"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    screen = b""
    try:
        while chunk := os.read(ours, 4096):
            screen += chunk
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    return process.wait(30), re.sub(r"\x1b\[[0-9;?]*\w", "", screen.decode())


def test_it_shows_the_plan_and_asks(repository: Path) -> None:
    code, screen = on_terminal(repository, "n\n")
    assert code == 0
    assert screen.index(f"create  {ID}/AI-1") < screen.index("Write 2 change(s) to issues.ndjson?")
    assert "nothing written" in screen
    assert not (repository / "issues.ndjson").exists()

    code, screen = on_terminal(repository, "y\n")
    assert code == 0
    assert "100%" in screen
    assert "2 written" in screen
    assert len((repository / "issues.ndjson").read_text().splitlines()) == 2

    code, screen = on_terminal(repository, "")
    assert (code, "?" in screen) == (0, False)
    assert "issues and archive are in sync" in screen


def test_yes_skips_the_prompt(repository: Path) -> None:
    code, screen = on_terminal(repository, "", "--yes")
    assert (code, "?" in screen) == (0, False)
    assert "2 written" in screen
