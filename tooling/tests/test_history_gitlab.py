"""`incident history --comment` in a job of GitLab CI, against a small GitLab of our own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from history_support import change, git, make_archive, make_project
from support import CHECKOUT, run

MARKER = "<!-- incident-history -->"
NOTES = "/api/v4/projects/9/merge_requests/4/notes"


class GitLab:
    """Notes of one merge request. `status`: what every request gets, if not 0."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self.status = 0
        self.location = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def any_verb(self) -> None:
                outer.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = any_verb  # noqa: N815

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://localhost:{self.server.server_port}/api/v4"

    def note(self, author: str, body: str) -> int:
        self.notes.append(
            {"id": len(self.notes) + 50, "author": {"username": author}, "body": body}
        )
        return int(self.notes[-1]["id"])

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        raw = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        content = json.loads(raw) if raw else {}
        parts = urlsplit(handler.path)
        self.asked.append((handler.command, parts.path))
        status, found = self.found(handler.command, parts.path, parse_qs(parts.query), content)
        if handler.headers["PRIVATE-TOKEN"] != "of-the-bot":
            status = 401
        body = json.dumps(found).encode()
        handler.send_response(self.status or status)
        if self.location:
            handler.send_header("location", self.location)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def found(
        self, verb: str, path: str, query: dict[str, list[str]], content: dict[str, Any]
    ) -> tuple[int, Any]:
        if path == "/api/v4/user":
            return 200, {"username": "project_9_bot"}
        id_ = int(path.removeprefix(f"{NOTES}/")) if path != NOTES else 0
        mine = next((one for one in self.notes if one["id"] == id_), None)
        if verb == "GET":
            page, size = (int(query[key][0]) for key in ("page", "per_page"))
            return 200, self.notes[(page - 1) * size : page * size]
        if self.status:
            return self.status, {}
        if verb == "POST":
            return 201, {"id": self.note("project_9_bot", content["body"])}
        if mine is None:
            return 404, {}
        if verb == "DELETE":
            self.notes.remove(mine)
        else:
            mine["body"] = content["body"]
        return 200, mine


@pytest.fixture
def gitlab() -> Iterator[GitLab]:
    made = GitLab()
    threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def project(gitlab: GitLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_archive(tmp_path / "archive")
    root = make_project(tmp_path / "data")
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    for name, value in job(gitlab).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(root)
    return root


def job(gitlab: GitLab) -> dict[str, str]:
    return {
        "GITLAB_CI": "true",
        "GITLAB_TOKEN": "of-the-bot",
        "CI_API_V4_URL": gitlab.url,
        "CI_PROJECT_ID": "9",
        "CI_PROJECT_PATH": "acme/warehouse",
        "CI_MERGE_REQUEST_IID": "4",
    }


def post() -> tuple[int, str]:
    done = run("history", "--base", "main", "--archive", "../archive", "--comment")
    return done.exit_code, done.stderr.strip()


def test_a_note_is_created_edited_and_emptied(project: Path, gitlab: GitLab) -> None:
    for n in range(150):  # two pages
        gitlab.note("mona", f"{MARKER}\n{n}")
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert post() == (0, "comment created on acme/warehouse!4")
    *_, ours = gitlab.notes
    assert ours["body"].startswith(f"{MARKER}\n### 1 earlier incident")
    assert post() == (0, "comment unchanged on acme/warehouse!4")
    git(project, "checkout", "-q", ".")
    assert post() == (0, "comment edited on acme/warehouse!4")
    assert len(gitlab.notes) == 151
    assert ours["body"] == f"{MARKER}\nNothing to report for the current changes."


def test_a_second_note_of_ours_is_deleted(project: Path, gitlab: GitLab) -> None:
    first = gitlab.note("project_9_bot", f"{MARKER}\nold")
    gitlab.note("project_9_bot", f"{MARKER}\nnew")
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert post() == (0, "comment edited on acme/warehouse!4")
    assert [one["id"] for one in gitlab.notes] == [first]


def test_without_a_token_that_can_write_there_is_one_line(
    project: Path, gitlab: GitLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    monkeypatch.setenv("GITLAB_TOKEN", "other")
    code, said = post()
    assert (code, said.startswith("no comment: GitLab denied access: 401")) == (0, True)
    monkeypatch.delenv("GITLAB_TOKEN")
    code, said = post()
    assert (code, said.startswith("no comment: GITLAB_TOKEN is not set")) == (0, True)
    assert gitlab.notes == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_other_answers_are_errors_and_the_token_goes_nowhere_else(
    project: Path, gitlab: GitLab, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr("incident.actions.trackers._gitlab_notes.sleep", lambda _: None)
    gitlab.status, gitlab.location = status, f"{gitlab.url}/elsewhere" if status == 302 else ""
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    code, said = post()
    assert code == 3
    assert "GET /user" in said
    assert "GitLab" in said
    assert {path for _, path in gitlab.asked} == {"/api/v4/user"}
    monkeypatch.setenv("CI_API_V4_URL", "http://gitlab.example.com/api/v4")
    code, said = post()
    assert code == 2
    assert "http://gitlab.example.com/api/v4 (CI_API_V4_URL) is not an https address" in said


def test_the_recipe_runs_in_a_shell(gitlab: GitLab, project: Path, tmp_path: Path) -> None:
    """With a stand-in for pip. It shows nothing about GitLab itself."""
    page = (CHECKOUT / "docs" / "adopting.md").read_text()
    recipe = re.search(r"^```yaml\n(incident-history:.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert recipe
    [found] = yaml.safe_load(recipe[1]).values()
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "pip").write_text("#!/bin/sh\n")
    (commands / "pip").chmod(0o755)
    archive = tmp_path / "archive"
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words],
            cwd=archive, check=True, timeout=60,
        )  # fmt: skip
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join([*found["before_script"], *found["script"]])],
        cwd=project,
        env={
            "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(commands),
            "CI_PROJECT_DIR": str(project),
            "CI_MERGE_REQUEST_DIFF_BASE_SHA": subprocess.run(
                ["git", "rev-parse", "main"], capture_output=True, text=True, check=True, timeout=60
            ).stdout.strip(),
            "INCIDENT_DOCS": "incident-docs",
            "INCIDENT_ARCHIVE": f"file://{archive}",
            "TMPDIR": str(tmp_path),
            **job(gitlab),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "comment created on acme/warehouse!4" in done.stderr
    assert (project / "history.md").read_text().startswith(MARKER)
