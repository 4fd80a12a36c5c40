"""The dbt package gives the metrics from `incident stats`: its SQL on DuckDB, and dbt itself."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytest
import sqlglot
import yaml
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify

from incident import archive, export
from incident.archive import files, metrics, milestones
from incident.archive.metrics import Figures
from incident.export.columns import TABLES, bigquery, columns
from incident.git import history
from incident.repository.config import Config
from support import CHECKOUT, NOW

PACKAGE = CHECKOUT / "tooling" / "dbt_incidents"
TODAY = NOW.date()
_REF = re.compile(r"ref\('(\w+)'\)")
MARTS = ("time_to", "action_items_on_time", "detection", "recurrence", "coverage")


def figures(root: Path, today: date = TODAY) -> Figures:
    config = Config(root=root)
    found = archive.load(config).postmortems
    known = milestones.find(history.read(config.root, config.archive), found)
    return metrics.measure(found, today, known)


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """The example archive, with a history: published one by one, items done in time and late."""
    shutil.copytree(CHECKOUT / "incidents", tmp_path / "incidents")

    def commit(day: str) -> None:
        moment = {"GIT_AUTHOR_DATE": f"{day}T12:00Z", "GIT_COMMITTER_DATE": f"{day}T12:00Z"}
        command = ["git", "-c", "user.name=Ines Halvorsen", "-c", "user.email=ines@example.com"]
        for arguments in (["add", "-A"], ["commit", "-qm", "x", "--allow-empty"]):
            environment = {**os.environ, **moment}
            subprocess.run([*command, *arguments], cwd=tmp_path, check=True, env=environment)

    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    texts = {path: path.read_text(encoding="utf-8") for path in files.postmortem_paths(tmp_path)}
    for path, text in texts.items():
        draft = re.sub(r"(?m)^status: \w+", "status: draft", text)
        path.write_text(draft.replace("status: done", "status: committed"), encoding="utf-8")
    commit("2025-01-01")
    for number, (path, text) in enumerate(texts.items(), 1):
        path.write_text(text, encoding="utf-8")
        commit(f"2026-{number:02}-11")
    return tmp_path


def compare(query: Any, expected: Figures) -> None:
    lengths = {row[0]: tuple(row[1:]) for row in query("time_to")}
    assert lengths == {
        key: (length.n, length.unknown, length.median, length.p90)
        for key, length in expected.lengths.items()
    }
    shares = expected.shares
    everything = next(row for row in query("action_items_on_time") if row[0] == "all")
    on_time = shares["items_on_time"]
    assert everything[1:4] == (on_time.n, on_time.count, on_time.unknown)
    by_test, by_consumer = shares["found_by_test"], shares["found_by_consumer"]
    assert query("detection") == [
        (expected.incidents, by_test.count, by_consumer.count, by_test.unknown)
    ]
    assert query("recurrence") == [(expected.incidents, shares["recurrences"].count)]
    assert query("coverage") == [(shares["covered"].n, shares["covered"].count)]


def render(warehouse: str) -> dict[str, str]:
    """The SQL of each model by name, in an order that works: a little of what dbt does."""
    dbt = SimpleNamespace(
        type_string=lambda: {"bigquery": "string", "databricks": "string"}.get(
            warehouse, "varchar"
        ),
        type_bigint=lambda: "int64" if warehouse == "bigquery" else "bigint",
        type_boolean=lambda: "bool" if warehouse == "bigquery" else "boolean",
        date_trunc=lambda part, column: (
            f"timestamp_trunc(cast({column} as timestamp), {part})"
            if warehouse == "bigquery"
            else f"date_trunc('{part}', {column})"
        ),
    )
    context: dict[str, Any] = {
        "dbt": dbt,
        "source": lambda _name, table: table,
        "ref": lambda model: model,
        "var": lambda name, default="": {"as_of": TODAY.isoformat()}.get(name, default),
        "return": lambda value: value,
        "config": lambda **_: "",
    }

    def dispatch(name: str, _: str) -> Any:
        parents = {"databricks": ("spark",), "redshift": ("postgres",)}.get(warehouse, ())
        found = (context.get(f"{one}__{name}") for one in (warehouse, *parents, "default"))
        return next(filter(None, found))

    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals |= context | {"adapter": SimpleNamespace(dispatch=dispatch)}
    for path in sorted((PACKAGE / "macros").glob("*.sql")):
        module = environment.from_string(path.read_text(encoding="utf-8")).module
        for name in dir(module):
            if not name.startswith("_"):
                context[name] = environment.globals[name] = getattr(module, name)
    waiting = {path.stem: path for path in (PACKAGE / "models").rglob("*.sql")}
    rendered: dict[str, str] = {}
    needs = {
        name: set(_REF.findall(path.read_text(encoding="utf-8"))) for name, path in waiting.items()
    }
    for name in ("time_to", "time_to_by_quarter"):  # their macro refers to it
        needs[name].add("incident_lengths")
    while needs:
        for name in [one for one, others in needs.items() if not others & set(needs)]:
            rendered[name] = environment.from_string(waiting[name].read_text("utf-8")).render()
            del needs[name]
    for path in (PACKAGE / "tests").glob("*.sql"):
        rendered[path.stem] = environment.from_string(path.read_text("utf-8")).render()
    return rendered


def load(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """The package's models as views; its tests find nothing."""
    connection.execute("SET TimeZone = 'UTC'")
    sources = yaml.safe_load((PACKAGE / "models/sources.yml").read_text(encoding="utf-8"))
    for table in sources["sources"][0]["tables"]:
        location = table["config"]["meta"]["external_location"]
        found = jinja2.Template(location).render(env_var=lambda *_: str(out))
        connection.execute(f"create view {table['name']} as from {found}")
    for name, sql in render("duckdb").items():
        if (PACKAGE / "tests" / f"{name}.sql").is_file():
            assert connection.execute(sql).fetchall() == [], name
        else:
            connection.execute(f"create view {name} as {sql}")


