"""`incident new --from-dbt`: what dbt knows is in the draft, and nothing else of its artifacts."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from incident.postmortem import document, model, timeline_entries
from incident.postmortem.model import Postmortem
from sources import artifacts
from sources.artifacts import (
    BOARD,
    FAILED_BUILD,
    FEED,
    MISSING_TABLE,
    MODEL_ERROR,
    SECRETS,
    STAGED,
    STALE_SOURCE,
    write,
)
from support import CHECKOUT, lint, run

SHARED = CHECKOUT.parent / "shared" / "data" / "dbt"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "incident.toml").touch()
    monkeypatch.chdir(root)
    return root


SITUATIONS = {
    "build": {"run_results": FAILED_BUILD},
    "freshness": {"sources": STALE_SOURCE},
    "missing_table": {"sources": MISSING_TABLE},
    "model_error": {"run_results": MODEL_ERROR},
}


@pytest.fixture(params=SITUATIONS)
def situation(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write(tmp_path / "target", manifest=artifacts.manifest(), **SITUATIONS[request.param])


def drafted(*args: str | Path, made: bool = False) -> Postmortem:
    """The draft of a folder as values; it lints clean. `made`: its file is made as well."""
    result = run("new", "--from-dbt", *args, "--stdout")
    assert result.exit_code == 0, result.stderr
    assert not made or run("new", "--from-dbt", *args).exit_code == 0
    values = model.postmortem(document.parse(result.stdout, ""))
    assert lint(document.parse(result.stdout, f"{values.id}.md")) == []
    return values


def refs(values: Postmortem, role: str) -> list[str]:
    return [asset.ref for asset in values.assets if asset.role == role]


def timeline(values_or_text: str) -> list[tuple[str, str]]:
    return [(e.clock, e.text) for e in timeline_entries.read(document.parse(values_or_text, ""))]


def test_failing_tests(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    values = drafted(target)
    assert values.title == (
        "not_null on stg_orders.status and 1 more check fail; affects Margin report and 1 more"
    )
    assert (values.severity, values.owner, values.kind) == ("P1", "data-platform", "quality")
    assert (values.detection_method, values.check_kind) == ("test", "")  # of two kinds
    assert values.data["detection"]["source"] == (
        "dbt test accepted_values on stg_orders.currency (dbt 1.12.6)"
    )
    assert values.data["timestamps"]["detected_at"] == "2026-11-20T02:05Z"
    assert values.data["timestamps"]["started_at"] is None
    assert refs(values, "root") == [f"dbt:{STAGED}"]
    assert refs(values, "affected") == ["dbt:model.tidewater.fct_margin"]
    assert refs(values, "exposure") == [f"dbt:{FEED}", f"dbt:{BOARD}"]
    assert values.data["impact"]["downstream_assets"] == 3
    assert [(c.team, c.use) for c in values.consumers] == [("finance-analytics", "Margin report")]
    assert values.data["evidence"] == [
        {"kind": "dashboard", "title": "Margin report", "url": "https://bi.example.com/margin"}
    ]


@pytest.mark.parametrize("is_known", [True, False])
def test_the_kind_of_the_failing_test(repository: Path, tmp_path: Path, is_known: bool) -> None:
    results = json.loads(json.dumps(FAILED_BUILD))
    results["results"] = [r for r in results["results"] if "accepted_" not in r["unique_id"]]
    manifest = {"manifest": artifacts.manifest()} if is_known else {}
    target = write(tmp_path / "t", run_results=results, **manifest)
    assert drafted(target, "--owner", "x").check_kind == "nulls"


def test_the_timeline_of_failing_tests(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    result = run("new", "--from-dbt", target, "--stdout")
    assert timeline(result.stdout) == [
        ("detected_at", "dbt test accepted_values on stg_orders.currency failed, 1 failure"),
        ("", "dbt test not_null on stg_orders.status failed, 1,200 failures"),
        ("", "dbt skipped what is downstream: 1 exposure, 1 model"),
    ]
    assert "1 step downstream" in result.stdout
    assert "P1 is proposed: 3 assets downstream, exposure Margin report and 1 more" in result.stdout
    assert "no team is known for stock_feed" in result.stderr
    assert "Halvorsen" not in result.stdout + result.stderr


def test_a_stale_source(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), sources=STALE_SOURCE)
    values = drafted(target, "--owner", "ingestion")
    assert values.title == "Source shop.returns is late; affects Margin report and 1 more"
    assert (values.kind, values.check_kind) == ("freshness", "freshness")
    assert values.data["timestamps"]["started_at"] == "2026-11-19T20:00Z"
    assert refs(values, "root") == ["dbt:source.tidewater.shop.returns"]
    text = run("new", "--from-dbt", target, "--owner", "x", "--stdout").stdout
    assert [clock for clock, _ in timeline(text)] == ["", "started_at", "detected_at", ""]
    assert "TODO confirm" in timeline(text)[1][1]
    under_review = text.replace("status: draft", "status: in_review")
    found = lint(document.parse(under_review, f"{values.id}.md"))
    assert "INC203" in {diagnostic.code for diagnostic in found}


def test_a_source_without_its_table(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), sources=MISSING_TABLE)
    values = drafted(target, "--owner", "ingestion")
    assert values.title == "Source shop.payments is missing; affects Margin report and 1 more"
    assert refs(values, "root") == ["dbt:source.tidewater.shop.payments"]
    text = run("new", "--from-dbt", target, "--owner", "ingestion", "--stdout").stdout
    said = "dbt source freshness has no result for shop.payments"
    assert timeline(text) == [("detected_at", f"{said} (TODO confirm that its table is missing)")]
    assert refs(values, "exposure") == [f"dbt:{FEED}", f"dbt:{BOARD}"]


def test_sources_that_were_not_selected_are_not_missing(repository: Path, tmp_path: Path) -> None:
    manifest = artifacts.manifest()
    other = "source.tidewater.ads.clicks"
    manifest["sources"][other] = artifacts.source(other, source_name="ads")
    target = write(tmp_path / "t", manifest=manifest, sources=STALE_SOURCE)
    result = run("new", "--from-dbt", target, "--owner", "x", "--stdout")
    assert other not in result.stdout
    assert "1 source with a freshness limit and all of the same group are not" in result.stderr


def test_when_no_source_could_be_judged(repository: Path, tmp_path: Path) -> None:
    manifest = artifacts.manifest()
    target = write(tmp_path / "t", manifest=manifest, sources=artifacts.sources())
    values = drafted(target, "--owner", "x")
    assert values.title == (
        "Source shop.orders is missing, and 2 more failures; affects Margin report and 1 more"
    )
    other = "source.tidewater.ads.clicks"
    manifest["sources"][other] = artifacts.source(other, source_name="ads")
    write(target, manifest=manifest)
    result = run("new", "--from-dbt", target, "--owner", "x", "--stdout")
    assert result.exit_code == 2
    assert "nothing failed" in result.stderr
    assert "4 sources with a freshness limit" in result.stderr


def test_a_model_that_cannot_be_built(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=MODEL_ERROR)
    values = drafted(target)
    assert values.title == "Model stg_orders cannot be built; affects Margin report and 1 more"
    assert (values.kind, values.detection_method) == ("pipeline", "pipeline_failure")
    assert refs(values, "root") == [f"dbt:{STAGED}"]


def test_nothing_leaks(repository: Path, situation: Path) -> None:
    result = run("new", "--from-dbt", situation, "--stdout", "--owner", "data-platform")
    assert result.exit_code == 0, result.stderr
    for secret in (*SECRETS, str(situation)):
        assert secret not in result.stdout


def test_a_draft_is_the_same_each_time(repository: Path, situation: Path) -> None:
    args = ("new", "--from-dbt", situation, "--stdout", "--owner", "data-platform")
    assert run(*args).stdout == run(*args).stdout
    path = run(*args[:3], "--owner", "data-platform").stdout.strip()
    assert (repository / path).read_text(encoding="utf-8") == run(*args).stdout


def test_the_last_pass_is_a_candidate_for_the_beginning(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    before = artifacts.run_results(
        artifacts.result(artifacts.ACCEPTED, "pass", "2026-11-19T02:05:00Z"),
        artifacts.result(artifacts.NOT_NULL, "pass", "2026-11-19T02:06:00Z"),
    )
    write(tmp_path, before=before)
    args = ("new", "--from-dbt", target, "--previous", tmp_path / "before.json", "--stdout")
    text = run(*args).stdout
    assert timeline(text)[0] == (
        "started_at",
        "dbt test accepted_values on stg_orders.currency passed for the last time "
        "(TODO confirm when the data began to be wrong)",
    )
    assert 'started_at: "2026-11-19T02:05Z"' in text


def test_owners_go_through_the_aliases(repository: Path, tmp_path: Path) -> None:
    (repository / "incident.toml").write_text(
        '[intake.owners]\n"Finance Analytics" = "finance"\n"ines@example.com" = "marketplace"\n'
        'data_platform = "platform"\n'
    )
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    values = drafted(target)
    assert values.owner == "platform"
    assert {c.team for c in values.consumers} == {"finance", "marketplace"}
    (repository / "incident.toml").write_text("[intake.owners]\nx = 1\n")
    assert run("new", "--from-dbt", target, "--stdout").exit_code == 2


def test_an_existing_draft_gets_what_it_lacks(repository: Path, tmp_path: Path) -> None:
    made = run("new", "Margin wrong", "--severity", "P1", "--owner", "finance", "--detected-at",
               "2026-11-20T02:30Z").stdout.strip()  # fmt: skip
    path = repository / made
    path.write_text(path.read_text().replace("summary:\n", 'summary: "ours"   # mine\n', 1))
    before = path.read_text()
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    args = ("new", "--from-dbt", target, "--into", Path(made).stem)
    assert run(*args).stdout.strip() == made
    after = path.read_text()
    values = model.postmortem(document.parse(after, made))
    assert (values.title, values.owner) == ("Margin wrong", "finance")
    assert values.data["timestamps"]["detected_at"] == "2026-11-20T02:30Z"
    assert refs(values, "root") == [f"dbt:{STAGED}"]
    assert 'summary: "ours"   # mine\n' in after
    assert [clock for clock, _ in timeline(after)] == ["", "", "", "detected_at"]
    filled = ("kind:", "method:", "source:", "assets:", "consumers:", "downstream_assets:",
              "observers:", "evidence:")  # fmt: skip
    lost = [line.strip() for line in before.splitlines() if line not in after.splitlines()]
    assert [line for line in lost if not line.startswith(filled)] == []
    again = run(*args)
    assert "nothing new" in again.stderr
    assert path.read_text() == after
    assert lint(document.parse(after, path.name)) == []


@pytest.mark.parametrize("version", ["v6", "v13"])
def test_another_version_is_read_with_a_warning(
    repository: Path, tmp_path: Path, version: str
) -> None:
    manifest = artifacts.manifest()
    manifest["metadata"]["dbt_schema_version"] = artifacts.SCHEMA.format(f"manifest/{version}")
    target = write(tmp_path / "t", manifest=manifest, run_results=FAILED_BUILD)
    result = run("new", "--from-dbt", target, "--stdout")
    assert result.exit_code == 0
    assert f"is dbt manifest {version}; this version supports v12" in result.stderr


def test_old_results_beside_new_ones_are_left_out(repository: Path, tmp_path: Path) -> None:
    old = artifacts.run_results(
        artifacts.result(artifacts.NOT_NULL, "fail"), at="2026-11-10T02:00:00Z"
    )
    target = write(
        tmp_path / "t", manifest=artifacts.manifest(), run_results=old, sources=STALE_SOURCE
    )
    result = run("new", "--from-dbt", target, "--owner", "x", "--stdout")
    assert "run_results.json is over a day older than the other results: left out" in result.stderr
    assert "not_null" not in result.stdout


def test_a_test_that_could_not_run(repository: Path, tmp_path: Path) -> None:
    results = artifacts.run_results(artifacts.result(artifacts.NOT_NULL, "error"))
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=results)
    text = run("new", "--from-dbt", target, "--stdout").stdout
    said = "dbt test not_null on stg_orders.status could not run"
    assert timeline(text) == [("detected_at", said)]


def test_without_a_manifest_a_test_keeps_its_arguments_to_itself(
    repository: Path, tmp_path: Path
) -> None:
    target = write(tmp_path / "t", run_results=FAILED_BUILD)
    result = run("new", "--from-dbt", target, "--owner", "x", "--stdout")
    assert "has no manifest.json" in result.stderr
    assert "accepted_values_stg_orders_currency failed" in result.stdout
    assert "GBX" not in result.stdout


def test_what_is_given_by_hand_wins(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), sources=STALE_SOURCE)
    args = ("Returns late", "--severity", "P3", "--owner", "stores", "--kind", "volume")
    values = drafted(target, *args, "--detected-at", "2026-11-19T19:00Z")
    assert (values.title, values.severity) == ("Returns late", "P3")
    assert (values.owner, values.kind) == ("stores", "volume")
    assert values.data["timestamps"]["detected_at"] == "2026-11-19T19:00Z"
    assert values.data["timestamps"]["started_at"] is None


def test_a_second_draft_of_a_day_is_told_of_the_first(repository: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "t", manifest=artifacts.manifest(), run_results=FAILED_BUILD)
    made = run("new", "--from-dbt", target).stdout.strip()
    result = run("new", "--from-dbt", target)
    assert result.exit_code == 2
    assert f"--into {Path(made).stem}" in result.stderr


def test_only_sources_go_into_an_existing_postmortem(repository: Path, tmp_path: Path) -> None:
    result = run("new", "A title", "--into", "x", "--from-dbt", tmp_path)
    assert result.exit_code == 2
    assert "--into only takes facts from sources" in result.stderr
    assert run("new", "--into", "x").exit_code == 2


def test_many_failures_stay_readable(repository: Path, tmp_path: Path) -> None:
    manifest = artifacts.manifest()
    many = [f"test.tidewater.check_{n:03}" for n in range(90)]
    for unique_id in many:
        manifest["nodes"][unique_id] = artifacts.node(unique_id, STAGED)
    for n in range(80):
        unique_id = f"model.tidewater.below_{n:03}"
        manifest["nodes"][unique_id] = artifacts.node(unique_id, STAGED)
        manifest["child_map"][STAGED].append(unique_id)
    results = artifacts.run_results(*(artifacts.result(unique_id, "fail") for unique_id in many))
    target = write(tmp_path / "t", manifest=manifest, run_results=results)
    result = run("new", "--from-dbt", target, "--stdout")
    values = model.postmortem(document.parse(result.stdout, ""))
    assert values.data["impact"]["downstream_assets"] == 83
    assert len(refs(values, "affected")) == 50
    assert len(timeline(result.stdout)) == 21
    assert "dbt reported 70 more" in result.stdout
    assert "31 further assets are counted" in result.stderr


HIDDEN = {"args", "compiled_code", "raw_code", "message", "kwargs", "env", "relation_name"}


def json_of(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def hidden(value: Any, key: str = "") -> set[str]:
    """The texts that must never leave the artifacts: SQL, arguments, messages, paths."""
    if isinstance(value, dict):
        inner = {k: v for k, v in value.items() if k != "column_name"}
        return {text for k, v in inner.items() for text in hidden(v, key if key in HIDDEN else k)}
    if isinstance(value, list):
        return {text for v in value for text in hidden(v, key)}
    is_path = isinstance(value, str) and "/" in value and key.endswith(("path", "dir"))
    if isinstance(value, str) and (key in HIDDEN or is_path) and len(value) > 6:
        return {value, *(line.strip() for line in value.splitlines() if len(line.strip()) > 12)}
    return set()


@pytest.mark.skipif(not SHARED.is_dir(), reason="no further artifacts beside this checkout")
@pytest.mark.parametrize("form", ["artifacts", "artifacts_slim"])
def test_artifacts_of_dbt_itself(repository: Path, tmp_path: Path, form: str) -> None:
    """What dbt wrote into a target folder of another project, in four situations."""
    folder = SHARED / form
    fresh, missing = tmp_path / "fresh", tmp_path / "missing"
    for place, name in ((fresh, "freshness"), (missing, "missing_table")):
        place.mkdir()
        shutil.copy(folder / "build" / "manifest.json", place)
        shutil.copy(folder / name / "sources.json", place)
    found = {
        name: drafted(target, made=True)
        for name, target in {
            "build": folder / "build",
            "freshness": fresh,
            "missing_table": missing,
            "model_error": folder / "model_error",
        }.items()
    }
    secrets = {secret for file in folder.rglob("*.json") for secret in hidden(json_of(file))}
    assert len(secrets) > 50 or form == "artifacts_slim"
    for values in found.values():
        text = (repository / "incidents" / values.id[:4] / f"{values.id}.md").read_text()
        # the path of a failing test's compiled SQL is evidence; nothing else may be there
        rest = "\n".join(line for line in text.split("\n") if "title: compiled SQL of" not in line)
        rest = re.sub(r'title: "compiled SQL of [^"\n]*"', "", rest)
        assert [secret for secret in (*secrets, "EUR", "/home") if secret in rest] == []
        assert values.owner
        assert not any("crm" in ref for ref in refs(values, "exposure"))
    assert len(refs(found["build"], "exposure")) == 2
    assert len(refs(found["build"], "root")) == 2
    assert found["freshness"].data["timestamps"]["started_at"] == "2026-11-20T19:32Z"
    assert "payments is missing, and 1 more failure" in found["missing_table"].title
