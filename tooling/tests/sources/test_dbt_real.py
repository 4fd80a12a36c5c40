"""What dbt 1.11 wrote for a project that is broken on purpose, and the same reshaped like v2."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incident.errors import UsageError
from incident.sources import Prefill, dbt
from sources import artifacts, mutations
from sources.artifacts import write
from sources.dbt_shop.trim import trimmed
from support import run

TARGET = Path(__file__).with_name("dbt_shop") / "target"


def files() -> dict[str, Any]:
    return {
        name: json.loads((TARGET / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("manifest", "run_results", "sources")
    }


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The files with a change."""
    content = files()
    change(content)
    return write(folder / "target", **content)


def lines(found: Prefill) -> list[str]:
    return [entry.text for entry in found.entries]


def account(found: Prefill, name: str) -> str:
    return next(one.text for one in found.accounts if one.source == name)


def result(content: dict[str, Any], unique_id: str) -> Any:
    rows = content["run_results"]["results"]
    return next(row for row in rows if row["unique_id"].startswith(unique_id))


def test_one_draft_is_one_story() -> None:
    found = dbt.read(TARGET)
    assert found.title == (
        "not_null on stg_orders.amount and 1 more check fail, and 1 more failure; "
        "affects Order board"
    )
    assert (found.severity, found.owner, found.downstream) == ("P1", "sales", 2)
    assert found.consumers == (
        ("finance-analytics", "Order board"),
        ("ops-team", "Order board"),
    )
    assert sorted(lines(found)) == [
        "dbt hook shop-on-run-end-0 failed",
        "dbt skipped what is downstream: 1 exposure, 1 model, 1 unit_test",
        "dbt test accepted_values on stg_orders.status warned, 1 failure",
        "dbt test not_null on stg_orders.amount failed, 1 failure",
        "dbt test unique on stg_orders.order_id failed, 1 failure",
    ]
    others = [text for text in found.warnings if "--story" in text]
    assert others == [
        "not related, left out: Model broken cannot be built (draft it with --story 2)",
        "not related, left out: Model daily is built only in part (draft it with --story 3)",
        "not related, left out: always_fails fails (draft it with --story 4)",
        "not related, left out: Source erp.empty_table is empty, or no load is known, and 1 more "
        "failure (draft it with --story 5)",
    ]
    assert account(found, "run_results.json") == (
        "13 dbt results: 4 taken; 3 passed; 3 skipped; 3 not related to this incident, "
        "first at model.shop.broken"
    )


def test_another_story_or_all_of_them() -> None:
    empty = dbt.read(TARGET, dbt.Wanted(story="5"))
    assert lines(empty)[-1] == (
        "dbt source freshness found no load of erp.empty_table: the table is empty, "
        "or no load is known"
    )
    assert all(entry.at.year == 2026 for entry in empty.entries)
    assert account(dbt.read(TARGET, dbt.Wanted(story="all")), "run_results.json").startswith(
        "13 dbt results: 7 taken; 3 passed; 3 skipped"
    )
    with pytest.raises(UsageError, match="--story 9: dbt's results hold 5 unrelated failures"):
        dbt.read(TARGET, dbt.Wanted(story="9"))
    assert (
        dbt.read(TARGET, dbt.Wanted(names=["daily"])).title == "Model daily is built only in part"
    )


def test_failed_batches_are_the_window_of_wrong_data() -> None:
    found = dbt.read(TARGET, dbt.Wanted(story="3"))
    assert (str(found.wrong_from), str(found.wrong_to)) == ("2026-11-19", "2026-11-19")
    assert lines(found) == ["dbt built daily only in part, 1 of 3 batches failed: 2026-11-19"]


