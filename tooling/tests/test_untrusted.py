"""What a hostile pull request may try on a job that lints it, each with no effect.

docs/untrusted.md lists these tests; one there that is not here, or the other way round, fails.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from incident import schema as schema_
from incident import validation, writing
from support import CHECKOUT, MINIMAL, git_init, run

STEM = "2025-05-14-revenue-drops"
PATH = f"incidents/2025/{STEM}.md"
INCIDENT = str(Path(sys.executable).with_name("incident"))
SECRET = "tidewater-secret-word"
WORKFLOWS = CHECKOUT / ".github" / "workflows"
EVERY = (
    *(("lint", "--output-format", form) for form in ("full", "concise", "json", "github")),
    *(("lint", "--output-format", form) for form in ("sarif", "rdjson")),
    ("lint", "--statistics"),
    ("lint", "--fix", "--exit-zero"),
    ("lint", "--changed-since", "base"),
    ("review", "--base", "base", "--output-format", "github", "--summary", "summary.md"),
    ("list", "--format", "table"),
    ("list", "--format", "tsv"),
    ("list", "--format", "json"),
    ("list", "--like", "revenue"),
    ("stats",),
    ("stats", "--format", "markdown"),
    ("actions", "list", "--format", "tsv"),
    ("actions", "list", "--format", "table"),
    ("actions", "list", "--format", "json"),
    ("actions", "sync", "--dry-run", "--tracker", "issues.ndjson"),
    ("message", PATH, "--kind", "update", "--for", "slack"),
    ("message", PATH, "--kind", "update", "--for", "email"),
    ("timeline", "add", PATH, "seen again"),
    ("export", "--out", "out"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a branch `base`; what a test adds is the pull request."""
    root = tmp_path / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    git_init(root)
    git(root, "branch", "base")
    (root / PATH).write_text(MINIMAL)
    return root


def git(root: Path, *args: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *args], cwd=root, check=True, capture_output=True, **more)


