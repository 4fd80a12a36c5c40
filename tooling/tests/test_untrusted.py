"""What a hostile pull request may try on a job that lints it, each with no effect.

docs/untrusted.md lists these tests; one there that is not here, or the other way round, fails.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from incident.postmortem import json_schema
from incident.postmortem import schema as schema_
from incident.repository import atomic_files
from support import CHECKOUT, MINIMAL
from untrusted_support import (
    EVERY,
    HOSTILE,
    INCIDENT,
    PATH,
    STEM,
    commands,
    git,
    here,
    incident,
    obeyed,
    repository,
    step,
    written,
)

SECRET = "tidewater-secret-word"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


@pytest.mark.slow
def test_text_forges_no_workflow_command_and_moves_no_cursor(root: Path) -> None:
    written(root)
    readable = json.loads(here(root, "list", "--format", "json").stdout)
    assert len(readable) > len(HOSTILE)
    for command in EVERY:
        obeyed(root, command)
    assert not (root / "pwned").exists()


def test_a_name_forges_no_workflow_command(root: Path) -> None:
    (root / "incident.toml").write_text('archive = "."\n')
    for word in ("::add-mask::e", "a\n::error::x", "##[add-mask]e", "a\x1b[2J", "%0A::error::x"):
        (root / f"{word}.md").write_text("---\nid: x\ntitle: 5\n---\n")
        (root / f"{word} 2.md").write_text("no block\n")
    for command in EVERY:
        obeyed(root, command)


@pytest.mark.slow
def test_the_review_step_writes_nothing_but_its_summary(root: Path, tmp_path: Path) -> None:
    """The real step of postmortems.yml, and what it leaves for the next ones."""
    git(root, "switch", "-q", "-c", "topic")
    written(root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "hostile")
    event = tmp_path / "event.json"
    before = git(root, "rev-parse", "HEAD~1").stdout.decode().strip()
    event.write_text(json.dumps({"before": before}))
    given = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
    summary = tmp_path / "summary"
    for path in (*given.values(), summary):
        path.touch()
    done = subprocess.run(
        ["bash", "-e", "-c", step("postmortems.yml", "Review")],
        cwd=root,
        env={
            **os.environ,
            **{name: str(path) for name, path in given.items()},
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_STEP_SUMMARY": str(summary),
            "PATH": f"{Path(INCIDENT).parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert set(commands(done.stdout + "\n" + done.stderr)) <= {"error", "warning", "notice"}
    assert all(path.read_text() == "" for path in given.values())
    assert not (root / "pwned").exists()
    harmless(summary.read_text())


def harmless(markdown: str) -> None:
    """What GitHub would show has no link, picture or tag of a stranger, and calls nobody."""
    import markdown as python_markdown

    html = python_markdown.markdown(markdown, extensions=["tables", "fenced_code"])
    tags = set(re.findall(r"<([a-z0-9]+)", html))
    known = {"h2", "h3", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
    assert tags <= {*known, "strong", "details", "summary", "em", "hr"}, tags
    assert not re.search(r"@\w", html)
    assert "https://" not in html


@pytest.mark.parametrize("at", ["archive", "dbt_manifest", "actions.tracker"])
@pytest.mark.parametrize(
    "place", ["/etc", "../outside", "a/../../outside", ".git", "link", "link/x", "a\\u0000b"]
)
def test_a_configuration_leads_nowhere_outside(root: Path, at: str, place: str) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "x.md").write_text(SECRET)
    (root / "link").symlink_to(outside)
    table, _, key = at.rpartition(".")
    (root / "incident.toml").write_text(f"[{table}]\n" * bool(table) + f'{key} = "{place}"\n')
    for line in ("lint", "actions sync --yes", "new x --severity P2"):
        done = here(root, *line.split())
        assert done.returncode == 2, done.stdout + done.stderr
        assert "outside the repository" in done.stderr
        assert SECRET not in done.stdout + done.stderr
    assert [path.name for path in outside.iterdir()] == ["x.md"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x\\n::error::x", "data:,x", '"'])
def test_the_wikis_address_is_one(root: Path, url: str) -> None:
    (root / "incident.toml").write_text(f"wiki_url = {json.dumps(url)}\n".replace("\\\\n", "\\n"))
    done = here(root, "lint")
    assert (done.returncode, done.stdout) == (2, "")
    assert commands(done.stderr) == []


@contextmanager
def server() -> Iterator[tuple[str, list[str]]]:
    """A server that nobody should ask."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{found.server_port}/x", asked
        found.shutdown()
        thread.join()


