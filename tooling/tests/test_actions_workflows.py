"""The workflows, run by act against the emulated GitHub; what zizmor and actionlint say of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

import github_support
from github_proxy import TOKEN
from github_support import Item, World, git
from support import CHECKOUT

WORKFLOWS = CHECKOUT / ".github" / "workflows"
TOOLS = CHECKOUT / ".venv" / "bin"
STUB = """\
name: stub
description: Stands in for an action that would be fetched.
inputs: {python-version: {description: any}, persist-credentials: {description: any}}
runs: {using: composite, steps: [{run: "true", shell: sh}]}
"""


@pytest.fixture
def repository(world: World) -> World:
    """A repository with these workflows, whose `make setup` takes this checkout's tools."""
    root = world.root
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github").mkdir(exist_ok=True)
    for name in ("actions.yml", "follow-ups.yml"):
        shutil.copy(WORKFLOWS / name, root / ".github" / "workflows")
    shutil.copy(CHECKOUT / ".github" / "actions.sh", root / ".github")
    (root / "Makefile").write_text(f"setup:\n\tln -sfn {CHECKOUT}/.venv .venv\n", encoding="utf-8")
    stub = root.parent / "stub"
    stub.mkdir()
    (stub / "action.yml").write_text(STUB, encoding="utf-8")
    world.write([Item(due="2026-01-01"), Item("AI-2")])
    (root / "incident.toml").write_text('since = "2026-01-01"\n', encoding="utf-8")
    github_support.pushed(world)
    return world


def act(world: World, event: str, workflow: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a workflow on this machine, without containers and without a network."""
    uses = set(re.findall(r"uses: (\S+)", (WORKFLOWS / workflow).read_text(encoding="utf-8")))
    local = [f"--local-repository={one}={world.root.parent / 'stub'}" for one in sorted(uses)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GIT_"))}
    command = [str(TOOLS / "act"), event, "-W", f".github/workflows/{workflow}", *local, *more]
    command += ["-P", "ubuntu-latest=-self-hosted", "-s", f"GITHUB_TOKEN={TOKEN}"]
    command += ["--env", f"GITHUB_API_URL={world.proxy.url}"]
    command += ["--env", f"GITHUB_REPOSITORY={world.repository}"]
    home = world.root.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        command,
        cwd=world.root,
        env={**environment, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_act_runs_sync_and_chase(repository: World) -> None:
    world = repository
    github_support.branches(world)
    done = act(world, "push", "actions.yml", "--var", "INCIDENT_ACTIONS=on")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "## Action items: in sync" in done.stdout
    assert [issue["number"] for issue in world.issues()] == [1, 2]
    (pull,) = world.api("GET", "pulls")
    assert pull["base"]["ref"] == "main"
    branch = pull["head"]["ref"]
    remote = world.root.parent / "remote.git"
    changed = git(remote, "diff", "--name-only", "main", branch)
    assert changed == "incidents/2026/2026-11-02-orders-late.md"

    done = act(world, "workflow_dispatch", "follow-ups.yml", "--var", "INCIDENT_ACTIONS=on")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "overdue" in {label["name"] for label in world.issues()[0]["labels"]}
    assert len(world.api("GET", "issues/1/comments")) == 1


@pytest.mark.slow
def test_workflows_are_off_by_default(repository: World) -> None:
    done = act(repository, "push", "actions.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert repository.proxy.seen == []


@pytest.mark.slow
def test_skipped_items_fail_the_job_and_are_in_the_summary(repository: World) -> None:
    repository.proxy.rules.issues_off = True
    done = act(repository, "push", "actions.yml", "--var", "INCIDENT_ACTIONS=on")
    assert done.returncode == 1
    assert "## Action items: some items were skipped" in done.stdout
    assert "Issues are disabled" in done.stdout


@pytest.mark.parametrize("name", sorted(path.name for path in WORKFLOWS.glob("*.yml")))
def test_actionlint_and_zizmor_report_nothing(name: str) -> None:
    for command in (["actionlint"], ["zizmor", "--offline", "--quiet", "--pedantic"]):
        done = subprocess.run(
            [str(TOOLS / command[0]), *command[1:], str(WORKFLOWS / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