@pytest.mark.parametrize(
    "warehouse", ["bigquery", "databricks", "postgres", "redshift", "snowflake"]
)
def test_the_sql_parses_in_the_dialect_of_each_warehouse(warehouse: str) -> None:
    known: dict[str, Any] = {
        table: {column.name: column.type for column in columns(table)} for table in TABLES
    }
    reserved = sqlglot.Dialect.get_or_raise(warehouse).generator_class.RESERVED_KEYWORDS
    for name, sql in render(warehouse).items():
        statement = sqlglot.parse_one(sql, read=warehouse)
        assert isinstance(statement, exp.Query)
        bare = {i.name for i in statement.find_all(exp.Identifier) if not i.quoted}
        assert not {one.lower() for one in bare} & reserved, name
        whole = qualify(statement, dialect=warehouse, schema=known)  # every column is known
        known[name] = dict.fromkeys(whole.named_selects, "unknown")


def test_each_warehouse_gets_its_own_types() -> None:
    times = {one: render(one)["stg_timeline_events"] for one in ("redshift", "databricks")}
    assert "cast(happened_at as timestamp with time zone)" in times["redshift"]
    assert "cast(happened_at as timestamp)" in times["databricks"]
    assert 'as "tag"' in render("redshift")["stg_incident_tags"]


@pytest.mark.parametrize("history_too", [False, True])
def test_the_marts_match_incident_stats(changed: Path, tmp_path: Path, history_too: bool) -> None:
    if not history_too:
        shutil.rmtree(changed / ".git")
    export.export(Config(root=changed), tmp_path / "out", "ndjson")
    with duckdb.connect() as connection:
        load(connection, tmp_path / "out")
        expected = figures(changed)
        assert bool(expected.lengths["publish"].n) is history_too
        compare(lambda mart: connection.execute(f"from {mart}").fetchall(), expected)
        assets = connection.execute("from asset_recurrence order by incidents desc").fetchall()
        assert assets[0][:3] == ("dbt:model.tidewater.fct_revenue_daily", 4, 0)


def test_an_empty_archive_has_metrics_too(tmp_path: Path) -> None:
    (tmp_path / "incidents").mkdir()
    export.export(Config(root=tmp_path), tmp_path / "out", "ndjson")
    with duckdb.connect() as connection:
        load(connection, tmp_path / "out")
        assert connection.execute("from coverage").fetchall() == [(0, 0)]


@pytest.mark.parametrize("form", export.FORMATS)
def test_duckdb_reads_every_format_with_types(tmp_path: Path, form: str) -> None:
    export.export(Config(root=CHECKOUT), tmp_path, form)
    reader = {"ndjson": "read_json", "csv": "read_csv", "parquet": "read_parquet"}[form]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(
            f"select count(*), cast(min(started_at) as varchar), sum(minutes_to_detect) "
            f"from {reader}('{tmp_path}/incidents.{form}')"
        ).fetchone()
    assert found
    assert found[0] == 10
    assert found[1].startswith("2025-02-11 05:00:00")
    assert found[2] > 0


def test_the_sources_have_the_columns_of_the_export() -> None:
    sources = yaml.safe_load((PACKAGE / "models/sources.yml").read_text(encoding="utf-8"))
    tables = sources["sources"][0]["tables"]
    assert [table["name"] for table in tables] == list(TABLES)
    staging = render("duckdb")
    for table in tables:
        names = [column["name"] for column in bigquery(table["name"])]
        location = table["config"]["meta"]["external_location"]
        assert re.findall(r"(\w+): '[A-Z]+'", location) == names
        staged = staging[f"stg_{table['name']}"]
        assert re.findall(r" as (\w+),?$", staged, re.MULTILINE) == names


def test_every_model_is_described() -> None:
    described = yaml.safe_load((PACKAGE / "models/schema.yml").read_text(encoding="utf-8"))
    names = {model["name"] for model in described["models"] if model["description"]}
    assert names == {path.stem for path in (PACKAGE / "models").rglob("*.sql")}


@pytest.mark.slow
def test_dbt_builds_it_on_duckdb(changed: Path, tmp_path: Path) -> None:
    """In its own environment: dbt's requirements are not ours."""
    place = tmp_path / "dbt"
    uv = CHECKOUT / ".venv/bin/uv"
    environment = {**os.environ, "VIRTUAL_ENV": str(place)}
    subprocess.run([uv, "venv", "--quiet", place], check=True)
    lock = CHECKOUT / "requirements/dbt.txt"
    done = subprocess.run(
        [uv, "pip", "install", "--quiet", "--require-hashes", "-r", lock],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"dbt cannot be installed here: {done.stderr.strip()[-200:]}")
    export.export(Config(root=changed), tmp_path / "out", "ndjson")
    shutil.copytree(PACKAGE, tmp_path / "package")
    database = tmp_path / "incidents.duckdb"
    environment |= {
        "INCIDENT_EXPORT": str(tmp_path / "out"),
        "INCIDENT_DUCKDB": str(database),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    built = subprocess.run(
        [
            *(place / "bin/dbt", "build", "--profiles-dir", ".", "--no-use-colors"),
            *("--vars", json.dumps({"as_of": TODAY.isoformat()})),
        ],
        cwd=tmp_path / "package",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-3000:]
    assert "WARN=0 ERROR=0 SKIP=0" in built.stdout
    assert "eprecat" not in built.stdout
    with duckdb.connect(str(database), read_only=True) as connection:
        compare(lambda mart: connection.execute(f"from {mart}").fetchall(), figures(changed))
