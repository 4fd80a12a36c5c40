"""`incident history ASSET`: incidents, promised checks, open items, trust state."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from history_support import ORDERS, RAW, RENAMED, postmortem, write
from incident import archive
from incident.history import change_kinds, past
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.repository import config
from incident.repository.config import Config
from support import run


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one incident, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "incident.toml").write_text("")
    monkeypatch.chdir(repository)
    write(repository)
    return repository


def manifest(root: Path, *tests: str) -> Path:
    """A manifest with the orders and these tests."""
    nodes: dict[str, object] = {
        key.removeprefix("dbt:"): {} for key in (ORDERS, "model.shop.quiet", *tests)
    }
    path = root / "target" / "manifest.json"
    path.parent.mkdir(exist_ok=True)
    version = "https://schemas.getdbt.com/dbt/manifest/v12.json"
    path.write_text(json.dumps({"metadata": {"dbt_schema_version": version}, "nodes": nodes}))
    return path


def test_an_asset_has_a_state_and_its_reasons() -> None:
    shown = run("history", "fct_orders").stdout
    lines = shown.splitlines()
    assert lines[:2] == ["fct_orders  Needs attention", ORDERS]
    assert re.match(r"1 promised check is missing, \d+ days? overdue\. ", lines[2])
    assert lines[2].endswith(" days since the last incident.")
    assert "2026-10-03  P1  Order status empty after the shop renamed a field" in shown
    assert "(affected, resolved in 6 h, published)" in shown
    assert "cause: The shop renamed status to state. The load wrote null" in shown
    assert "missing   test.shop.not_null_fct_orders_status (2026-10-03-" in shown
    assert "Stop a load that lacks a field (2026-10-03-status-null-after-rename/AI-2" in shown


def test_the_manifest_decides_whether_a_check_exists(root: Path) -> None:
    manifest(root, "test.shop.not_null_fct_orders_status.1a2b")
    (one,) = json.loads(run("history", ORDERS, "--json").stdout)
    (check,) = one["promised_checks"]
    assert (check["state"], check["by_manifest"]) == ("in_place", True)
    manifest(root, "test.shop.other")
    (one,) = json.loads(run("history", ORDERS, "--json").stdout)
    assert one["promised_checks"][0]["state"] == "missing"


def test_json_has_the_facts_of_each_incident() -> None:
    (one,) = json.loads(run("history", RAW, "--json").stdout)
    assert (one["asset"], one["state"]) == (RAW, "needs_attention")
    assert {"reason": "missing_check", "incident": RENAMED["id"], "item": "AI-1"} in one["reasons"]
    (incident,) = one["incidents"]
    assert incident["role"] == "root"
    assert incident["fix"] == "The mapping got the new name. The day was loaded again."
    assert incident["runbooks"] == ["loads"]


@pytest.mark.parametrize("name", ["orders", "raw.orders", "RAW.Orders", RAW])
def test_an_asset_is_found_by_name_or_reference(name: str) -> None:
    assert [one["asset"] for one in json.loads(run("history", name, "--json").stdout)] == [RAW]


def test_a_table_and_its_model_are_one_asset(root: Path) -> None:
    write(root, {"id": "2026-10-09-b", "impact": {"assets": [{"ref": "table:fct_orders"}]}})
    manifest(root)
    for name in ("fct_orders", "table:fct_orders", ORDERS):
        (one,) = json.loads(run("history", name, "--json").stdout)
        assert (one["asset"], len(one["incidents"])) == (ORDERS, 2)


@pytest.mark.parametrize("name", ["orders_v3", "ORDERS_V3", "dwh.orders_v3"])
def test_an_asset_is_found_by_the_name_of_its_table(root: Path, name: str) -> None:
    """As a dbt alias or a source's identifier names it."""
    path = manifest(root)
    content = json.loads(path.read_text())
    relation = {"relation_name": '"db"."dwh"."orders_v3"'}
    content["nodes"][ORDERS.removeprefix("dbt:")] = relation
    path.write_text(json.dumps(content))
    assert [one["asset"] for one in json.loads(run("history", name, "--json").stdout)] == [ORDERS]


def test_an_asset_without_an_incident_is_clear(root: Path) -> None:
    manifest(root)
    assert run("history", "quiet").stdout.splitlines()[2] == "Nothing is open."


def test_an_unknown_asset_is_an_error() -> None:
    result = run("history", "fct_order")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean `fct_orders`?" in result.stderr


@pytest.mark.parametrize(
    "data",
    [
        {"drill": True},
        {"status": "closed", "closed_as": "false_alarm", "closed_reason": "a test"},
        {"status": "closed", "closed_as": "duplicate", "duplicate_of": RENAMED["id"]},
    ],
)
def test_what_was_no_incident_does_not_count(root: Path, data: dict[str, Any]) -> None:
    write(root, {**data, "id": "2026-10-05-again", "timestamps": {}})
    (one,) = json.loads(run("history", "fct_orders", "--json").stdout)
    assert [incident["id"] for incident in one["incidents"]] == [RENAMED["id"]]


