"""The action and the workflow for a dbt project's repository, run by act on an emulated GitHub.

The steps are real. GitHub's own actions are replaced by stand-ins that copy folders, and `python`
by one that installs this checkout's command.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from act_support import COMMANDS, exported
from github_proxy import TOKEN
from github_support import World
from history_support import NOT_NULL, change, git, make_archive, make_project, manifest
from integration_support import installed
from support import CHECKOUT, run

pytestmark = pytest.mark.slow

WORKFLOW = CHECKOUT / ".github" / "workflows" / "history.yml"
MARKER = "<!-- incident-history -->"
STUB = """\
name: stand-in
inputs:
  path: {default: ""}
  name: {default: ""}
  repository: {default: ""}
  artifact-ids: {default: ""}
outputs:
  artifact-id: {value: "7"}
runs:
  using: composite
  steps:
    - shell: bash
      env: {AT: "${{ inputs.path }}", NAME: "${{ inputs.name }}", FROM: "${{ inputs.repository }}", ID: "${{ inputs.artifact-ids }}"}
      run: |
        if [ -n "$NAME" ]; then mkdir -p "$PLACES/$NAME"; cp "$AT" "$PLACES/$NAME/"; fi
        if [ "$ID" = 7 ]; then mkdir -p "$AT"; cp "$PLACES"/incident-manifest/* "$AT/"; fi
        if [ -n "$FROM" ]; then cp -R "$PLACES/$FROM" "$AT"; fi
"""  # noqa: E501
PYTHON = f"""\
#!/bin/sh
mkdir -p "$4/bin"
ln -sf {COMMANDS}/incident "$4/bin/incident"
ln -sf /bin/true "$4/bin/pip"
"""
PARSE = "mkdir -p target && cp manifest-of-ci.json target/manifest.json"
CALLER = f"""\
on: pull_request
jobs:
  history:
    uses: ./.github/workflows/history.yml
    permissions: {{contents: read, pull-requests: write}}
    with:
      archive: acme/postmortems
      parse: {PARSE}
"""
ACTION = """\
on: pull_request
jobs:
  history:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0
      - run: |
          mkdir -p target
          cp manifest-of-ci.json target/manifest.json
          [ ! -f results-of-ci.json ] || cp results-of-ci.json target/run_results.json
      - uses: tidewater/incident-docs/history@v1
        with: {archive: "%s"%s}
"""


class Place:
    """A repository with a dbt project, whose pull request is number 1."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self.folder = world, folder
        self.event: dict[str, Any] = {"pull_request": {"number": 1}}
        self.root = make_project(folder / "data")
        (folder / "places" / "acme").mkdir(parents=True)
        self.archive = make_archive(folder / "places" / "acme" / "postmortems")
        for name, text in (("stub/action.yml", STUB), ("bin/python", PYTHON)):
            (folder / name).parent.mkdir()
            (folder / name).write_text(text)
        (folder / "bin" / "python").chmod(0o755)
        (folder / "home").mkdir()
        (self.root / "manifest-of-ci.json").write_text(json.dumps(manifest()))
        self.workflows = self.root / ".github" / "workflows"
        self.workflows.mkdir(parents=True)
        world.api("POST", "issues", title="Read the new name")

    def push(self, name: str, old: str, new: str) -> None:
        """Another commit on the branch; what is checked out is the merge result."""
        git(self.root, "switch", "-q", "feature")
        change(self.root, name, old, new)
        git(self.root, "add", "-A")
        git(self.root, "commit", "-q", "-m", "a change")
        git(self.root, "switch", "-q", "--detach", "main")
        git(self.root, "merge", "-q", "--no-ff", "--no-edit", "feature")

    def act(self, workflow: str, *more: str) -> str:
        """Run a workflow for the pull request; the log of a green run."""
        event = self.folder / "event.json"
        event.write_text(json.dumps(self.event))
        used = set(re.findall(r"uses: (actions/\S+)", WORKFLOW.read_text() + ACTION))
        places = str(self.folder / "places")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GIT_"))}
        environment = {
            **kept,
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder / "home"),
            "XDG_CACHE_HOME": str(self.folder / "home" / "cache"),
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        done = subprocess.run(
            [
                str(COMMANDS / "act"),
                "pull_request",
                f"--workflows=.github/workflows/{workflow}",
                f"--eventpath={event}",
                "-P=ubuntu-latest=-self-hosted",
                f"--secret=GITHUB_TOKEN={TOKEN}",
                f"--env=PLACES={places}",
                f"--env=GITHUB_API_URL={self.world.proxy.url}",
                f"--env=GITHUB_REPOSITORY={self.world.repository}",
                "--var=INCIDENT_DOCS=incident-docs",
                *(f"--local-repository={one}={self.folder / 'stub'}" for one in sorted(used)),
                *more,
            ],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        log = done.stdout + done.stderr
        assert done.returncode == 0, log
        return log

    def comments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.world.api("GET", "issues/1/comments")
        return found


@pytest.fixture
def place(world: World, tmp_path: Path) -> Place:
    return Place(world, tmp_path / "place")


@pytest.fixture(params=["called", "installed"])
def reusable(place: Place, request: pytest.FixtureRequest) -> Place:
    """The repository calls the workflow, or has a copy of it."""
    if request.param == "called":
        (place.workflows / "history.yml").write_text(WORKFLOW.read_text())
        (place.workflows / "pull-request.yml").write_text(CALLER)
    else:
        git(place.root, "remote", "add", "origin", "https://github.com/acme/warehouse.git")
        done = run("init", place.root, "--data-repository", "--archive", "acme/postmortems")
        assert done.exit_code == 0, done.stderr
        copy = place.workflows / "incident-history.yml"
        copy.write_text(copy.read_text().replace('PARSE: ""', f"PARSE: {PARSE}"))
        copy.rename(place.workflows / "pull-request.yml")
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", "add the workflow")
    git(place.root, "branch", "-f", "main")
    return place


def test_a_second_push_edits_the_comment_of_the_first(reusable: Place) -> None:
    place = reusable
    place.push("models/schema.yml", "{name: status}", "{name: state}")
    log = place.act("pull-request.yml")
    assert "### 1 earlier incident may matter for this change, which touches 1 asset" in log
    assert "::notice file=models/schema.yml," in log
    assert "::warning" not in log
    (first,) = place.comments()
    assert first["body"].startswith(f"{MARKER}\n### 1 earlier incident")
    place.push("models/stg_orders.sql", "status", "state as status")
    place.act("pull-request.yml")
    (second,) = place.comments()
    assert second["id"] == first["id"]
    assert "touches 2 assets" in second["body"]


@pytest.mark.parametrize("reusable", ["called"], indirect=True)
def test_the_token_of_a_fork_gives_a_summary_and_no_comment(reusable: Place) -> None:
    place = reusable
    place.world.proxy.rules.read_only = True
    place.push("models/schema.yml", "{name: status}", "{name: state}")
    log = place.act("pull-request.yml")
    assert "Summary - <!-- incident-history -->" in log
    assert log.count("no comment: GitHub denied access") == 1
    assert "::warning" not in log
    assert place.comments() == []


@pytest.mark.parametrize("reusable", ["called"], indirect=True)
def test_a_run_that_cannot_work_is_green_and_says_so(reusable: Place) -> None:
    """Neither a manifest nor the archive: as on a fork, with a private archive."""
    place = reusable
    place.archive.rename(place.archive.with_name("elsewhere"))
    path = place.workflows / "pull-request.yml"
    path.write_text(path.read_text().replace("mkdir -p target", "false"))
    place.push("models/schema.yml", "{name: status}", "{name: state}")
    log = place.act("pull-request.yml")
    problem = "incident history did not finish (exit code 2): see the log of this step"
    assert f"::warning title=incident history::{problem}" in log
    assert f"> {problem}" in log
    assert "/archive is not a folder" in log
    assert place.comments() == []


@pytest.mark.parametrize("reusable", ["installed"], indirect=True)
def test_a_private_archive_shows_only_public_incidents_in_a_public_repository(
    reusable: Place,
) -> None:
    place = reusable
    place.push("models/schema.yml", "{name: status}", "{name: state}")
    place.event["repository"] = {"visibility": "public"}
    log = place.act("pull-request.yml", "--secret=INCIDENT_ARCHIVE_TOKEN=x")
    assert "no comment needed" in log
    assert place.comments() == []
    place.act("pull-request.yml")  # without a secret, everybody can read the archive
    assert len(place.comments()) == 1


@pytest.fixture
def action(place: Place) -> Place:
    """The repository uses the action, with an archive next to it."""
    local = exported(place.folder / "action")
    assert (local / "history" / "action.yml").is_file()
    return place


def use(place: Place, archive: str, more: str = "") -> str:
    """Push a change, and run a workflow that uses the action."""
    (place.workflows / "history.yml").write_text(ACTION % (archive, more))
    place.push("models/schema.yml", "{name: status}", "{name: state}")
    own = f"tidewater/incident-docs@v1={place.folder / 'action'}"
    return place.act("history.yml", f"--local-repository={own}")


def test_the_action_comments_on_the_pull_request(action: Place) -> None:
    log = use(action, str(action.archive))
    assert "Summary - <!-- incident-history -->" in log
    assert "::warning" not in log
    (comment,) = action.comments()
    assert comment["body"].startswith(f"{MARKER}\n### 1 earlier incident")


def test_the_action_without_a_comment_needs_no_token(action: Place) -> None:
    use(action, str(action.archive), ', comment: "false"')
    assert action.comments() == []
    assert action.world.proxy.seen == []


def test_an_input_of_the_action_is_only_text(action: Place) -> None:
    trap = action.folder / "trap"
    log = use(action, f"$(touch {trap}); `touch {trap}`' touch {trap}")
    assert not trap.exists()
    assert "::warning title=incident history::incident history did not finish" in log


def test_the_action_says_whether_a_failure_was_seen_before(action: Place) -> None:
    result = {
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"},
        "results": [{"unique_id": NOT_NULL, "status": "fail", "failures": 3, "message": "x"}],
    }
    (action.root / "results-of-ci.json").write_text(json.dumps(result))
    log = use(action, str(action.archive), ", failed: target")
    assert "::notice title=Seen before%3A not_null on fct_orders.status" in log
    assert "Summary - <!-- incident-history-failed -->" in log
    assert "did not finish" not in log
    assert action.comments() == []


def test_linters_of_actions_report_nothing() -> None:
    own = [str(CHECKOUT / "history" / "action.yml"), str(CHECKOUT / "action.yml")]
    for command in (
        ["zizmor", "--offline", "--quiet", "--pedantic", *own],
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", *own],
        ["shellcheck", str(CHECKOUT / ".github" / "install.sh")],
    ):
        done = subprocess.run(
            [str(COMMANDS / command[0]), *command[1:]],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


SHOP = {
    "dbt_project.yml": 'name: shop\nversion: "1.0.0"\nprofile: shop\n',
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    ".gitignore": "target/\nlogs/\nshop.duckdb\n",
    "models/stg_orders.sql": "select id, status from {{ source('raw', 'orders') }}\n",
    "models/fct_orders.sql": "select id, status from {{ ref('stg_orders') }}\n",
    "models/schema.yml": """\
sources:
  - name: raw
    schema: main
    tables:
      - name: orders
        columns: [{name: status}]
models:
  - name: fct_orders
    columns:
      - {name: status, data_tests: [known, not_null]}
""",
    "tests/generic/known.sql": "{% test known(model, column_name) %}\n"
    "select * from {{ model }} where {{ column_name }} = ''\n{% endtest %}\n",
}


@pytest.mark.integration
def test_a_real_dbt_project(world: World, tmp_path: Path) -> None:
    """Parsed by dbt in the job of its own; then a build fails, once known and once new."""
    dbt = installed("dbt") / "dbt"
    place = Place(world, tmp_path / "place")
    git(place.root, "switch", "-q", "main")
    for path in place.root.glob("m*/*"):
        path.unlink()
    for name, text in SHOP.items():
        (place.root / name).parent.mkdir(parents=True, exist_ok=True)
        (place.root / name).write_text(text)
    call = CALLER.replace(PARSE, f"{dbt} -q parse --profiles-dir .")
    (place.workflows / "history.yml").write_text(WORKFLOW.read_text())
    (place.workflows / "pull-request.yml").write_text(call)
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", "a shop")
    git(place.root, "branch", "-f", "feature")
    place.push("models/schema.yml", "{name: status}]", "{name: state}]")
    log = place.act("pull-request.yml")
    assert "::warning" not in log
    (first,) = place.comments()
    assert "in common: this change renames a column (status → state)" in first["body"]
    place.push("tests/generic/known.sql", "= ''", "= '' and false")
    place.act("pull-request.yml")
    (second,) = place.comments()
    assert second["id"] == first["id"]
    assert "touches 2 assets" in second["body"]

    build = """
        create or replace table orders as select 1 as id, null::varchar as status
        union all select 2, ''
    """
    (place.root / "macros").mkdir(exist_ok=True)
    (place.root / "macros" / "load.sql").write_text(
        f'{{% macro load() %}}{{% do run_query("{" ".join(build.split())}") %}}{{% endmacro %}}'
    )
    git(place.root, "checkout", "-q", "main", "--", ".")
    for words in (["run-operation", "load"], ["build"]):
        done = subprocess.run(
            [str(dbt), "-q", *words, "--profiles-dir", "."],
            cwd=place.root, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
    assert done.returncode == 1, done.stdout
    shown = run("history", "--failed", place.root / "target", "--archive", place.archive,
                "--format", "github")  # fmt: skip
    assert shown.exit_code == 1
    known, new = shown.stdout.splitlines()
    assert known.startswith("::notice title=Seen before%3A not_null on fct_orders.status")
    assert "fixed by: The mapping got the new name." in known
    assert "known on fct_orders.status failed: a similar incident:" in new
