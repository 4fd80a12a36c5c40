"""`incident history --failed`: was a failing check seen before?"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from history_support import RENAMED, write
from incident.dbt import manifest, titles
from incident.postmortem import document, signatures
from incident.postmortem.signatures import Signature
from sources import artifacts
from sources.artifacts import ACCEPTED, NOT_NULL, STAGED
from support import run

CHECK = "dbt:test.tidewater.not_null_stg_orders_status"
ASSET = f"dbt:{STAGED}"
SAME = {"check": CHECK, "asset": ASSET, "column": "status", "error": "failed"}


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with an archive, still empty, and the results of a failed build."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    (repository / "incidents").mkdir(parents=True)
    (repository / "incident.toml").write_text("")
    monkeypatch.chdir(repository)
    build(repository)
    return repository


def build(root: Path, results: dict[str, Any] | None = None) -> None:
    """What dbt leaves in target/."""
    target = root / "target"
    target.mkdir(exist_ok=True)
    (target / "manifest.json").write_text(json.dumps(artifacts.manifest()))
    written = results or artifacts.run_results(
        artifacts.result(STAGED, "success"), artifacts.result(NOT_NULL, "fail", failures=12)
    )
    (target / "run_results.json").write_text(json.dumps(written))


def seen(*more: str) -> dict[str, Any]:
    """What is known of the failing check."""
    result = run("history", "--failed", "target", "--json", *more)
    assert result.exit_code == 1, result.stderr
    (one,) = json.loads(result.stdout)
    found: dict[str, Any] = one
    return found


def test_a_check_that_was_never_seen() -> None:
    result = run("history", "--failed", "target")
    expected = (
        "not_null on stg_orders.status failed: no earlier incident names it; ask data-platform\n"
    )
    assert (result.exit_code, result.stdout) == (1, expected)
    assert seen()["incidents"] == []


def test_the_same_check_is_recognized_by_its_signature(root: Path) -> None:
    write(root, {"signature": [SAME], "channel": "inc-orders"})
    result = run("history", "--failed", "target")
    assert result.exit_code == 1
    for part in (
        "not_null on stg_orders.status failed: seen before\n",
        "  P1 2026-10-03: Order status empty after the shop renamed a field (the same check)\n",
        "cause:    The shop renamed status to state.",
        "fixed by: The mapping got the new name. The day was loaded again.\n      took:     6 h\n",
        "runbook:  loads",
        f"read:     incidents/2026/{RENAMED['id']}.md",
        "ask:      ingestion, data-platform",
    ):
        assert part in result.stdout


@pytest.mark.parametrize(
    ("data", "why", "same"),
    [
        ({"signature": [SAME]}, "the same check", True),
        ({"signature": [{**SAME, "error": "warned"}]}, "the same check, then: warned", True),
        ({"signature": [{**SAME, "column": "other"}]}, None, False),
        ({"action_items": [{"id": "AI-1", "verified_by": CHECK}]}, "promised after it", True),
        ({"action_items": [{"id": "AI-1", "verified_by": f"{CHECK}.1a2b3c"}]}, "promised", True),
        ({"action_items": [{"id": "AI-1", "verified_by": f"{CHECK}_at"}]}, None, False),
        (
            {"detection": {"source": "dbt test not_null_stg_orders_status"}},
            "the same check detected it",
            True,
        ),
        ({"impact": {"assets": [{"ref": ASSET, "role": "root"}]}}, "similar: same asset", False),
        ({"impact": {"assets": [{"ref": "table:dwh.stg_orders"}]}}, "an asset of that name", False),
        ({"impact": {"assets": [{"ref": "dbt:model.tidewater.other"}]}}, None, False),
    ],
)
def test_how_a_check_is_recognized(
    root: Path, data: dict[str, Any], why: str | None, same: bool
) -> None:
    write(root, {"action_items": [], **data})
    found = seen()
    assert found["seen_before"] is same
    assert [why in one["why"] for one in found["incidents"]] == ([True] if why else [])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            {"detection": {"should_have_been": "not_null on stg_orders.status"}},
            "this check should have detected it",
        ),
        ({"title": "No not-null test on status of stg_orders"}, "its title names this check"),
        (
            {"action_items": [{"id": "AI-1", "title": "Add `not null` to `stg_orders.status`"}]},
            "an action item names this check",
        ),
        ({"detection": {"should_have_been": "not_null on stg_orders.state"}}, None),
        ({"detection": {"should_have_been": "unique on stg_orders.status"}}, None),
        ({"detection": {"should_have_been": "not_null on orders.status"}}, None),
    ],
)
def test_a_check_that_an_incident_names_in_words(
    root: Path, data: dict[str, Any], why: str | None
) -> None:
    write(root, {"action_items": [], "impact": {"assets": []}, **data})
    found = seen()
    assert not found["seen_before"]
    assert [one["why"] for one in found["incidents"]] == ([f"similar: {why}"] if why else [])


def test_an_open_incident_is_named_first(root: Path) -> None:
    times = {"detected_at": "2026-11-20T04:00Z"}
    write(root, {"signature": [SAME], "timestamps": times, "channel": "inc-orders"})
    lines = run("history", "--failed", "target").stdout.splitlines()
    assert lines[2].split() == [
        *("open", "now:", RENAMED["id"], "is", "not", "resolved", "in", "#inc-orders;"),
        *("add", "to", "it"),
    ]


def test_the_same_incident_is_told_once(root: Path) -> None:
    build(root, artifacts.FAILED_BUILD)
    accepted = "dbt:test.tidewater.accepted_values_stg_orders_currency"
    other = {"check": accepted, "asset": ASSET, "column": "currency", "error": "failed"}
    write(root, {"signature": [SAME, other]})
    shown = run("history", "--failed", "target").stdout
    assert shown.count("seen before") == 2
    assert shown.count("fixed by:") == 1
    assert "(the same check, see above)" in shown


def test_results_in_which_nothing_failed_do_not_hide_a_failure_of_the_run(root: Path) -> None:
    """As after `dbt seed && dbt build || …`, when dbt stops before it builds anything."""
    build(root, artifacts.run_results(artifacts.result(STAGED, "success")))
    result = run("--quiet", "history", "--failed", "target")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing failed in target: 1 success" in result.stderr
    assert "may have stopped before it wrote any" in result.stderr
    assert "TITLE" not in result.stderr
    result = run("history", "--failed", "target", "--json")
    assert (result.exit_code, result.stdout) == (1, "[]\n")


def test_old_results_are_reported(root: Path) -> None:
    old = time.time() - 3 * 3600
    os.utime(root / "target" / "run_results.json", (old, old))
    result = run("history", "--failed", "target")
    assert (result.exit_code, "the results in target are 3 h old" in result.stderr) == (1, True)
    build(root, artifacts.run_results(artifacts.result(STAGED, "success")))
    os.utime(root / "target" / "run_results.json", (old, old))
    result = run("history", "--failed", "target")
    assert (result.exit_code, "may have stopped before" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("status", "words"), [("error", "is too old"), ("runtime error", "could not be read")]
)
def test_a_source_that_failed(root: Path, status: str, words: str) -> None:
    (root / "target" / "run_results.json").unlink()
    stale = artifacts.freshness(artifacts.STALE, status, "2026-11-18T20:00:00+00:00")
    (root / "target" / "sources.json").write_text(json.dumps(artifacts.sources(stale)))
    assert (
        f"shop.returns {words}: no earlier incident names it"
        in run("history", "--failed", "target").stdout
    )


def test_a_warning_alone_does_not_hide_a_failure_of_the_run(root: Path) -> None:
    build(root, artifacts.run_results(artifacts.result(NOT_NULL, "warn", failures=3)))
    result = run("history", "--failed", "target")
    assert "status warned: no earlier incident names it" in result.stdout
    assert (result.exit_code, "checks only warned" in result.stderr) == (1, True)


@pytest.mark.parametrize("content", ["", "{", "nothing of the kind\n"])
def test_a_file_that_is_no_output_of_a_run(root: Path, content: str) -> None:
    path = root / "output.txt"
    path.write_text(content)
    result = run("history", "--failed", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert run("history", "--failed", root / "gone").exit_code == 2


def test_a_folder_without_the_output_of_a_run(root: Path) -> None:
    (root / "models").mkdir()
    result = run("history", "--failed", "models")
    assert result.exit_code == 2
    assert "models has no run_results.json, sources.json or OpenLineage events" in result.stderr
    assert "name what the run wrote, such as target/" in result.stderr


def test_a_run_of_another_tool_in_which_nothing_failed(root: Path) -> None:
    path = root / "output.txt"
    event = {"eventType": "COMPLETE", "run": {"runId": "1"}, "job": {"name": "load"}}
    for content in ("not_null on model shop.orders \u2714 PASS\n", json.dumps(event)):
        path.write_text(content)
        assert run("history", "--failed", path).exit_code == 1


def test_audits_of_sqlmesh(root: Path) -> None:
    path = root / "output.txt"
    path.write_text("not_null on model shop.orders \u274c FAIL [3]\n")
    assert run("history", "--failed", path).stdout.startswith(
        "not_null on shop.orders failed: no ea"
    )
    check = {"check": "sqlmesh:not_null", "asset": "sqlmesh:shop.orders", "error": "failed"}
    write(root, {"signature": [check]})
    result = run("history", "--failed", path)
    assert (result.exit_code, "(the same check)" in result.stdout) == (1, True)


def test_failures_of_openlineage(root: Path) -> None:
    event = {
        "eventType": "FAIL",
        "eventTime": "2026-11-20T02:00:00Z",
        "run": {
            "runId": "1",
            "facets": {"errorMessage": {"message": "ConversionException: row 4711"}},
        },
        "job": {"name": "load_orders"},
        "outputs": [{"namespace": "postgres://host", "name": "shop.orders"}],
    }
    path = root / "events.ndjson"
    path.write_text(json.dumps(event))
    write(root, {"signature": [{"asset": "table:shop.orders", "error": "ConversionException"}]})
    result = run("history", "--failed", path)
    assert (result.exit_code, "(the same check)" in result.stdout) == (1, True)
    assert "4711" not in result.stdout


@pytest.mark.parametrize("form", ["github", "markdown", "text"])
def test_untrusted_text_is_only_text(root: Path, form: str) -> None:
    title = "@all <img src=x> [a](https://evil.example)\n::error::no \x1b[31m"
    write(root, {"signature": [SAME], "title": title})
    shown = run("history", "--failed", "target", "--format", form).stdout
    assert "2026-10-03" in shown
    assert "\x1b" not in shown
    assert not any(line.startswith("::error") for line in shown.splitlines())
    if form == "markdown":
        for harm in ("@all", "<img", "](https:"):
            assert harm not in shown


def test_github_gets_at_most_ten_annotations(root: Path) -> None:
    write(root, {"signature": [SAME]})
    lines = run("history", "--failed", "target", "--format", "github").stdout.splitlines()
    assert [line.partition("::not_null")[0] for line in lines] == [
        "::notice title=Seen before%3A not_null on stg_orders.status failed"
    ]


def test_restricted_incidents_are_left_out(root: Path) -> None:
    write(root, {"signature": [SAME], "confidentiality": "restricted"})
    assert not seen()["seen_before"]
    assert seen("--restricted")["seen_before"]


# signatures in the frontmatter


def test_a_draft_has_the_signatures_of_its_checks(root: Path) -> None:
    build(root, artifacts.FAILED_BUILD)
    words = ("new", "--from-dbt", "target", "--no-edit", "--severity", "P2", "--owner", "data")
    path = Path(run(*words).stdout.strip())
    text = path.read_text()
    for secret in artifacts.SECRETS:
        assert secret not in text
    found = signatures.read(document.parse(text, "x.md").data["signature"])
    assert Signature(**SAME) in found
    assert {one.column for one in found} == {"status", "currency"}
    assert run("lint", "--select", "frontmatter-schema,key-order").exit_code == 0
    run("new", "--from-dbt", "target", "--into", path.stem)
    assert signatures.read(document.parse(path.read_text(), "x.md").data["signature"]) == found


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (NOT_NULL, "test.tidewater.not_null_stg_orders_status"),
        (ACCEPTED, "test.tidewater.accepted_values_stg_orders_currency"),
        ("test.shop.gone_a__GBX.1a2b", "test.shop.gone_a"),
        ("test.shop.assert_orders__are_whole", "test.shop.assert_orders__are_whole"),
        ("unit_test.shop.orders.adds", "unit_test.shop.orders.adds"),
    ],
)
def test_a_test_is_named_without_hash_and_values(root: Path, test: str, expected: str) -> None:
    known = manifest.read_manifest(root / "target" / "manifest.json")
    assert titles.without_values(known, test) == expected


def test_entries_that_are_no_signature_are_skipped() -> None:
    rows = [{"check": 3}, "x", {"asset": ASSET, "error": None}, {"column": "a"}]
    assert signatures.read(rows) == (Signature(asset=ASSET),)
    assert signatures.read(None) == ()
