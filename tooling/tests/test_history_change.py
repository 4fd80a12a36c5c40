"""`incident history --base`: what a change to a dbt project touches, and what happened there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from history_support import (
    BOARD,
    CAUSE,
    FIRST_ITEM,
    NOT_NULL,
    ORDERS,
    RAW,
    STAGED,
    change,
    git,
    make_archive,
    make_project,
    manifest,
    node,
    write,
)
from support import run


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another repository with the archive: one incident."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return make_archive(tmp_path / "archive")


@pytest.fixture
def project(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A dbt project on the branch `feature`, at the top of a repository or in a folder of it."""
    root = make_project(tmp_path / "data", getattr(request, "param", ""))
    monkeypatch.chdir(root)
    return root


def asked(archive: Path, *more: str) -> tuple[str, str]:
    """stdout and stderr."""
    result = run("history", "--base", "main", "--archive", archive, *more)
    assert result.exit_code == 0, result.stderr
    return result.stdout, result.stderr


def as_json(archive: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked(archive, "--json", *more)[0])
    return found


def touched(archive: Path) -> list[str]:
    return [one["asset"] for one in as_json(archive)["touched"]]


@pytest.mark.parametrize("project", ["", "dbt"], indirect=True)
def test_a_change_that_repeats_a_cause_is_reported(project: Path, archive: Path) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    shown, errors = asked(archive)
    assert "1 earlier incident may matter for this change, which touches 1 asset" in shown
    assert "\norders  Needs attention  (changed in models/schema.yml)" in shown
    assert "  P1 2026-10-03: Order status empty after the shop renamed a field" in shown
    common = (
        "in common: this change renames a column (status → state); the cause then was a renamed"
    )
    assert common in shown
    assert errors == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("models/stg_orders.sql", "status", "state as status", [STAGED]),
        ("models/stg_orders.sql", "select id", "-- only a comment\nselect id", []),
        ("models/schema.yml", "nothing", "something", []),
        ("models/schema.yml", "type: dashboard", "type: notebook", [BOARD]),
        ("macros/money.sql", "/ 100", "/ 1000", [ORDERS]),
        ("macros/money.sql", "}1{", "}2{", []),
        ("tests/orders_are_whole.sql", "is null", "< 0", [ORDERS]),
        ("README.md", "Shop", "Our shop", []),
    ],
)
def test_files_are_mapped_to_assets(
    project: Path, archive: Path, name: str, old: str, new: str, expected: list[str]
) -> None:
    change(project, name, old, new)
    assert touched(archive) == expected


@pytest.mark.parametrize("is_new", [False, True])
def test_a_test_macro_touches_what_it_tests(project: Path, archive: Path, is_new: bool) -> None:
    """A new `test_not_null` in the project replaces dbt's own."""
    old = "{% test not_null(model, column_name) %}select 1 where a is null{% endtest %}\n"
    path = project / "tests" / "generic" / "not_null.sql"
    path.parent.mkdir()
    if not is_new:
        path.write_text(old)
        git(project, "add", "-A")
        git(project, "commit", "-q", "-m", "a test of ours")
        git(project, "branch", "-f", "main")
    content = manifest()
    key = "macro.shop.test_not_null"
    content["macros"][key] = node(key, "tests/generic/not_null.sql")
    content["nodes"][NOT_NULL]["depends_on"]["macros"] = [key]
    (project / "target" / "manifest.json").write_text(json.dumps(content))
    path.write_text(old.replace("null{", "null and false{"))
    (one,) = as_json(archive)["touched"]
    assert (one["asset"], one["via_macro"]) == (ORDERS, "test_not_null")
    assert one["changes"] == {"test": "not_null_fct_orders_status"}
    write(archive, {"impact": {"assets": [{"ref": ORDERS, "role": "root"}]}})
    assert "(checked by the test not_null, which changed)" in asked(archive)[0]


def test_deleting_the_file_of_a_macro_touches_its_users(project: Path, archive: Path) -> None:
    (project / "macros" / "money.sql").unlink()
    assert touched(archive) == [ORDERS]


def test_nothing_is_printed_without_a_relevant_incident(project: Path, archive: Path) -> None:
    change(project, "models/other.sql", "1", "2")
    for form in ("text", "markdown", "github"):
        assert asked(archive, "--format", form) == ("", "")
    assert as_json(archive)["findings"] == []


