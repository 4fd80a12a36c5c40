"""A hostile pull request brings programs: git, Python and the workflows run none of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import CHECKOUT
from untrusted_support import (
    WORKFLOWS,
    git,
    incident,
    repository,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return repository(tmp_path)


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
    install = (CHECKOUT / ".github" / "install.sh").read_text()
    temp = tmp_path / "temp"
    temp.mkdir()
    first = next(line for line in install.splitlines() if "-m venv" in line)
    run = 'cd "$RUNNER_TEMP"; ' + first.replace("python", sys.executable, 1) + " --without-pip"
    environment = {**os.environ, "RUNNER_TEMP": str(temp)}
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


def test_the_job_that_shows_history_runs_nothing_of_a_pull_request() -> None:
    """It can comment, and reads a private archive. dbt runs in the other job, which only reads."""
    content = yaml.safe_load((WORKFLOWS / "history.yml").read_text())
    parse, history = content["jobs"]["manifest"], content["jobs"]["history"]
    assert parse["permissions"] == {"contents": "read"}
    assert "secrets." not in json.dumps(parse)
    assert history["permissions"] == {"contents": "read", "pull-requests": "write"}
    scripts = "".join(step.get("run", "") for step in history["steps"])
    assert "PARSE" not in scripts
    assert "make " not in scripts
    assert re.findall(r"pip\S* install .*", scripts) == [
        'pip" install --quiet "${INCIDENT_DOCS:?set this repository variable}"'
    ]
    paths = [step["with"]["path"] for step in history["steps"] if "path" in step.get("with", {})]
    # the archive, its manifest and the change are apart: no link of a change leads to the others
    assert paths == ["data", "archive", "${{ runner.temp }}/incident-manifest"]


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
