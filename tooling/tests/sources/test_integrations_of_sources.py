"""Projects that are broken on purpose, run by the real tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from incident.repository.config import Config
from incident.sources import Prefill, Request, dbt, openlineage, sqlmesh
from incident.text.account import Account
from integration_support import installed

pytestmark = pytest.mark.integration
HERE = Path(__file__).parent


def test_dbt_writes_what_the_fixture_holds(tmp_path: Path) -> None:
    commands = installed("dbt")
    project = tmp_path / "shop"
    shutil.copytree(HERE / "dbt_shop", project, ignore=shutil.ignore_patterns("target"))
    table = "create table main.empty_table(ordered_at timestamp)"
    python = f"import duckdb; duckdb.connect('shop.duckdb').execute('{table}')"
    window = ["--event-time-start", "2026-11-18", "--event-time-end", "2026-11-21"]
    for command in (
        ["dbt", "seed"],
        ["python", "-c", python],
        ["dbt", "source", "freshness"],
        ["dbt", "build", *window],
    ):
        subprocess.run([commands / command[0], *command[1:]], cwd=project, capture_output=True)
    found, fixture = dbt.read(project / "target"), dbt.read(HERE / "dbt_shop" / "target")
    assert (found.title, found.assets) == (fixture.title, fixture.assets)
    assert [counts(one) for one in found.accounts] == [counts(one) for one in fixture.accounts]
    assert {e.text for e in found.entries} == {e.text for e in fixture.entries}
    assert [e.title for e in found.evidence] == [e.title for e in fixture.evidence]


def counts(one: Account) -> tuple[int, dict[str, int]]:
    """Without places: dbt's threads end in any order."""
    return one.taken, {left.reason: left.count for left in one.left_out}


def gathered(source: ModuleType, **given: Path) -> Prefill:
    values = {f"--{name.replace('_', '-')}": value for name, value in given.items()}
    now = datetime.now(UTC) + timedelta(minutes=1)
    found: Prefill = source.gather(Request(values, Config(), [], now, []))
    return found


def test_a_broken_project_of_sqlmesh(tmp_path: Path) -> None:
    commands = installed("sqlmesh")
    project = tmp_path / "shop"
    shutil.copytree(HERE / "other_tools" / "sqlmesh_project", project)
    output, state = project / "output.txt", project / "state.json"
    environment = {**os.environ, "SQLMESH__DISABLE_ANONYMIZED_ANALYTICS": "1"}
    for command, wanted in (
        (["plan", "prod", "--auto-apply", "--no-prompts"], 1),
        (["state", "export", "--local", "--no-confirm", "-o", state], 0),
    ):
        run = subprocess.run(
            [commands / "sqlmesh", *command],
            cwd=project,
            env=environment,
            input="y\n",
            capture_output=True,
            text=True,
        )
        assert run.returncode == wanted, run.stdout + run.stderr
        if wanted:
            output.write_text(run.stdout, encoding="utf-8")
    fixture = HERE / "other_tools"
    found = gathered(sqlmesh, from_sqlmesh=output, sqlmesh_state=state)
    old = gathered(
        sqlmesh,
        from_sqlmesh=fixture / "sqlmesh_plan_failed.txt",
        sqlmesh_state=fixture / "sqlmesh_state.json",
    )
    assert (found.title, found.assets, found.owner) == (old.title, old.assets, old.owner)
    assert found.sections == old.sections


def test_events_of_openlineages_dbt(tmp_path: Path) -> None:
    commands = installed("openlineage")
    project = tmp_path / "shop"
    shutil.copytree(HERE / "dbt_shop", project, ignore=shutil.ignore_patterns("target"))
    for name in ("daily", "stg_dated"):  # the producer stops at a partial success
        (project / "models" / f"{name}.sql").unlink()
    schema = project / "models" / "schema.yml"
    kept = schema.read_text().split("unit_tests:")[0].replace("  - name: daily\n", "")
    lines = kept.replace("  - name: stg_dated\n    config: {event_time: ordered_at}\n", "")
    schema.write_text(lines)
    events = project / "events.ndjson"
    environment = {
        **os.environ,
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "OPENLINEAGE__TRANSPORT__TYPE": "file",
        "OPENLINEAGE__TRANSPORT__LOG_FILE_PATH": str(events),
        "OPENLINEAGE__TRANSPORT__APPEND": "true",
    }
    for command in (["dbt", "seed"], ["dbt-ol", "build"]):
        subprocess.run(
            [commands / command[0], *command[1:]], cwd=project, env=environment, capture_output=True
        )
    found = gathered(openlineage, from_openlineage=events)
    old = gathered(openlineage, from_openlineage=HERE / "other_tools" / "openlineage_dbt.ndjson")
    assert {e.text for e in found.entries} == {e.text for e in old.entries}
    assert {a.ref for a in found.assets} == {a.ref for a in old.assets}
