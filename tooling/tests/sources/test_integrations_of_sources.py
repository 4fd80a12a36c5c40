"""Projects that are broken on purpose, run by the real tools."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from incident.sources import dbt
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
    assert [one.text for one in found.accounts] == [one.text for one in fixture.accounts]
    assert {e.text for e in found.entries} == {e.text for e in fixture.entries}
    assert [e.title for e in found.evidence] == [e.title for e in fixture.evidence]