def test_what_is_downstream_counts_to_a_depth(project: Path, archive: Path) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    below = as_json(archive)["downstream"]
    assert below == {STAGED: 1, ORDERS: 2, BOARD: 3}
    assert as_json(archive, "--depth", "1")["downstream"] == {STAGED: 1}


@pytest.mark.parametrize("how", ["entry", "file"])
def test_removing_a_promised_check_is_reported(project: Path, archive: Path, how: str) -> None:
    item = {**FIRST_ITEM, "status": "done"}
    if how == "entry":
        change(project, "models/schema.yml", "        tests: [not_null]\n", "")
    else:
        item["verified_by"] = "dbt:test.shop.orders_are_whole"
        (project / "tests/orders_are_whole.sql").unlink()
    write(archive, {"action_items": [item], "id": "2026-06-01-a", "timestamps": {}})
    (finding,) = [one for one in as_json(archive)["findings"] if one["asset"] == ORDERS]
    removed = [one["removes_promised_checks"] for one in finding["incidents"]]
    assert [item["verified_by"]] in removed
    assert "which was promised after it" in asked(archive)[0]


@pytest.mark.parametrize(
    ("name", "old", "new", "check"),
    [
        (
            "models/schema.yml",
            "tests: [not_null]",
            "tests: [not_null, x.rows]",
            "x_rows_fct_orders_status",
        ),
        ("tests/rows_match.sql", "", "select 1", "rows_match"),
    ],
)
def test_a_promised_check_that_the_change_adds_is_not_missing(
    project: Path, archive: Path, name: str, old: str, new: str, check: str
) -> None:
    write(archive, {"action_items": [{**FIRST_ITEM, "verified_by": f"dbt:test.shop.{check}"}]})
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert f"missing: test.shop.{check}" in asked(archive)[0]
    if old:
        change(project, name, old, new)
    else:
        (project / name).write_text(new)
    assert as_json(archive)["added_checks"] == [check]
    assert "missing:" not in asked(archive)[0]


@pytest.mark.parametrize(
    ("check", "is_said"),
    [("not_null_fct_orders_total", True), ("not_null_orders_total", False), ("rows", False)],
)
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_missing_check_of_an_asset_that_was_only_affected(
    project: Path, archive: Path, check: str, is_said: bool, is_deleted: bool
) -> None:
    due = {"due": "2026-06-01", "verified_by": f"dbt:test.shop.{check}"}
    times = dict.fromkeys(("started_at", "detected_at", "resolved_at"), "2026-05-01T02:00Z")
    write(archive, {"severity": "P2", "timestamps": times, "action_items": [{**FIRST_ITEM, **due}]})
    if is_deleted:
        (project / "models/fct_orders.sql").unlink()
    else:
        change(project, "models/fct_orders.sql", "id,", "id, 1 as total,")
    assert (f"missing: test.shop.{check}" in asked(archive)[0]) is is_said


@pytest.mark.parametrize(
    "data",
    [
        {"severity": "P3"},
        {"id": "2023-01-01-old", "timestamps": {}},
        {"drill": True},
        {"status": "closed", "closed_as": "false_alarm", "closed_reason": "a test"},
        {"confidentiality": "restricted"},
        {"impact": {"assets": [{"ref": "dbt:model.shop.elsewhere", "role": "root"}]}},
    ],
)
def test_incidents_that_do_not_count(project: Path, archive: Path, data: dict[str, Any]) -> None:
    for path in (archive / "incidents").rglob("*.md"):
        path.unlink()
    write(archive, data)
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert asked(archive)[0] == ""


def test_restricted_incidents_are_shown_on_request(project: Path, archive: Path) -> None:
    write(archive, {"confidentiality": "restricted"})
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert "Order status empty" in asked(archive, "--restricted")[0]


def test_in_public_only_what_is_public_is_shown(project: Path, archive: Path) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert asked(archive, "--public")[0] == ""
    write(archive, {"confidentiality": "public"})
    assert "Order status empty" in asked(archive, "--public")[0]
    result = run("history", "--base", "main", "--archive", archive, "--public", "--restricted")
    assert result.exit_code == 2