def schemas(address: str) -> Iterator[tuple[str, Any]]:
    slow = "^(([a-z])+.)+[A-Z]([a-z])+$"
    yield "pattern", {"properties": {"title": {"pattern": slow}, "id": {"pattern": "^(a+)+$"}}}
    yield "patternProperties", {"patternProperties": {slow: {"type": "null"}}}
    yield "additionalProperties", {"patternProperties": {slow: {}}, "additionalProperties": False}
    yield (
        "unevaluatedProperties",
        {
            "patternProperties": {slow: {}},
            "unevaluatedProperties": False,
        },
    )
    yield "propertyNames", {"propertyNames": {"pattern": slow}}
    yield "a file", {"properties": {"title": {"$ref": "file:///etc/passwd"}}}
    yield "a server", {"properties": {"title": {"$ref": address}}}
    yield "a dynamic reference", {"properties": {"title": {"$dynamicRef": address}}}
    yield "a base", {"$id": address, "properties": {"title": {"$ref": "#/x"}}}
    yield "a metaschema", {"$schema": address}
    yield "itself", {"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}
    laughs = {f"a{i}": {"anyOf": [{"$ref": f"#/$defs/a{i - 1}"}] * 2} for i in range(1, 40)}
    yield "laughs", {"$defs": {"a0": {"type": "null"}, **laughs}, "$ref": "#/$defs/a39"}
    yield "no schema", []
    yield "an odd one", {"properties": {"title": {"enum": []}, "id": False}, "required": ["x"]}
    yield "another", {"type": "string"}
    deep: Any = {}
    for _ in range(900):
        deep = {"not": deep}
    yield "deep", deep


@pytest.mark.slow
def test_a_schema_neither_hangs_nor_asks_anybody(root: Path) -> None:
    (root / "schemas").mkdir()
    key = "a" * 60
    (root / PATH).write_text(
        MINIMAL.replace("Daily revenue 18% low", key).replace("lint:", f"{key}: 1\nlint:")
    )
    with server() as (address, asked):
        for name, schema in schemas(address):
            (root / "schemas" / "postmortem.schema.json").write_text(json.dumps(schema))
            json_schema.load.cache_clear()
            schema_.load.cache_clear()
            done = here(root, "lint", "--no-cache")
            assert done.returncode in {0, 1, 2}, (name, done.stderr)
            assert "internal error" not in done.stderr, name
            assert "root:" not in done.stdout + done.stderr
            if done.returncode == 2:
                assert "schemas/postmortem.schema.json: " in done.stderr, name
        (root / "schemas" / "postmortem.schema.json").unlink()
        (root / "schemas" / "postmortem.schema.json").symlink_to("/etc/passwd")
        schema_.load.cache_clear()
        assert "outside the repository" in here(root, "lint").stderr
        assert asked == []


@pytest.mark.slow
def test_a_job_that_lints_runs_no_template(root: Path) -> None:
    for name in ("postmortem.md.j2", "issue.md.j2", "messages/update.j2", "pages/incident.html.j2"):
        path = root / "templates" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
        )
    for command in (("lint",), ("review", "--base", "base"), ("list",), ("actions", "list")):
        assert incident(root, *command).returncode == 0


LINKS: dict[str, Callable[[Path], object]] = {
    "a file outside": lambda root: link(root / PATH, root.parent / "secret"),
    "a file of the system": lambda root: link(root / PATH, Path("/etc/passwd")),
    "an environment": lambda root: link(root / PATH, Path("/proc/self/environ")),
    "an endless file": lambda root: link(root / PATH, Path("/dev/zero")),
    "git's own folder": lambda root: link(root / PATH, root / ".git" / "config"),
    "a folder outside": lambda root: link(root / "incidents" / "2024", root.parent / "folder"),
    "itself": lambda root: link(root / PATH, root / PATH),
    "a loop": lambda root: link(root / "incidents" / "2024", root / "incidents"),
    "a pipe": lambda root: ((root / PATH).unlink(), os.mkfifo(root / PATH)),  # type: ignore[func-returns-value]
    "a folder with a file's name": lambda root: ((root / PATH).unlink(), (root / PATH).mkdir()),  # type: ignore[func-returns-value]
    "CODEOWNERS": lambda root: link(root / "CODEOWNERS", root.parent / "secret"),
    "the configuration": lambda root: link(root / "incident.toml", root.parent / "secret"),
    "what it writes": lambda root: link(root / "summary.md", root.parent / "secret"),
    "where it exports": lambda root: link(root / "out", root.parent / "folder"),
    "its tracker": lambda root: link(root / "issues.ndjson", root.parent / "secret"),
}


