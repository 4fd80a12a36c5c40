"""The dbt package, built by dbt on DuckDB and Postgres, gives the figures of `incident stats`."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from incident import export
from incident.repository.config import Config
from integration_support import installed, postgres
from test_dbt_package import MARTS, PACKAGE, TODAY, changed, compare, figures

__all__ = ["changed"]  # a fixture
pytestmark = [pytest.mark.integration, pytest.mark.slow]

PROFILES = """
dbt_incidents:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: incidents.duckdb, threads: 2, settings: {TimeZone: UTC}}
    postgres: {type: postgres, host: "%s", port: 5432, user: incidents, password: "",
               dbname: incidents, schema: marts, threads: 2}
"""
CONNECT = {
    "duckdb": "import duckdb; c = duckdb.connect('incidents.duckdb')",
    "postgres": "import os, psycopg2; c = psycopg2.connect("
    "host=os.environ['SOCKET'], user='incidents', dbname='incidents').cursor()",
}
# only dbt's environment has the drivers
QUERY = """
import json, sys
found = {}
for mart in sys.argv[1:]:
    c.execute(f"select * from {mart}")
    found[mart] = c.fetchall()
print(json.dumps(found, default=float))
"""


def tables(out: Path) -> str:
    """What loads the export into Postgres, as the README says."""
    sources = yaml.safe_load((PACKAGE / "models/sources.yml").read_text(encoding="utf-8"))
    lines = ["create schema incident_export;"]
    for table in sources["sources"][0]["tables"]:
        name = table["name"]
        types = re.findall(r"(\w+): '([A-Z]+)'", table["config"]["meta"]["external_location"])
        columns = ", ".join(f"{column} {type_}" for column, type_ in types)
        lines.append(f"create table incident_export.{name} ({columns});")
        copy = f"\\copy incident_export.{name} from '{out}/{name}.csv' with (format csv, header)"
        lines.append(copy)
    return "\n".join(lines) + "\n"


def build(
    warehouse: str, folder: Path, environment: dict[str, str], schema: str
) -> Callable[[str], list[tuple[object, ...]]]:
    """Run `dbt build`; the rows of a mart by its name."""
    commands = installed("dbt-warehouses")

    def call(*command: str | Path) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    options = ("--profiles-dir", ".", "--target", warehouse, "--no-use-colors")
    variables = json.dumps({"as_of": TODAY.isoformat()})
    built = call(commands / "dbt", "build", *options, "--vars", variables)
    assert "WARN=0 ERROR=0 SKIP=0" in built
    assert "eprecat" not in built
    script = f"{CONNECT[warehouse]}\n{QUERY}"
    names = [f"{schema}.{mart}" for mart in MARTS]
    found = json.loads(call(commands / "python", "-c", script, *names))
    return lambda mart: [tuple(row) for row in found[f"{schema}.{mart}"]]


@pytest.fixture
def project(changed: Path, tmp_path: Path) -> Path:
    """A copy of the package, next to an export of the changed archive."""
    export.export(Config(root=changed), tmp_path / "out", "ndjson")
    export.export(Config(root=changed), tmp_path / "csv", "csv")
    shutil.copytree(PACKAGE, tmp_path / "package")
    return tmp_path / "package"


def test_duckdb(project: Path, changed: Path) -> None:
    (project / "profiles.yml").write_text(PROFILES % "")
    export_folder = {"INCIDENT_EXPORT": str(project.parent / "out")}
    compare(build("duckdb", project, export_folder, "main"), figures(changed))


def test_postgres(project: Path, changed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with postgres(tmp_path_factory.mktemp("postgres", numbered=True), "incidents") as socket:
        (project / "profiles.yml").write_text(PROFILES % socket)
        load = ["psql", "-h", socket, "-U", "incidents", "-v", "ON_ERROR_STOP=1", "-q"]
        statements = tables(project.parent / "csv")
        subprocess.run(load, input=statements, text=True, check=True, timeout=60)
        compare(build("postgres", project, {"SOCKET": socket}, "marts"), figures(changed))