def test_in_public_redacted_text_is_left_out(project: Path, archive: Path) -> None:
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    cause = CAUSE.replace("The", "For <!-- redact -->Umbrella<!-- /redact -->, the", 1)
    assert cause != CAUSE
    write(archive, {"confidentiality": "public"}, cause)
    shown = asked(archive, "--public", "--format", "json")[0]
    assert "Order status empty" in shown
    assert "Umbrella" in asked(archive, "--format", "json")[0]
    assert "Umbrella" not in shown


def test_at_most_one_screen_and_the_rest_is_folded(project: Path, archive: Path) -> None:
    refs = (RAW, STAGED, ORDERS, BOARD)
    for day in range(1, 29):
        assets = [{"ref": refs[day % 4], "role": "root"}]
        data = {"id": f"2026-10-{day:02}-a", "timestamps": {}, "impact": {"assets": assets}}
        write(archive, data)
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    change(project, "models/stg_orders.sql", "status", "state as status")
    change(project, "models/fct_orders.sql", "id,", "id, status as state,")
    lines = asked(archive)[0].splitlines()
    assert len(lines) <= 24
    assert lines[-1].endswith("--format json lists all")
    page = asked(archive, "--format", "markdown")[0]
    assert page.startswith("<!-- incident-history -->\n")
    assert "<details><summary>" in page
    assert len(asked(archive, "--format", "github")[0].splitlines()) <= 4


@pytest.mark.parametrize(
    ("origin", "address"),
    [
        ("https://github.com/acme/postmortems", "https://github.com/acme/postmortems/blob/HEAD/"),
        ("git@github.com:acme/postmortems.git", "https://github.com/acme/postmortems/blob/HEAD/"),
        ("https://gitlab.com/acme/post", "https://gitlab.com/acme/post/-/blob/HEAD/"),
        ("https://git.example.com/acme/post", ""),
    ],
)
def test_without_a_wiki_a_postmortem_is_linked_as_a_file(
    project: Path, archive: Path, origin: str, address: str
) -> None:
    git(archive, "init", "-q")
    git(archive, "remote", "add", "origin", origin)
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    page = asked(archive, "--format", "markdown")[0]
    name = "incidents/2026/2026-10-03-status-null-after-rename.md"
    assert (f"](<{address}{name}>)" in page) == bool(address)
    assert ("](" in page) == bool(address)
    (archive / "incident.toml").write_text('wiki_url = "https://wiki.example.com"\n')
    assert (
        "](<https://wiki.example.com/incidents/2026/" in asked(archive, "--format", "markdown")[0]
    )


HOSTILE = (
    "@everyone see #12 <img src=x> [a](https://evil.example) `x`\n::error::no www.evil.example"
)


def test_untrusted_text_is_only_text(project: Path, archive: Path) -> None:
    write(archive, {"title": HOSTILE}, cause=f"{HOSTILE} renamed\x1b[31m")
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    page = asked(archive, "--format", "markdown")[0]
    assert "2026-10-03" in page
    for harm in ("@everyone", "#12", "<img", "](https:", "https://", "www.evil", "\x1b"):
        assert harm not in page
    for form in ("text", "github"):
        shown = asked(archive, "--format", form)[0]
        assert "\x1b" not in shown
        assert not any(line.startswith("::error") for line in shown.splitlines())


@pytest.mark.parametrize("project", ["", "dbt"], indirect=True)
def test_github_annotates_the_first_changed_line(project: Path, archive: Path) -> None:
    change(project, "models/stg_orders.sql", "select id, status", "select id,\nstate as status")
    write(archive, {"impact": {"assets": [{"ref": STAGED, "role": "root"}]}})
    prefix = "" if (project / ".git").exists() else "dbt/"
    line = asked(archive, "--format", "github")[0]
    assert line.startswith(f"::notice file={prefix}models/stg_orders.sql,line=1,title=History of")


def test_files_that_are_not_mapped_are_reported(project: Path, archive: Path) -> None:
    (project / "models/new.sql").write_text("select 1\n")
    (project / "models/bad.yml").write_text("models: [\n")
    change(project, "dbt_project.yml", "shop", "shop\nvars: {a: 1}")
    _, errors = asked(archive)
    assert "3 changed files: 0 of assets in the manifest" in errors
    for part in ("1 not in the manifest", "1 that is not valid YAML", "1 of project settings"):
        assert part in errors


