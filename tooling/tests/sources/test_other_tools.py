"""SQLMesh, OpenLineage, Great Expectations and Soda: what the real tools wrote, cut to size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from incident.dbt.lineage import Edge
from incident.errors import UsageError
from incident.postmortem import document, model
from incident.repository.config import Config
from incident.sources import Prefill, Request, great_expectations, openlineage, soda, sqlmesh
from sources import mutations
from support import lint, run

FILES = Path(__file__).with_name("other_tools")
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
STATE = FILES / "sqlmesh_state.json"
# one of the rows that were checked, SQL, and a message
SECRETS = (
    "secret-row",
    "10x",
    "SELECT",
    "select ",
    "CONCAT",
    "paid",
    "traceback",
    "does not exist",
)


def read(source: ModuleType, path: Path, **more: Any) -> Prefill:
    given: dict[str, Any] = {option.flag: None for option in source.OPTIONS}
    given[source.OPTIONS[0].flag] = path
    given.update({f"--{name.replace('_', '-')}": value for name, value in more.items()})
    found: Prefill = source.gather(Request(given, Config(), [], NOW, []))
    assert all(one.adds_up for one in found.accounts)
    shown = repr((found.title, found.entries, found.sections, found.assets, found.detection_source))
    assert [secret for secret in SECRETS if secret in shown] == []
    return found


def accounts(found: Prefill) -> list[str]:
    return [one.text for one in found.accounts]


def texts(found: Prefill) -> list[str]:
    return [entry.text for entry in found.entries]


def test_a_failed_plan_of_sqlmesh() -> None:
    found = read(sqlmesh, FILES / "sqlmesh_plan_failed.txt", sqlmesh_state=STATE)
    assert found.title == "unique_values on shop.stg_orders.order_id fails"
    assert (found.severity, found.downstream, found.owner) == ("P1", 1, "sales-team")
    assert found.check_kind == "uniqueness"
    assert found.lineage == (Edge("sqlmesh:shop.stg_orders", "sqlmesh:shop.fct_orders", 0),)
    assert [(a.ref, a.role, a.criticality) for a in found.assets] == [
        ("sqlmesh:shop.stg_orders", "root", "high"),
        ("sqlmesh:shop.fct_orders", "affected", ""),
    ]
    assert found.sections["summary"] == (
        "- SQLMesh check unique_values on shop.stg_orders.order_id failed, 1 row, scheduled @daily"
    )
    assert accounts(found) == [
        "2 lines about models: 1 taken; 1 skipped, at line 22",
        "3 model versions: 3 taken",
    ]


def test_audits_warnings_and_a_failed_model_of_sqlmesh() -> None:
    audit = read(sqlmesh, FILES / "sqlmesh_audit.txt", sqlmesh_state=STATE)
    assert audit.title == "not_null on shop.stg_orders.amount fails, and 1 more failure"
    assert accounts(audit)[0] == "3 lines about models: 2 taken; 1 passed, at line 4"
    warned = read(sqlmesh, FILES / "sqlmesh_plan_warned.txt", sqlmesh_state=STATE)
    assert warned.title == "not_null on shop.stg_orders.amount warns"
    failed = read(sqlmesh, FILES / "sqlmesh_model_failed.txt", sqlmesh_state=STATE)
    assert (failed.title, failed.downstream) == ("shop.fct_orders cannot be built", 0)
    assert (audit.check_kind, failed.check_kind) == ("", "")  # of two kinds; no check
    assert "ConversionException" in failed.sections["summary"]


def test_sqlmesh_without_a_state_knows_nothing_downstream() -> None:
    found = read(sqlmesh, FILES / "sqlmesh_plan_failed.txt")
    assert [a.ref for a in found.assets] == ["sqlmesh:db.shop.stg_orders"]
    assert (found.downstream, found.severity) == (None, "P2")
    assert "with --sqlmesh-state" in found.warnings[1]


def test_openlineage_events_of_dbt() -> None:
    found = read(openlineage, FILES / "openlineage_dbt.ndjson")
    assert found.title == "shop.main.broken cannot be built, and 3 more failures"
    assert sorted(texts(found)) == [
        "OpenLineage check accepted_values on shop.main.stg_orders.status warned, 1 row",
        "OpenLineage check always_fails failed, 1 row",
        "OpenLineage check not_null on shop.main.stg_orders.amount failed, 1 row",
        "OpenLineage check unique on shop.main.stg_orders.order_id failed, 1 row",
        "OpenLineage could not build shop.main.broken",
    ]
    assert (found.downstream, found.severity) == (None, "P2")
    assert [entry.clock for entry in found.entries].count("detected_at") == 1


def event(kind: str, run_id: str, **more: Any) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": "2026-11-20T05:08:00Z",
        "run": {"runId": run_id, "facets": more.pop("facets", {})},
        "job": {"namespace": "airflow", "name": f"dag.{run_id}"},
        **more,
    }


def dataset(
    name: str, namespace: str = "postgres://u:hunter2@host", **facets: Any
) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}


def test_a_failed_task_with_its_lineage_and_error(tmp_path: Path) -> None:
    message = {"message": "psycopg2.errors.UniqueViolationError: Key (id)=(4711) already exists"}
    owner = {"owners": [{"name": "team:data-platform"}]}
    events = [
        event("START", "a", outputs=[dataset("shop.orders", ownership=owner)]),
        event("FAIL", "a", facets={"errorMessage": message}, outputs=[]),
        event("COMPLETE", "b", inputs=[dataset("shop.orders")], outputs=[dataset("shop.daily")]),
        event("FAIL", "dag"),
        event("FAIL", "c", facets={"parent": {"run": {"runId": "dag"}}}),
        {"schema": "of something else"},
    ]
    folder = tmp_path / "events"
    folder.mkdir()
    for number, one in enumerate(events):
        (folder / f"{number}.json").write_text(json.dumps(one))
    found = read(openlineage, folder)
    assert accounts(found)[0].startswith("6 events: 4 taken; 1 without a failure and without")
    assert [(a.ref, a.role) for a in found.assets] == [
        ("job:dag.c", "root"),
        ("table:shop.orders", "root"),
        ("table:shop.daily", "affected"),
    ]
    assert found.owner == "data-platform"
    assert found.lineage == (Edge("table:shop.orders", "table:shop.daily", 0),)
    assert "OpenLineage could not build shop.orders, UniqueViolationError" in texts(found)
    assert "4711" not in repr(found)
    assert "hunter2" not in repr(found)


def test_great_expectations() -> None:
    found = read(great_expectations, FILES / "great_expectations_validation.json")
    assert accounts(found) == ["5 expectations: 4 taken; 1 met"]
    lines = [
        text.removeprefix("Great Expectations check expect_column_values_to_")
        for text in texts(found)
    ]
    assert lines == [
        "be_in_set on stg_orders.status failed, 2 rows",
        "be_unique on stg_orders.order_id failed, 2 rows",
        "not_be_null on stg_orders.amount failed, 1 row",
        "not_be_null on stg_orders.nope could not run",
    ]


def test_a_checkpoint_of_great_expectations(tmp_path: Path) -> None:
    one = json.loads((FILES / "great_expectations_validation.json").read_text())
    path = tmp_path / "checkpoint.json"
    path.write_text(json.dumps({"run_results": {"a": {"validation_result": one}, "b": one}}))
    assert accounts(read(great_expectations, path)) == ["10 expectations: 8 taken; 2 met"]


def test_soda() -> None:
    found = read(soda, FILES / "soda_scan.json")
    assert accounts(found) == ["5 checks: 3 taken; 2 passed"]
    assert texts(found) == [
        "Soda check duplicate_count on stg_orders.order_id failed, 1 row",
        "Soda check freshness on stg_orders.ordered_at failed",
        "Soda check no missing amounts on stg_orders.amount failed",
    ]


CASES = [
    (sqlmesh, "sqlmesh_plan_failed.txt"),
    (openlineage, "openlineage_dbt.ndjson"),
    (great_expectations, "great_expectations_validation.json"),
    (soda, "soda_scan.json"),
]


@pytest.mark.parametrize(("source", "name"), CASES, ids=[name for _, name in CASES])
def test_a_draft_of_it_lints_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: ModuleType, name: str
) -> None:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    flag = source.OPTIONS[0].flag
    given = ("--owner", "data-platform", "--detected-at", "2026-11-20T05:00Z")
    result = run("new", flag, FILES / name, *given, "--stdout")
    assert result.exit_code == 0, result.stderr
    values = model.postmortem(document.parse(result.stdout, ""))
    assert lint(document.parse(result.stdout, f"{values.id}.md")) == []
    (tmp_path / "empty").write_text("{}")
    assert run("new", flag, "empty", "--owner", "x").exit_code == 2
    assert run("new", flag, "nowhere", "--owner", "x").exit_code == 2


@pytest.mark.slow
@pytest.mark.parametrize(("source", "name"), CASES, ids=[name for _, name in CASES])
def test_a_thousand_mutated_files(tmp_path: Path, source: ModuleType, name: str) -> None:
    path, read_at_all = tmp_path / name, 0
    content = (FILES / name).read_bytes()
    changed: Any = mutations.of_bytes(content, 1000)
    if name.endswith(".json"):
        changed = (json.dumps(one).encode() for one in mutations.of_json(json.loads(content), 1000))
    elif name.endswith(".ndjson"):
        rows = [json.loads(line) for line in content.splitlines()]
        changed = (text.encode() for text in mutations.of_json_lines(rows, 1000))
    given: dict[str, Any] = {option.flag: None for option in source.OPTIONS}
    for mutant in changed:
        path.write_bytes(mutant)
        try:
            found = source.gather(
                Request({**given, source.OPTIONS[0].flag: path}, Config(), [], NOW, [])
            )
        except UsageError:
            continue
        read_at_all += 1
        (account,) = found.accounts
        assert account.adds_up
        if name.endswith(".ndjson") and b"\n" in mutant:
            assert account.seen == sum(1 for line in mutant.split(b"\n") if line.strip())
        elif source is soda:
            assert account.seen == len(json.loads(mutant)["checks"])
    assert read_at_all > 300


@pytest.mark.slow
def test_a_thousand_mutated_states_of_sqlmesh(tmp_path: Path) -> None:
    output, path = FILES / "sqlmesh_plan_failed.txt", tmp_path / "state.json"
    read_at_all = 0
    for mutant in mutations.of_json(json.loads(STATE.read_text()), 1000):
        path.write_text(json.dumps(mutant))
        try:
            found = read(sqlmesh, output, sqlmesh_state=path)
        except UsageError:
            continue
        read_at_all += 1
        assert found.accounts[1].seen == len(mutant["snapshots"])
    assert read_at_all > 500
