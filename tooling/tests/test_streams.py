"""Interrupts, closed streams and pipes of other encodings: an exit code, and never a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rules.examples import BASE, STEM, with_yaml
from support import git_init

INCIDENT = str(Path(sys.executable).with_name("incident"))
TITLE = "title: Umsätze fehlen ✓ 日本 😀\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A repository with one postmortem whose title few encodings have."""
    path = tmp_path / "incidents" / "2025" / f"{STEM}.md"
    path.parent.mkdir(parents=True)
    path.write_text(with_yaml(TITLE, BASE), encoding="utf-8")
    (tmp_path / "incident.toml").write_text('since = "2026-01-01"\n')  # no rule binds it
    git_init(tmp_path)
    return tmp_path


def shell(root: Path, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", line.replace("incident", INCIDENT, 1)],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(root / ".cache"), **more},
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_failure(archive: Path, closed: str) -> None:
    for command in ("lint", "list", "stats", "lint -"):
        done = shell(archive, f"incident {command} </dev/null {closed}")
        assert done.returncode == (1 if command == "lint -" else 0), (command, done)
        assert b"Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii", "utf-16", "utf-8"])
def test_a_pipe_may_have_any_encoding(archive: Path, encoding: str) -> None:
    for command in ("lint", "list", f"message {STEM} --kind update", "review --base HEAD"):
        done = shell(archive, f"incident {command}", PYTHONIOENCODING=encoding)
        assert done.returncode == 0, (command, done)
        assert b"Traceback" not in done.stderr
    done = shell(archive, "incident list --format json", PYTHONIOENCODING=encoding)
    written = "utf-8" if encoding == "ascii" else encoding  # click takes ASCII for a mistake
    assert json.loads(done.stdout.decode(written))[0]["title"] == TITLE[7:-1]


def test_a_reader_that_leaves_is_no_traceback(archive: Path) -> None:
    done = shell(archive, "incident lint --help | true")
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.05, 0.3, 0.6, 0.9])
def test_ctrl_c_is_130_without_a_traceback(tmp_path: Path, after: float) -> None:
    """To the whole group, as a terminal sends it; the workers are in it."""
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    for number in range(1500):
        name = f"2025-05-14-number-{number}"
        (folder / f"{name}.md").write_text(BASE.replace(STEM, name))
    git_init(tmp_path)
    ready = tmp_path / "ready"
    code = "import os, signal; signal.signal(signal.SIGINT, lambda *_: os._exit(130)); "
    code += f"import pathlib; pathlib.Path({str(ready)!r}).touch(); "
    code += "from incident.__main__ import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "lint", "--no-cache", "--jobs", "2"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            while not ready.exists() and process.poll() is None:
                time.sleep(0.005)
            time.sleep(0.05 + after)
            os.killpg(process.pid, signal.SIGINT)
            _, stderr = process.communicate(timeout=60)
        finally:
            process.kill()
    assert b"Traceback" not in stderr
    assert process.returncode == 130


def test_no_answer_at_a_question_is_a_usage_error(archive: Path) -> None:
    pty = pytest.importorskip("pty")
    main, other = pty.openpty()
    with subprocess.Popen(
        [INCIDENT, "new"], cwd=archive, stdin=other, stdout=other, stderr=other
    ) as process:
        os.close(other)
        os.write(main, b"\x04")
        try:
            assert process.wait(timeout=60) == 2
        finally:
            process.kill()
            os.close(main)