def test_failing_rows_are_cited_and_not_copied() -> None:
    titles = [one.title for one in dbt.read(TARGET).evidence]
    stored = '"shop"."main_dbt_test__audit"'
    compiled = "target/compiled/shop/models/schema.yml"
    assert titles == [
        "Order board",
        f'failing rows of not_null on stg_orders.amount: {stored}."not_null_stg_orders_amount"',
        f"compiled SQL of not_null on stg_orders.amount: {compiled}/not_null_stg_orders_amount.sql",
        f'failing rows of unique on stg_orders.order_id: {stored}."unique_stg_orders_order_id"',
        f"compiled SQL of unique on stg_orders.order_id: {compiled}/unique_stg_orders_order_id.sql",
        # its name holds the accepted values
        f"failing rows of accepted_values on stg_orders.status: in the schema {stored}",
    ]


def test_an_error_with_failures_is_a_failed_test(tmp_path: Path) -> None:
    """dbt v2 writes `error` for a test that found rows, and another form of versions and ids."""

    def as_v2(content: dict[str, Any]) -> None:
        for row in content["run_results"]["results"]:
            if row["status"] == "fail":
                row["status"] = "error"
            row.pop("batch_results", None)
        content["run_results"]["metadata"]["dbt_version"] = "2.0.0-preview.145"
        for node in content["manifest"]["nodes"].values():
            for key in ("attached_node", "column_name"):
                node.pop(key, None)

    found = dbt.read(changed(tmp_path, as_v2))
    assert "dbt test unique on stg_orders.order_id failed, 1 failure" in lines(found)
    assert found.detection_source.endswith("(dbt 2.0.0-preview.145)")


def test_nodes_without_a_result_are_counted(tmp_path: Path) -> None:
    """dbt v2 may leave out the nodes that had an error, and those it skipped."""

    def without_errors(content: dict[str, Any]) -> None:
        rows = content["run_results"]["results"]
        rows[:] = [row for row in rows if row["status"] not in {"error", "skipped"}]
        content["run_results"]["metadata"]["dbt_version"] = "2.0.4"

    found = dbt.read(changed(tmp_path, without_errors))
    said = "2 of 10 nodes have no result; this dbt may not write errors: check broken, fct_orders"
    assert said in found.warnings
    assert account(found, "manifest.json") == (
        "10 nodes that dbt can run: 8 with a result; 2 without a result, first at model.shop.broken"
    )


def test_what_the_manifest_lacks_has_an_unknown_reach(tmp_path: Path) -> None:
    def without_orders(content: dict[str, Any]) -> None:
        content["run_results"]["results"] = [result(content, "model.shop.broken")]
        del content["manifest"]["nodes"]["model.shop.broken"]
        del content["sources"]

    folder = changed(tmp_path, without_orders)
    found = dbt.read(folder)
    assert (found.downstream, found.severity) == (None, "P2")
    assert found.reason == "what is downstream is not known"
    assert any("not in manifest.json" in text for text in found.warnings)


def test_warnings_alone_make_a_draft(tmp_path: Path) -> None:
    def only_warnings(content: dict[str, Any]) -> None:
        content["run_results"]["results"] = [result(content, "test.shop.accepted_values")]
        del content["sources"]

    found = dbt.read(changed(tmp_path, only_warnings))
    assert found.title == "accepted_values on stg_orders.status warns; affects Order board"
    assert lines(found) == ["dbt test accepted_values on stg_orders.status warned, 1 failure"]
    assert [asset.ref for asset in found.assets][:1] == ["dbt:model.shop.stg_orders"]


def test_a_unit_test_and_a_hook_alone(tmp_path: Path) -> None:
    def unit(content: dict[str, Any]) -> None:
        row = result(content, "unit_test.shop")
        content["run_results"]["results"] = [{**row, "status": "fail", "failures": 1}]
        del content["sources"]

    found = dbt.read(changed(tmp_path / "a", unit))
    assert found.title == "unit test test_total on fct_orders fails; affects Order board"
    assert (found.kind, lines(found)) == (
        "pipeline",
        ["dbt unit test test_total on fct_orders failed, 1 failure"],
    )

    def hook(content: dict[str, Any]) -> None:
        content["run_results"]["results"] = [result(content, "operation.shop")]
        del content["sources"]

    found = dbt.read(changed(tmp_path / "b", hook))
    assert (found.title, found.downstream) == ("Hook shop-on-run-end-0 fails", None)