def test_a_deleted_model_is_found_by_its_name(project: Path, archive: Path) -> None:
    content = manifest()
    del content["nodes"][ORDERS.removeprefix("dbt:")]  # a manifest made after the change
    (project / "target" / "manifest.json").write_text(json.dumps(content))
    (project / "models/fct_orders.sql").unlink()
    assert touched(archive) == [ORDERS]


def test_deleting_a_model_removes_its_checks(project: Path, archive: Path) -> None:
    (project / "models/fct_orders.sql").unlink()
    shown = asked(archive)[0]
    assert "(deleted in models/fct_orders.sql)" in shown
    assert "removes: test.shop.not_null_fct_orders_status, which was promised after it" in shown


def test_an_entry_is_of_all_versions_of_a_model(project: Path, archive: Path) -> None:
    content = manifest()
    for version in ("v1", "v2"):
        key = f"model.shop.other.{version}"
        content["nodes"][key] = node(key, f"models/other_{version}.sql")
    (project / "target" / "manifest.json").write_text(json.dumps(content))
    change(project, "models/schema.yml", "description: nothing", "config: {materialized: view}")
    assert touched(archive) == [f"dbt:model.shop.other{end}" for end in ("", ".v1", ".v2")]


def test_tables_and_names_in_the_archive_mean_the_assets(project: Path, archive: Path) -> None:
    assets = [{"ref": "table:raw.orders", "role": "root"}, {"ref": "fct_orders"}]
    content = manifest()
    content["sources"][RAW.removeprefix("dbt:")]["relation_name"] = '"dwh"."raw"."orders"'
    (project / "target" / "manifest.json").write_text(json.dumps(content))
    write(archive, {"impact": {"assets": assets}})
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    (finding,) = as_json(archive)["findings"]
    assert (finding["asset"], finding["incidents"][0]["role"]) == (RAW, "root")


def test_a_stale_manifest_is_reported(project: Path, archive: Path) -> None:
    change(project, "models/stg_orders.sql", "status", "state")
    assert asked(archive)[1] == ""
    path = project / "target" / "manifest.json"
    checksum = manifest()["nodes"][STAGED.removeprefix("dbt:")]["checksum"]["checksum"]
    path.write_text(path.read_text().replace(checksum, "0" * 64))
    assert "the manifest is older than models/stg_orders.sql" in asked(archive)[1]


def test_the_manifest_of_the_project_wins_over_the_archives(project: Path, archive: Path) -> None:
    """An archive in another repository names a manifest that nobody made in this checkout."""
    (archive / "incident.toml").write_text('dbt_manifest = "target/manifest.json"\n')
    change(project, "models/schema.yml", "{name: status}", "{name: state}")
    assert as_json(archive)["downstream"] == {STAGED: 1, ORDERS: 2, BOARD: 3}
    (project / "target" / "manifest.json").unlink()
    assert "no manifest.json: assets are matched by name" in asked(archive)[1]


def test_without_a_manifest_names_are_matched(project: Path, archive: Path) -> None:
    (project / "target" / "manifest.json").unlink()
    change(project, "models/fct_orders.sql", "id,", "id, status as state,")
    shown, errors = asked(archive)
    assert "no manifest.json: assets are matched by name" in errors
    assert "\nfct_orders  Needs attention  (changed in models/fct_orders.sql)" in shown
    result = run("history", "--base", "main", "--archive", archive, "--manifest", "gone.json")
    assert (result.exit_code, "gone.json does not exist" in result.stderr) == (2, True)


def test_a_base_that_is_not_there(
    project: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("history", "--base", "origin/main", "--archive", archive)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "unknown commit `origin/main`" in result.stderr
    clone = tmp_path / "clone"
    top = subprocess.run(
        ["git", "rev-parse", "--show-toplevel"],
        cwd=project, check=True, capture_output=True, text=True, timeout=60,
    ).stdout.strip()  # fmt: skip
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{top}", str(clone))
    monkeypatch.chdir(clone)
    result = run("history", "--base", "main", "--archive", archive)
    assert (result.exit_code, "git fetch --unshallow" in result.stderr) == (2, True)


@pytest.mark.parametrize("words", [(), ("fct_orders", "--base", "main")])
def test_one_question_at_a_time(project: Path, words: tuple[str, ...]) -> None:
    result = run("history", *words)
    assert (result.exit_code, "name either assets, --base or --failed" in result.stderr) == (
        2,
        True,
    )
