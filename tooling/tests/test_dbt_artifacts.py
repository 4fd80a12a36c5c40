"""One reader of dbt's artifacts, for the linter, the editor, drafts, messages and the wiki."""

from __future__ import annotations

import ast
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from incident import dbt
from incident.dbt import _artifact, _cache, lineage, manifest, references
from incident.dbt.nodes import Column
from incident.errors import ConfigError, UsageError
from sources import artifacts
from sources.artifacts import BOARD, FACTS, FRESH, NOT_NULL, SINGULAR, STAGED, STALE
from support import CHECKOUT

PACKAGE = CHECKOUT / "tooling" / "incident"
SECTIONS = {"exposures", "semantic_models", "saved_queries", "unit_tests", "child_map"}


def keys_looked_up(source: Path) -> set[str]:
    """The constant keys in `value["key"]` and `value.get("key")`, and those in a list of keys."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Subscript):
            parts = [node.slice]
        elif isinstance(node, ast.Call):
            parts = node.args[:1]
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            parts = node.elts
        found |= {
            p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)
        }
    return found


def test_one_module_reads_the_manifest() -> None:
    keys = {
        path.relative_to(PACKAGE).as_posix(): keys_looked_up(path)
        for path in sorted(PACKAGE.rglob("*.py"))
    }
    assert [path for path, used in keys.items() if used & SECTIONS] == ["dbt/manifest.py"]
    assert {path.partition("/")[0] for path, used in keys.items() if "nodes" in used} == {"dbt"}


def write(folder: Path, content: Any) -> Path:
    path = folder / "manifest.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_the_linter_and_drafts_get_the_same_nodes(tmp_path: Path) -> None:
    path = write(tmp_path, artifacts.manifest())
    for_drafts = manifest.read_manifest(path)
    for_lint = manifest.configured(tmp_path, path.name)
    assert for_lint is not None
    assert for_lint.nodes == for_drafts.nodes
    assert for_lint.children == for_drafts.children
    assert for_lint.nodes[BOARD].criticality == "high"
    assert for_lint.nodes[FACTS].meta_owners == ("Finance Analytics",)
    assert for_lint.owners == {
        *("data_platform", "Ines Halvorsen", "Finance Analytics", "CRM Team"),
    }


def test_a_generic_test_is_known_with_and_without_its_hash(tmp_path: Path) -> None:
    known = manifest.read_manifest(write(tmp_path, artifacts.manifest()))
    assert {NOT_NULL, NOT_NULL.rpartition(".")[0], SINGULAR} <= known.tests <= known.ids
    assert known.has(f"dbt:{STALE}")
    assert not known.has("dbt:model.tidewater.gone")


def test_edges_are_the_same_without_a_child_map(tmp_path: Path) -> None:
    content = artifacts.manifest()
    expected = manifest.read_manifest(write(tmp_path, content)).children
    del content["child_map"]
    derived = manifest.read_manifest(write(tmp_path, content)).children
    assert derived == {parent: below for parent, below in expected.items() if below}


def test_a_test_leads_to_what_it_tests(tmp_path: Path) -> None:
    known = manifest.read_manifest(write(tmp_path, artifacts.manifest()))
    assert lineage.tested(known, NOT_NULL) == [STAGED]
    assert lineage.tested(known, SINGULAR) == [FACTS]
    assert lineage.tested(known, "test.tidewater.gone") == []


def with_details(**fields: Any) -> Any:
    """The invented manifest, whose staged orders have these fields."""
    content = artifacts.manifest()
    content["nodes"][STAGED].update(fields)
    return content


def test_a_node_has_its_columns_macros_and_yaml_file(tmp_path: Path) -> None:
    columns = {"id": {"name": "id", "data_type": "bigint"}, "at": {"name": "at"}, "x": 3}
    content = with_details(
        columns=columns,
        depends_on={"nodes": [FRESH], "macros": ["macro.tidewater.cents"]},
        patch_path="tidewater://models/staging.yml",
        checksum={"name": "sha256", "checksum": "ab12"},
        config={"contract": {"enforced": True}, "event_time": "ordered_at"},
    )
    node = manifest.read_manifest(write(tmp_path, content)).nodes[STAGED]
    assert node.columns == (Column("id", "bigint"), Column("at"))
    assert node.macros == ("macro.tidewater.cents",)
    assert (node.patch, node.checksum) == ("models/staging.yml", "ab12")
    assert (node.has_contract, node.time_column) == (True, "ordered_at")


def test_macros_are_kept_apart_from_nodes(tmp_path: Path) -> None:
    content = artifacts.manifest()
    content["macros"]["macro.tidewater.cents"] = {
        "resource_type": "macro",
        "name": "cents",
        "original_file_path": "macros/cents.sql",
        "depends_on": {"macros": ["macro.dbt.x"]},
    }
    known = manifest.read_manifest(write(tmp_path, content))
    assert known.macros["macro.tidewater.cents"].path == "macros/cents.sql"
    assert known.macros["macro.tidewater.cents"].macros == ("macro.dbt.x",)
    assert not any(key.startswith("macro.") for key in known.nodes)


def test_unique_keys_come_from_the_configuration_and_from_tests(tmp_path: Path) -> None:
    content = with_details(config={"unique_key": ["shop", "day"]})
    for name, test in {
        "a": {"name": "unique", "kwargs": {"column_name": "order_id"}},
        "b": {
            "name": "unique_combination_of_columns",
            "namespace": "dbt_utils",
            "kwargs": {"combination_of_columns": ["shop", "number"]},
        },
        "c": {"name": "not_null", "kwargs": {"column_name": "order_id"}},
    }.items():
        key = f"test.tidewater.{name}"
        content["nodes"][key] = artifacts.node(
            key, STAGED, attached_node=STAGED, test_metadata=test
        )
        content["child_map"][STAGED].append(key)
    known = manifest.read_manifest(write(tmp_path, content))
    expected = [("shop", "day"), ("order_id",), ("shop", "number")]
    assert lineage.keys(known, STAGED) == expected
    assert lineage.tests_of(known, FACTS) == [SINGULAR]


@pytest.mark.parametrize(
    ("config", "expected"),
    [({"store_failures": True}, True), ({"store_failures_as": "view"}, True), ({}, False)],
)
def test_a_test_says_whether_it_keeps_failing_rows(
    tmp_path: Path, config: dict[str, Any], expected: bool
) -> None:
    content = artifacts.manifest()
    content["nodes"][NOT_NULL].update(config=config, relation_name='"audit"."rows"')
    node = manifest.read_manifest(write(tmp_path, content)).nodes[NOT_NULL]
    assert (node.store_failures, node.relation) == (expected, '"audit"."rows"')


def test_a_manifest_says_what_wrote_it(tmp_path: Path) -> None:
    content = artifacts.manifest()
    content["metadata"] |= {"adapter_type": "bigquery", "project_name": "tidewater"}
    known = manifest.read_manifest(write(tmp_path, content))
    assert (known.adapter, known.project) == ("bigquery", "tidewater")
    assert known.at is not None
    assert known.at.isoformat() == "2026-11-20T02:10:00+00:00"


def test_a_short_name_leads_to_the_node(tmp_path: Path) -> None:
    known = manifest.read_manifest(write(tmp_path, artifacts.manifest()))
    assert known.named("stg_orders") == known.named(f"dbt:{STAGED}") == [STAGED]
    assert known.named("gone") == []


def test_entries_without_a_type_still_exist(tmp_path: Path) -> None:
    write(tmp_path, {"nodes": {"model.shop.orders": {"meta": {"owner": "@data"}}, "model.x.y": 3}})
    known = manifest.configured(tmp_path, "manifest.json")
    assert known is not None
    assert known.nodes["model.shop.orders"].kind == "model"
    assert known.has("model.x.y")
    assert known.owners == {"data"}


def test_a_configured_manifest_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = write(tmp_path, {"nodes": {"model.shop.orders": {}}})
    first = manifest.configured(tmp_path, path.name)
    assert manifest.configured(tmp_path, path.name) is first
    write(tmp_path, {"nodes": {"model.shop.other": {}}})
    os.utime(path, (1, 1))
    second = manifest.configured(tmp_path, path.name)
    assert second is not None
    assert set(second.nodes) == {"model.shop.other"}


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        (f"dbt:{STAGED}", f"dbt:{STAGED}"),
        ("dbt:model.elsewhere.orders", "dbt:model.elsewhere.orders"),
        ("table:Mart.Margin", f"dbt:{FACTS}"),
        ("bigquery:`warehouse`.mart.margin", f"dbt:{FACTS}"),
        ("stg_orders", f"dbt:{STAGED}"),
        ("table:stg_orders", f"dbt:{STAGED}"),
        ("table:other.margin", "table:other.margin"),
        ("dashboard:margin", "dashboard:margin"),
        ("twice", "twice"),
    ],
)
def test_a_reference_leads_to_the_only_node_that_it_can_mean(
    tmp_path: Path, ref: str, expected: str
) -> None:
    content = artifacts.manifest()
    content["nodes"][FACTS]["relation_name"] = '"warehouse"."mart"."margin"'
    for package in ("a", "b"):
        key = f"model.{package}.twice"
        content["nodes"][key] = artifacts.node(key)
    known = manifest.read_manifest(write(tmp_path, content))
    assert references.resolver(known)(ref) == expected


def test_a_large_manifest_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_cache, "LEAST", 0)
    columns = {"id": {"name": "id", "data_type": "bigint"}}
    content = with_details(columns=columns, config={"unique_key": ["shop", "day"]})
    path = write(tmp_path, content)
    first = manifest.read_manifest(path)
    monkeypatch.setattr(_artifact, "read", None)  # it must not be read again
    again = manifest.read_manifest(path)
    assert again == replace(first, children={k: c for k, c in first.children.items() if c})
    assert again.tests == first.tests
    monkeypatch.undo()


@pytest.mark.parametrize("broken", ["", "[]", '{"key": 3}', "nodes"])
def test_a_broken_or_outdated_memory_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_cache, "LEAST", 0)
    path = write(tmp_path, artifacts.manifest())
    first = manifest.read_manifest(path)
    (cache,) = (tmp_path / "cache").rglob("manifest-*.json")
    written = json.loads(cache.read_text())
    cache.write_text(json.dumps({**written, "nodes": [[1]]}) if broken == "nodes" else broken)
    assert manifest.read_manifest(path) == first
    write(tmp_path, with_details(patch_path="tidewater://models/a.yml"))
    os.utime(path, (1, 1))
    assert manifest.read_manifest(path).nodes[STAGED].patch == "models/a.yml"


@pytest.mark.parametrize(
    ("content", "message"),
    [("[]", "has no `nodes`"), ('{"nodes": []}', "has no `nodes`"), ("{", "incomplete JSON")],
)
def test_a_configured_manifest_that_is_not_one(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ConfigError, match=message):
        manifest.configured(tmp_path, "manifest.json")
    with pytest.raises(UsageError):
        manifest.read_manifest(tmp_path / "manifest.json")


def test_no_manifest_is_configured(tmp_path: Path) -> None:
    assert manifest.configured(tmp_path, "") is None
    assert manifest.configured(tmp_path, "manifest.json") is None  # not built here
    assert "run `dbt parse`" in dbt.gap(tmp_path, "manifest.json")
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ConfigError):
        manifest.configured(tmp_path, "manifest.json")