def test_freshness_in_any_file_of_results(tmp_path: Path) -> None:
    def elsewhere(content: dict[str, Any]) -> None:
        content["nightly_freshness"] = content.pop("sources")
        late = {"unique_id": "source.shop.erp.raw_orders", "status": "error"}
        content["run_results"]["results"] = [{**late, "max_loaded_at": "2026-11-20T00:00:00Z"}]

    found = dbt.read(changed(tmp_path, elsewhere))
    assert found.title.startswith("Source erp.empty_table is empty, or no load is known, and 1")
    assert {one.source for one in found.accounts} >= {"nightly_freshness.json", "run_results.json"}


def counted(target: Path) -> Counter[str]:
    """Results by file, counted without the reader."""
    found: Counter[str] = Counter()
    for path in target.glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = content.get("results") if isinstance(content, dict) else None
        if path.name != "manifest.json" and isinstance(rows, list):
            found[path.name] = len(rows)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ["manifest", "run_results", "sources"])
def test_a_thousand_mutated_artifacts(tmp_path: Path, name: str) -> None:
    shop = {
        "manifest": artifacts.manifest(),
        "run_results": artifacts.FAILED_BUILD,
        "sources": artifacts.STALE_SOURCE,
    }
    target, read = tmp_path / "target", 0
    for mutant in mutations.of_json(shop[name], 1000):
        write(target, **{**shop, name: mutant})
        try:
            found = dbt.read(target)
        except UsageError:
            continue
        read += 1
        assert all(one.adds_up for one in found.accounts)
        seen = {one.source: one.seen for one in found.accounts if one.source != "manifest.json"}
        assert +Counter(seen) == +counted(target)
        assert all(entry.at.year >= 2000 for entry in found.entries)
    assert read > 300
    shutil.rmtree(target)


def seconds(folder: Path, count: int) -> float:
    """The processor's time for a project of so many models, all of which fail."""
    names = [f"model.shop.m{number}" for number in range(count)]
    nodes = {
        name: artifacts.node(name, *names[max(0, number - 3) : number])
        for number, name in enumerate(names)
    }
    manifest = {"metadata": artifacts.metadata("manifest/v12"), "nodes": nodes}
    run_results = artifacts.run_results(*(artifacts.result(name, "error") for name in names))
    target = write(folder / str(count), manifest=manifest, run_results=run_results)
    begun = time.process_time()
    dbt.read(target)
    return time.process_time() - begun


@pytest.mark.slow
def test_time_grows_with_the_project_and_not_with_its_square(tmp_path: Path) -> None:
    small = min(seconds(tmp_path, 1000) for _ in range(3))
    assert seconds(tmp_path, 8000) < 24 * small + 0.2


def test_the_account_of_real_artifacts_adds_up() -> None:
    found = dbt.read(TARGET)
    assert all(one.adds_up for one in found.accounts)
    seen = {one.source: one.seen for one in found.accounts}
    assert seen.pop("manifest.json") == sum(
        1
        for section in ("nodes", "unit_tests")
        for node in files()["manifest"][section].values()
        if node["resource_type"] != "operation"
    )
    assert seen == counted(TARGET)


def test_the_account_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "incident.toml").touch()
    monkeypatch.chdir(tmp_path)
    result = run(
        "new", "--from-dbt", TARGET, "--detected-at", "2026-11-20T05:00Z", "--format", "json"
    )
    shown = json.loads(result.stdout)
    assert (tmp_path / shown["path"]).is_file()
    by_source = {Path(one["source"]).name: one for one in shown["accounts"]}
    assert (by_source["run_results.json"]["seen"], by_source["run_results.json"]["taken"]) == (
        13,
        4,
    )
    assert by_source["run_results.json"]["left_out"][0]["reason"] == "passed"
    assert any("--story 2" in text for text in shown["warnings"])


def test_the_fixture_is_trimmed() -> None:
    for name, content in files().items():
        assert trimmed(content) == content, name
