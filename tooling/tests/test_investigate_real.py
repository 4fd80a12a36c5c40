"""A project that is broken in five ways, looked at with its own dbt, on DuckDB and on Postgres.

With KEEP_RESULTS=FILE in the environment, what dbt returns becomes the fixture of the fast tests;
--junitxml has the seconds.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import history_support
from incident.archive import query_results
from integration_support import installed, postgres
from investigate_support import BROKEN, SHOP, SHOWN_BY
from support import git_init, run

pytestmark = [pytest.mark.integration, pytest.mark.slow]

RUN_SQL = {
    "duckdb": "import duckdb, sys; duckdb.connect('shop.duckdb').execute(sys.stdin.read())",
    "postgres": "import os, psycopg2, sys; c = psycopg2.connect(host=os.environ['SHOP_HOST'], "
    "user='shop', dbname='shop'); c.cursor().execute(sys.stdin.read()); c.commit()",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres(tmp_path_factory.mktemp("postgres", numbered=True), "shop") as socket:
        yield socket


class Project:
    """A copy of the project with its data, and its dbt."""

    def __init__(self, folder: Path, warehouse: str, host: str) -> None:
        self.folder, self.warehouse = folder, warehouse
        self.commands = installed("dbt-warehouses")
        self.environment = {
            **os.environ,
            "SHOP": warehouse,
            "SHOP_HOST": host,
            "DBT_PROFILES_DIR": str(folder),
        }
        shutil.copytree(SHOP, folder)
        git_init(folder)

    def call(self, *words: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(word) for word in words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=500,
        )

    def sql(self, text: str) -> None:
        done = self.call(self.commands / "python", "-c", RUN_SQL[self.warehouse], stdin=text)
        assert done.returncode == 0, done.stderr

    def dbt(self, *words: str) -> None:
        done = self.call(self.commands / "dbt", *words)
        assert done.returncode == 0, done.stdout

    def investigate(self, *words: str) -> dict[str, Any]:
        command = ("incident", "investigate", "orders", "--run", "--yes", "--json", *words)
        dates = ("--since", "2026-01-05", "--until", "2026-02-08")
        done = self.call(*command, *dates, "--dbt", str(self.commands / "dbt"))
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Project:
    host = request.getfixturevalue("server") if request.param == "postgres" else ""
    return Project(tmp_path_factory.mktemp(request.param) / "shop", request.param, host)


@pytest.mark.parametrize("broken", BROKEN)
def test_a_query_shows_what_is_broken(
    project: Project, broken: str, record_property: Callable[[str, object], None]
) -> None:
    project.sql("drop schema if exists raw cascade;" + (SHOP / "raw.sql").read_text())
    project.sql(BROKEN[broken])
    project.dbt("run", "--vars", json.dumps({"broken": broken, "day": "2026-02-05"}))
    check = f"dbt:test.shop.not_null_fct_orders_{'segment' if broken == 'retyped' else 'amount'}"
    asset = "dbt:model.shop.fct_orders"
    path = history_support.write(
        project.folder,
        {
            "id": "2026-02-06-orders-wrong",
            "timestamps": {"detected_at": "2026-02-06T08:00Z"},
            "signature": [{"check": check, "asset": asset, "error": "failed"}],
            "impact": {"assets": [{"ref": asset, "role": "root"}]},
        },
    )
    began = time.monotonic()
    found = project.investigate("--target", project.warehouse)
    seconds = time.monotonic() - began
    results = {one["query"]: one for one in found["queries"]}
    assert not [one["error"] for one in results.values() if one["error"]]
    shown = {query for query, one in results.items() if one["first_day"]}
    record_property("all", f"{seconds:.1f} s")
    for query, one in results.items():
        record_property(query, f"{one['seconds']:.1f} s: {one['result']}")
    assert shown == SHOWN_BY[broken]
    assert found["suggestions"]
    text = path.read_text()
    for one in results.values():
        assert one["result"] in text
        csv = (project.folder / one["path"]).with_suffix(".csv")
        assert query_results.read(csv) is not None
    if keep := os.environ.get("KEEP_RESULTS"):
        _keep(Path(keep), project, broken, results, shown)


def test_another_target_is_not_read_as_the_one_of_the_manifest(project: Project) -> None:
    project.sql("drop schema if exists raw cascade;" + (SHOP / "raw.sql").read_text())
    project.dbt("run")
    asset = {"ref": "dbt:model.shop.fct_orders", "role": "root"}
    history_support.write(
        project.folder, {"id": "2026-02-06-orders-wrong", "impact": {"assets": [asset]}}
    )
    found = project.investigate("--target", f"{project.warehouse}_prod")
    assert {"compiled for another target" in one["error"] for one in found["queries"]} == {True}
    project.dbt("run", "--target", f"{project.warehouse}_prod")
    found = project.investigate("--target", f"{project.warehouse}_prod")
    assert {one["error"] for one in found["queries"]} == {None}


def test_sqlmesh_runs_the_queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = installed("sqlmesh")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SQLMESH__DISABLE_ANONYMIZED_ANALYTICS", "1")
    git_init(tmp_path)
    (tmp_path / "config.yaml").write_text(
        "gateways: {local: {connection: {type: duckdb, database: shop.duckdb}}}\n"
        "model_defaults: {dialect: duckdb}\n"
    )
    made = (
        "create schema sales; create table sales.orders as select n as order_id, "
        "date '2026-01-05' + cast(n // 10 as integer) as day from range(350) as numbers (n) "
        "where n // 10 != 30"
    )
    python = [str(commands / "python"), "-c", RUN_SQL["duckdb"]]
    subprocess.run(python, input=made, text=True, check=True)
    asset = {"ref": "sqlmesh:sales.orders", "role": "root"}
    history_support.write(
        tmp_path, {"id": "2026-02-06-orders-wrong", "impact": {"assets": [asset]}}
    )
    words = ("--warehouse", "duckdb", "--timestamp", "day", "--key", "order_id", "--run", "--yes")
    dates = ("--since", "2026-01-05", "--until", "2026-02-08")
    done = run("investigate", "orders", *words, *dates, "--sqlmesh", commands / "sqlmesh")
    assert done.exit_code == 0, done.stderr
    assert "no rows on 2026-02-04 (usually about 10)" in done.stdout
    assert "no duplicates" in done.stdout


def _keep(
    place: Path, project: Project, broken: str, results: dict[str, Any], shown: set[str]
) -> None:
    known = json.loads(place.read_text()) if place.exists() else []
    for query, one in results.items():
        if query in shown:
            csv = (project.folder / one["path"]).with_suffix(".csv").read_text().splitlines()
            known.append([project.warehouse, broken, query, one["result"], csv])
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in known)
    place.write_text(f"[\n{lines}\n]\n")