def incident(root: Path, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, as a job runs it; it ends in time."""
    return subprocess.run(
        [INCIDENT, *args],
        cwd=root,
        env={**os.environ, "XDG_CACHE_HOME": str(root.parent / "cache"), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
        timeout=60,
    )


def here(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The same in this process, where many are asked; an alarm ends it."""
    was = Path.cwd()
    os.chdir(root)
    signal.alarm(60)
    try:
        result = run(*args)
    finally:
        signal.alarm(0)
        os.chdir(was)
    return subprocess.CompletedProcess(args, result.exit_code, result.stdout, result.stderr)


def commands(log: str) -> list[str]:
    """The workflow commands that a runner finds in a log, as actions/runner parses its lines."""
    found = []
    for line in re.split(r"\r\n|\r|\n", log):
        if line.lstrip().startswith("::"):
            match = re.match(r"\s*::([\w-]+)[^:]*(?:::)?", line)
            found.append(match[1] if match else line)
        elif "##[" in line and "]" in line[line.index("##[") :]:
            found.append(line[line.index("##[") :])
    return found


HOSTILE = (
    "::set-output name=x::y",
    "::add-mask::e",
    "::stop-commands::x",
    "a ##[add-mask]e",
    "##[stop-commands]x",
    "%0A::error::x",
    "%0D%0A::error::x",
    "a\\n::error file=x::forged",
    "a\\r\\n  ::error::forged",
    "a\\u0085::error::forged",
    "a\\u2028::error::forged",
    "a\\e[2J\\e]0;t\\a",
    "a\\u009b31m",
    "a\\u202egnp.exe",
    "a\\u2066b\\u061c",
    "a,title=x::b",
    "</summary><script>alert(1)</script>",
    "[x](https://example.com/) ![x](https://example.com/x.png) @everyone <img src=x>",
    "`$(touch pwned)`; touch pwned #",
    "| a | b\\n|---|",
)


def postmortem(word: str) -> str:
    """A postmortem that says `word` (as YAML writes it in quotes) wherever one can."""
    quoted = f'"{word}"'
    plain = word.replace("\\n", "\n").replace("\\r", "\r").replace("\\e", "\x1b")
    text = MINIMAL.replace('"Daily revenue 18% low"', quoted).replace("data-platform", quoted)
    return (
        text.replace(
            "lint:",
            f"kind: {quoted}\ntags: [{quoted}]\n{quoted}: 1\nobservers: [{quoted}]\n"
            f"roles: {{incident_lead: {quoted}}}\nreviewers: [{quoted}]\n"
            f"impact: {{summary: {quoted}, assets: [{{ref: {quoted}, role: {quoted}}}]}}\n"
            f"related: [{quoted}]\nrecurrence_of: {quoted}\n"
            f"action_items:\n  - {{id: AI-1, title: {quoted}, owner: {quoted}, status: committed,"
            f" due: {quoted}, done_when: {quoted}, issue: {quoted}}}\nlint:",
        )
        + f"\n## {plain}\n\n{plain}\n\n## Timeline\n\n- 2025-05-14T09:40Z {plain}\n\n[x]({plain})\n"
    )


_OBEYED = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def written(root: Path) -> None:
    """For each hostile word a postmortem that says it in every place, and one only in its title."""
    for number, word in enumerate(HOSTILE):
        name = f"incidents/2025/2025-05-{number + 1:02}-x"
        text = postmortem(word).replace(STEM, Path(name).name)
        (root / f"{name}.md").write_text(text, newline="")
        text = MINIMAL.replace("Daily revenue 18% low", word).replace(STEM, Path(name).name + "y")
        (root / f"{name}y.md").write_text(text, newline="")


def obeyed(root: Path, command: tuple[str, ...]) -> None:
    """Nothing that others wrote is obeyed, neither by a terminal nor by a runner."""
    done = here(root, *command)
    said = done.stdout + "\n" + done.stderr
    assert "internal error" not in said, command
    own = {"error", "warning", "notice"} if "github" in command else set()
    assert set(commands(said)) <= own, command
    assert re.findall(_OBEYED, said) == [], command


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


def step(workflow: str, name: str) -> str:
    """The script of a step as the workflow has it."""
    content = yaml.safe_load((WORKFLOWS / workflow).read_text())
    steps = [step for job in content["jobs"].values() for step in job["steps"]]
    script: str = next(step["run"] for step in steps if step.get("name") == name)
    return script


def test_the_review_step_writes_nothing_but_its_summary(root: Path, tmp_path: Path) -> None:
    """The real step of postmortems.yml, and what it leaves for the next ones."""
    git(root, "switch", "-q", "-c", "topic")
    written(root)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "hostile")
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
        assert "leads out of the repository" in done.stderr
        assert SECRET not in done.stdout + done.stderr
    assert [path.name for path in outside.iterdir()] == ["x.md"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x\\n::error::x", "data:,x", '"'])
def test_the_wikis_address_is_one(root: Path, url: str) -> None:
    (root / "incident.toml").write_text(f"wiki_url = {json.dumps(url)}\n".replace("\\\\n", "\\n"))
    done = here(root, "lint")
    assert (done.returncode, done.stdout) == (2, "")
    assert commands(done.stderr) == []


def test_a_folder_that_git_takes_for_a_repository_runs_nothing(root: Path) -> None:
    """HEAD, config and objects/ in a folder make git obey that config: it names programs."""
    inner = root / "incidents"
    git(root, "init", "-q", "--bare", str(inner))
    trap = inner / "trap"
    trap.write_text(f"#!/bin/sh\ntouch {root.parent}/pwned\n")
    trap.chmod(0o755)
    tree = git(inner, "hash-object", "-t", "tree", "-w", "--stdin", input=b"").stdout.decode()
    commit = (
        f"tree {tree.strip()}\nauthor A <a@example.com> 1700000000 +0000\n"
        "committer A <a@example.com> 1700000000 +0000\n"
        "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\nx\n"
    ).encode()
    made = git(inner, "hash-object", "-t", "commit", "-w", "--stdin", input=commit).stdout
    git(inner, "update-ref", "refs/heads/main", made.decode().strip())
    git(inner, "symbolic-ref", "HEAD", "refs/heads/main")
    with (inner / "config").open("a") as config:
        config.write(
            f"[core]\nfsmonitor = {trap}\nworktree = {inner}\nbare = false\n"
            f"[log]\nshowSignature = true\n[gpg]\nprogram = {trap}\n"
        )
    (inner / "incident.toml").write_text('archive = "2025"\n')
    git(inner, "log", "-1")
    assert (root.parent / "pwned").exists()  # the trap works
    (root.parent / "pwned").unlink()
    for command in (
        ("lint", "incidents"),
        ("lint", "incidents", "--changed-since", "HEAD"),
        ("lint", "incidents", "--staged"),
        ("lint", "incidents", "--fix"),
    ):
        incident(root, *command)
        assert not (root.parent / "pwned").exists(), command
    for line in ("list", "review --base HEAD", "export --out x", "stats"):
        incident(inner, *line.split())
        assert not (root.parent / "pwned").exists(), line


def test_attributes_of_git_run_nothing(root: Path) -> None:
    (root / ".gitattributes").write_text("*.md diff=x filter=x merge=x textconv=x\n")
    (root / ".mailmap").symlink_to("/etc/passwd")
    (root / ".gitmodules").write_text('[submodule "x"]\npath = incidents\nurl = ext::sh -c id\n')
    for command in (("lint", "--changed-since", "base"), ("review", "--base", "base")):
        done = incident(root, *command)
        assert done.returncode in {0, 1}, done.stderr


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
            validation.load.cache_clear()
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
        assert "leads out of the repository" in here(root, "lint").stderr
        assert asked == []


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
    found = json.loads(here(root, "lint", "--output-format", "json").stdout)["diagnostics"]
    assert [one["name"] for one in found].count("repository-link") == len(links)


def test_a_huge_file_is_said_and_not_read(root: Path) -> None:
    with (root / PATH).open("ab") as file:
        file.truncate(20_000_000_000)
    done = subprocess.run(
        ["sh", "-c", f"ulimit -v 2000000; exec {INCIDENT} lint --output-format concise --jobs 1"],
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
    done = incident(root, "lint", "--output-format", "github", "--no-cache")
    assert done.returncode == 1
    assert len(commands(done.stdout)) <= 30
    assert "internal error" not in done.stderr


def test_a_cache_or_a_baseline_in_the_repository_is_no_answer(root: Path) -> None:
    (root / PATH).write_text(MINIMAL.replace("P1", "P9"))
    expected = incident(root, "lint", "--output-format", "json").stdout
    assert "P9" in expected
    [stored] = (root.parent / "cache" / "incident-docs").iterdir()
    clean = re.sub(r'"diagnostics": ?\[.*?\]', '"diagnostics":[]', stored.read_text())
    for place in (".cache/incident-docs", "incident-docs", "cache"):
        (root / place).mkdir(parents=True)
        (root / place / stored.name).write_text(clean)
    known = incident(root, "lint", "--write-baseline", "known.json")
    assert known.returncode == 0
    (root / ".incident-baseline.json").write_text((root / "known.json").read_text())
    assert incident(root, "lint", "--output-format", "json").stdout == expected
    assert incident(root, "review", "--base", "base").returncode == 1
    for text in ("[]", "{", '{"findings": [1]}', '{"findings": 5}', "[" * 100_000, "\\xff"):
        (root / "known.json").write_text(text)
        done = incident(root, "lint", "--baseline", "known.json")
        assert done.returncode == 2, text[:20]
        assert "is no baseline" in done.stderr


TRAP = "import pathlib; pathlib.Path({!r}).touch()\n"


def test_no_python_of_the_repository_is_run(root: Path, tmp_path: Path) -> None:
    trap = TRAP.format(str(tmp_path / "pwned"))
    for name in ("yaml", "click", "venv", "json", "incident", "sitecustomize", "conftest", "pip"):
        (root / f"{name}.py").write_text(trap)
        (root / "incidents" / f"{name}.py").write_text(trap)
    (root / "tooling").mkdir()
    (root / "tooling" / "rules.py").write_text(trap)
    (root / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n'
        '[project.entry-points."incident.rules"]\nx = "conftest:x"\n'
        "[tool.incident]\n"
    )
    for line in ("lint", "lint incidents", "review --base base", "list", "export --out x"):
        incident(root, *line.split())
        assert not (tmp_path / "pwned").exists(), line
    (root / "pyproject.toml").write_text('[tool.incident]\nplugins = ["conftest"]\n')
    assert "unknown key `plugins`" in incident(root, "lint").stderr
    install = yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"][2]["run"]
    first = next(line for line in install.splitlines() if "-m venv" in line)
    run = first.replace("python", sys.executable, 1) + " --without-pip"
    environment = {**os.environ, "RUNNER_TEMP": str(tmp_path / "temp")}
    subprocess.run(["bash", "-e", "-c", run], cwd=root, env=environment, check=True)
    assert not (tmp_path / "pwned").exists()


def jobs() -> Iterator[tuple[str, set[str], dict[str, Any], str]]:
    for path in sorted(WORKFLOWS.glob("*.yml")):
        content = yaml.load(path.read_text(), yaml.BaseLoader)
        on = content["on"]
        events = {on} if isinstance(on, str) else set(on)
        for job in content["jobs"].values():
            yield path.name, events, job, json.dumps(job)


def test_a_job_on_a_pull_request_can_only_read() -> None:
    seen = 0
    for name, events, job, text in jobs():
        assert "pull_request_target" not in events, name
        if events & {"pull_request", "merge_group"}:
            seen += 1
            assert set(job.get("permissions", {}).values()) <= {"read"}, name
            assert "secrets." not in text, name
            assert "actions/cache" not in text and '"cache"' not in text, name
            assert text.count("actions/checkout@") == text.count('"persist-credentials": "false"')
    assert seen


def test_a_job_that_can_write_runs_nothing_of_a_pull_request() -> None:
    seen = 0
    for name, events, job, text in jobs():
        if "write" in job.get("permissions", {}).values():
            seen += 1
            assert not events & {"pull_request", "pull_request_target"}, name
            assert '"ref":' not in text, name
            if "workflow_run" in events:
                assert "actions/checkout@" not in text, name
                assert "make " not in text and "pip" not in text, name
    assert seen


def test_no_script_of_a_workflow_has_a_strangers_words_in_it() -> None:
    for name, _, job, _ in jobs():
        for one in job.get("steps", []):
            assert "${{ github.event" not in one.get("run", ""), name
            assert "${{ github.head_ref" not in one.get("run", ""), name


def test_the_hooks_of_a_pull_request_are_run_by_no_workflow() -> None:
    for name, _, _, text in jobs():
        assert "pre-commit" not in text, name
    for hook in yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text()):
        assert hook["entry"].startswith("incident --quiet lint")


def test_every_threat_stands_in_the_page_with_its_test() -> None:
    page = (CHECKOUT / "docs" / "untrusted.md").read_text()
    listed = set(re.findall(r"`(test_\w+)`", page))
    own = {name for name in globals() if name.startswith("test_")}
    assert own - {"test_every_threat_stands_in_the_page_with_its_test"} <= listed
    sources = "".join(path.read_text() for path in (CHECKOUT / "tooling/tests").rglob("test_*.py"))
    assert [name for name in listed if f"def {name}(" not in sources] == []
    assert writing.PREFIX  # what a killed process leaves is told there too