def link(path: Path, target: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(target)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LINKS)
def test_what_is_no_file_of_the_archive_is_neither_read_nor_written(root: Path, kind: str) -> None:
    (root.parent / "secret").write_text(f"---\nid: {SECRET}\ntitle: {SECRET}\n---\n{SECRET}\n")
    (root.parent / "folder").mkdir()
    (root.parent / "folder" / f"{SECRET}.md").write_text(f"---\nseverity: {SECRET}\n---\n")
    with (root / ".git" / "config").open("a") as config:
        config.write(f"[http]\n\textraheader = AUTHORIZATION: basic {SECRET}\n")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    LINKS[kind](root)
    before = writable(root.parent)
    for command in (*EVERY, ("lint", "incidents/2024"), ("lint", f"incidents/2024/{SECRET}.md")):
        done = here(root, *command)
        shown = (done.stdout + done.stderr).replace(f"2024/{SECRET}.md", "")
        assert SECRET not in shown, command
        assert "root:" not in shown, command
        assert "internal error" not in done.stderr, (command, done.stderr)
    assert writable(root.parent) == before


def writable(folder: Path) -> dict[str, str]:
    """What stands outside the repository, and git's configuration."""
    found = [folder / "secret", *sorted((folder / "folder").iterdir())]
    return {str(path): path.read_text() for path in found}


def test_a_link_in_a_text_asks_for_no_file_outside(root: Path) -> None:
    up = "../" * len(root.parts)
    links = (f"{up}etc/passwd", f"/{up}etc/passwd", f"{up[:-3]}x", f"%2e%2e/{up}etc/passwd")
    (root / PATH).write_text(MINIMAL + "".join(f"\n[x]({link})\n" for link in links))
    found = json.loads(here(root, "lint", "--format", "json").stdout)["diagnostics"]
    [one] = [one for one in found if one["name"] == "repository-link"]
    assert 1 + len(one["related"]) == len(links)


def test_a_huge_file_is_said_and_not_read(root: Path) -> None:
    with (root / PATH).open("ab") as file:
        file.truncate(20_000_000_000)
    done = subprocess.run(
        ["sh", "-c", f"ulimit -v 2000000; exec {INCIDENT} lint --format concise --jobs 1"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "20000.0 MB (limit 1 MB)" in done.stdout
    assert done.returncode == 1
    (root / PATH).unlink()


@pytest.mark.slow
def test_a_huge_archive_is_linted_to_its_end(root: Path) -> None:
    deep = root / "incidents"
    for number in range(150):
        deep /= f"d{number}"
    deep.mkdir(parents=True)
    (deep / f"{STEM}.md").write_text(MINIMAL)
    for number in range(1_000):
        (root / "incidents" / "2025" / f"x{number}.md").write_text("---\nid: x\n---\n")
    done = incident(root, "lint", "--format", "github", "--no-cache")
    assert done.returncode == 1
    assert len(commands(done.stdout)) <= 30
    assert "internal error" not in done.stderr


@pytest.mark.slow
def test_a_cache_or_a_baseline_in_the_repository_is_no_answer(root: Path) -> None:
    (root / PATH).write_text(MINIMAL.replace("P1", "P9"))
    expected = incident(root, "lint", "--format", "json").stdout
    assert "P9" in expected
    [stored] = (root.parent / "cache" / "incident-docs").glob("[!p]*")  # without kept patterns
    clean = re.sub(r'"diagnostics": ?\[.*?\]', '"diagnostics":[]', stored.read_text())
    for place in (".cache/incident-docs", "incident-docs", "cache"):
        (root / place).mkdir(parents=True)
        (root / place / stored.name).write_text(clean)
    known = incident(root, "lint", "--write-baseline", "known.json")
    assert known.returncode == 0
    (root / ".incident-baseline.json").write_text((root / "known.json").read_text())
    assert incident(root, "lint", "--format", "json").stdout == expected
    assert incident(root, "review", "--base", "base").returncode == 1
    for text in ("[]", "{", '{"findings": [1]}', '{"findings": 5}', "[" * 100_000, "\\xff"):
        (root / "known.json").write_text(text)
        done = incident(root, "lint", "--baseline", "known.json")
        assert done.returncode == 2, text[:20]
        assert "is not a baseline file" in done.stderr


def test_every_threat_stands_in_the_page_with_its_test() -> None:
    page = (CHECKOUT / "docs" / "untrusted.md").read_text()
    listed = set(re.findall(r"`(test_\w+)`", page))
    texts = {
        path.name: path.read_text() for path in (CHECKOUT / "tooling/tests").rglob("test_*.py")
    }
    own = texts["test_untrusted.py"] + texts["test_untrusted_jobs.py"]
    assert set(re.findall(r"def (test_\w+)", own)) - listed == {
        "test_every_threat_stands_in_the_page_with_its_test"
    }
    sources = "".join(texts.values())
    assert [name for name in listed if f"def {name}(" not in sources] == []
    assert atomic_files.PREFIX  # what a killed process leaves is told there too
