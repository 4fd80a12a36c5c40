"""Other systems: line ends, names, processes, encodings, modules that only some of them have.

No test here runs on macOS or Windows: it gives this machine what those are like.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from incident import archive
from incident.lint import file_checks, linter
from incident.lint import run as lint
from incident.reports._rendering import slug
from incident.repository import config
from incident.repository.config import Config
from rules.examples import BASE, STEM, lint_together
from support import CHECKOUT, MINIMAL, NOW, git_init, run

HIDDEN = (
    "import builtins, os, pkgutil, sys\n"
    + """\
hidden = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog"}
known = builtins.__import__

def guarded(name, globals=None, locals=None, fromlist=(), level=0):
    asking = (globals or {}).get("__name__", "")
    if name.partition(".")[0] in hidden and asking.startswith("incident"):
        raise ModuleNotFoundError(f"No module named {name!r} on this system")
    return known(name, globals, locals, fromlist, level)

import mkdocs.plugins, pygls.lsp.server, multiprocessing, github  # what they import is theirs
builtins.__import__ = guarded
for name in ("fork", "sched_getaffinity", "getuid", "geteuid", "uname", "openpty", "O_NOFOLLOW"):
    if hasattr(os, name):
        delattr(os, name)
import signal
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGXCPU", "setitimer", "alarm", "ITIMER_REAL"):
    delattr(signal, name)
import incident
count = 0
for module in pkgutil.walk_packages(incident.__path__, "incident."):
    if not module.name.endswith("__main__"):
        known(module.name)
        count += 1
print(count)
"""
)


@pytest.mark.slow
def test_every_module_is_imported_without_what_only_unix_has() -> None:
    command = [sys.executable, "-X", "warn_default_encoding", "-c", HIDDEN]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200


def write(root: Path, name: str, text: str) -> Path:
    path = root / "incidents" / name[:4] / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


@pytest.mark.slow
def test_workers_that_begin_anew_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(120):
        name = f"2025-05-14-number-{number}"
        text = BASE.replace(STEM, name)
        text = text.replace("severity: P1", "severity: P9") if number % 2 else text
        write(tmp_path, name, text)
    settings = Config(root=tmp_path)

    def found(jobs: int) -> list[object]:
        made = linter.make(settings, NOW)
        return [*lint.files(made, [settings.archive_dir], use_cache=False, jobs=jobs).diagnostics]

    alone = found(1)
    assert len(alone) > 60
    assert found(2) == alone
    monkeypatch.setattr(file_checks, "_START", "spawn")
    assert found(2) == alone


EDITS = {
    "lint --fix": ("lint", "--fix", "{path}"),
    "timeline add": ("timeline", "add", "{id}", "a new thing", "--at", "2025-05-14T11:00Z"),
    "timeline import": ("timeline", "import", "{id}", "events.ndjson"),
    "resolve": ("resolve", "--from-issue", "issue.json"),
    "actions sync": (
        *("actions", "sync", "--yes", "--tracker", "issues.ndjson", "--write-back", "files"),
    ),
    "new --into": ("new", "--into", "{id}", "--from-issue", "issue.json"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_command_keeps_the_line_ends_of_windows(
    edit: str, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for newline in ("\n", "\r\n"):
        root = tmp_path / str(len(newline))
        root.mkdir()
        git_init(root)
        address = "https://example.com/tidewater/data/issues/12"
        text = MINIMAL.replace(
            "timestamps:", f'evidence: [{{title: x, url: "{address}"}}]\ntimestamps:'
        )
        text = text.replace("\ntitle:", "\nsev: P1\ntitle:").replace("severity: P1\n", "")
        text = text.replace(
            "lint:",
            "detection: {method: null, source: null}\n"
            "action_items:\n  - {id: AI-1, title: Test it, status: committed}\nlint:",
        )
        text += "\n## Summary  \n\nLate.\n\n## Timeline\n\n- 2025-05-14 09:40Z it began\n"
        path = write(root, "2025-05-14-revenue-drops", mark + text.replace("\n", newline))
        issue = {
            "number": 12,
            "html_url": address,
            "title": "Revenue is low",
            "body": "x",
            "created_at": "2025-05-14T09:40:00Z",
            "closed_at": "2025-05-15T10:20:30Z",
            "state_reason": "completed",
            "labels": [],
        }
        (root / "issue.json").write_text(json.dumps({"issue": issue}))
        event = {"at": "2025-05-14T10:00Z", "text": "the load was stopped"}
        (root / "events.ndjson").write_text(json.dumps(event) + "\n")
        monkeypatch.chdir(root)
        places = {"id": "2025-05-14-revenue-drops", "path": str(path)}
        before = path.read_bytes()
        result = run(*(word.format(**places) for word in EDITS[edit]))
        assert result.exit_code in {0, 1}, result.output
        raw = path.read_bytes()
        assert raw != before, result.output
        made.append(raw)
    unix, windows = made
    assert b"\r" not in unix
    assert windows == unix.replace(b"\n", b"\r\n")


def test_ids_that_differ_in_case_are_one_file_on_some_systems() -> None:
    texts = [BASE, BASE.replace(f"id: {STEM}", f"id: {STEM.replace('low', 'LOW')}")]
    hits = [d for d in lint_together(texts) if d.code == "INC601"]
    assert len(hits) == 2


@pytest.mark.parametrize("pair", [("2025-05-14-caf\u00e9", "2025-05-14-cafe\u0301")])
def test_a_name_is_the_same_in_both_forms_of_unicode(pair: tuple[str, str], tmp_path: Path) -> None:
    composed, decomposed = pair
    path = write(tmp_path, decomposed, MINIMAL.replace("2025-05-14-revenue-drops", composed))
    found = config.Config(root=tmp_path)
    assert archive.find(found, composed) == archive.find(found, decomposed) == path
    result = run("lint", path, "--select", "INC101")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "com1", "lpt9", "con:x", "a:b.", "index"])
def test_a_page_has_a_name_that_windows_can_write(name: str) -> None:
    assert "~" in slug(name)
    assert not slug(name).endswith((".", " "))


def test_addresses_do_not_meet_where_case_does_not_count() -> None:
    names = ["orders", "Orders", "ORDERS", "dbt:a.Orders", "dbt:a.orders", "console", "com10"]
    assert len({slug(name).casefold() for name in names}) == len(names)
    assert slug("console") == "console"


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
@pytest.mark.parametrize(
    "args", [["lint", "--no-cache"], ["stats", "--format", "markdown"], ["list"]], ids=" ".join
)
def test_a_console_that_lacks_characters_ends_no_command(encoding: str, args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "warn_default_encoding", "-m", "incident", *args],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONWARNINGS": ""},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert b"EncodingWarning" not in done.stderr


def test_a_file_that_another_program_holds_open_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, STEM, BASE.replace("## Summary", "## Executive summary"))
    before = path.read_bytes()

    def held(_source: object, _target: object) -> None:  # what Windows says of `os.replace`
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "replace", held)
    result = run("lint", "--fix", path)
    assert result.exit_code == 3
    assert "cannot access the file" in result.output
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]