def test_the_archive_may_be_in_another_repository(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "data"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert run("history", "fct_orders", "--archive", root).stdout.startswith("fct_orders  Needs")
    (one,) = json.loads(run("history", ORDERS, "--archive", "../repository", "--json").stdout)
    assert one["incidents"][0]["path"] == f"incidents/2026/{RENAMED['id']}.md"
    result = run("history", "fct_orders", "--archive", tmp_path / "gone")
    assert (result.exit_code, "is not a folder" in result.stderr) == (2, True)
    result = run("history", "fct_orders", "--archive", elsewhere)
    assert (result.exit_code, "has no folder incidents/" in result.stderr) == (2, True)


def test_text_of_an_incident_cannot_control_the_terminal(root: Path) -> None:
    write(root, {"title": "Low\x1b[31m\n::error::x"}, "Bad\x1b]0;t\x07 cause")
    assert "\x1b" not in run("history", "fct_orders").stdout
    assert "\n::" not in run("history", "fct_orders").stdout


# what is remembered


def here() -> Config:
    return config.load(Path.cwd())


def test_what_is_remembered_equals_what_is_read(root: Path) -> None:
    write(
        root,
        {
            "id": "2026-10-09-b",
            "data_window": {"from": "2026-10-01", "to": "2026-10-02"},
            "signature": [{"check": "dbt:test.shop.rows", "asset": ORDERS, "error": "failed"}],
            "tags": ["late"],
            "related": [RENAMED["id"]],
        },
    )
    first, account = past.load(here())
    again, _ = past.load(here())
    assert first == again
    assert account.text == "2 postmortems: 2 incidents"
    assert first[0].postmortem.signatures[0].check == "dbt:test.shop.rows"
    assert not first[0].postmortem.roles


def test_only_a_changed_file_is_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    past.load(here())
    write(root, {"id": "2026-10-09-b"})
    reads: list[str] = []
    real = archive.read

    def counted(path: Path, config: Config) -> Document:
        reads.append(path.stem)
        return real(path, config)

    monkeypatch.setattr(archive, "read", counted)
    assert len(past.load(here())[0]) == 2
    assert reads == ["2026-10-09-b"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"key": 1, "files": 3}'])
def test_a_broken_cache_is_ignored(root: Path, tmp_path: Path, content: str) -> None:
    first, _ = past.load(here())
    (cache,) = (tmp_path / "cache").rglob("history-*.json")
    cache.write_text(content)
    assert past.load(here())[0] == first


def test_a_cache_with_other_values_is_ignored(root: Path, tmp_path: Path) -> None:
    first, _ = past.load(here())
    (cache,) = (tmp_path / "cache").rglob("history-*.json")
    content = json.loads(cache.read_text())
    for entry in content["files"].values():
        entry[1]["postmortem"]["assets"] = 3
    cache.write_text(json.dumps(content))
    assert past.load(here())[0] == first


def test_restricted_incidents_may_be_left_out(root: Path) -> None:
    write(root, {"id": "2026-10-09-b", "confidentiality": "restricted"})
    found, account = past.load(here(), restricted=False)
    assert [one.postmortem.id for one in found] == [RENAMED["id"]]
    assert account.text == "2 postmortems: 1 incident; 1 restricted"


def test_unreadable_postmortems_are_reported(root: Path) -> None:
    path = write(root, {"id": "2026-10-09-b"})
    path.write_text("---\nid: [\n---\n")
    result = run("history", "fct_orders")
    assert (result.exit_code, "1 postmortems cannot be read" in result.stderr) == (0, False)
    assert "1 postmortem cannot be read" in result.stderr


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("the provider renamed `status`", ("rename",)),
        ("a missing field is loaded as null", ("drop", "nulls")),
        ("The new filter excluded rows", ("filter",)),
        ("the backfill ran twice and doubled the rows", ("duplicates", "build")),
        ("Weeks were sorted as text", ("type",)),
        ("A column. Removed later.", ()),
        ("nothing of the kind", ()),
    ],
)
def test_a_cause_names_kinds_of_change(text: str, kinds: tuple[str, ...]) -> None:
    assert change_kinds.of_text(text, "en") == kinds


def test_a_rename_and_a_missing_column_are_one_cause() -> None:
    assert change_kinds.in_common({"rename", "join"}, ("drop",)) == ["rename"]
    assert change_kinds.in_common({"join"}, ("drop", "filter")) == []


def test_the_cause_is_a_sentence_or_two() -> None:
    long = "The first sentence. " + "Another one follows here. " * 20 + "\n\nNot this."
    one = past.of_document(document.parse(postmortem(cause=long), "x.md"), "en")
    assert len(one.cause) <= 240
    assert one.cause.endswith(".")
