"""`incident init --data-repository`: a workflow for a dbt project, and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from act_support import COMMANDS
from guest_support import contents, repository
from support import run

DBT = {"dbt_project.yml": "name: shop\n"}
NAME = ".github/workflows/incident-history.yml"
GITHUB = "git@github.com:acme/warehouse.git"
COMMIT = "git+https://github.com/tidewater/incident-docs@" + "a" * 40


def init(folder: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    done = run("init", folder, "--data-repository", *words)
    return done.exit_code, done.stdout, done.stderr


def test_one_file_is_added_and_nothing_else(tmp_path: Path) -> None:
    root = repository(tmp_path / "data", {**DBT, "README.md": "x"}, origin=GITHUB)
    before = contents(root)
    code, out, said = init(root, "--archive", "acme/postmortems", "--dry-run")
    assert (code, out) == (0, f"{NAME}\n")
    assert "1 file would be written, 0 unchanged" in said
    assert contents(root) == before
    code, out, _ = init(root, "--archive", "acme/postmortems", "--install-from", COMMIT)
    assert (code, out) == (0, f"{NAME}\n")
    assert contents(root).keys() - before.keys() == {NAME}
    text = (root / NAME).read_text()
    assert '  ARCHIVE: "acme/postmortems"\n  PROJECT: "."\n' in text
    assert f"vars.INCIDENT_DOCS || 'incident-docs @ {COMMIT}'" in text
    assert "inputs." not in text
    assert "workflow_call" not in text


@pytest.mark.parametrize(
    "address",
    [
        "acme/postmortems",
        "https://github.com/acme/postmortems.git",
        "git@github.com:acme/postmortems",
    ],
)
def test_the_archive_is_named_in_any_way(tmp_path: Path, address: str) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    assert init(root, "--archive", address)[0] == 0
    assert '  ARCHIVE: "acme/postmortems"\n' in (root / NAME).read_text()


def test_the_archive_may_be_a_checkout(tmp_path: Path) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    repository(tmp_path / "postmortems", {}, origin="git@github.com:acme/incidents.git")
    assert init(root, "--archive", str(tmp_path / "postmortems"))[0] == 0
    assert '  ARCHIVE: "acme/incidents"\n' in (root / NAME).read_text()
    assert init(root, "--archive", str(tmp_path))[0] == 2


@pytest.mark.parametrize("address", [".", "acme/warehouse", "https://github.com/Acme/warehouse"])
def test_the_archive_may_be_in_the_same_repository(tmp_path: Path, address: str) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    code, _, said = init(root, "--archive", address)
    assert code == 0
    assert '  ARCHIVE: ""\n' in (root / NAME).read_text()
    assert "INCIDENT_ARCHIVE_TOKEN" not in said


def test_each_project_of_a_monorepo_has_a_workflow(tmp_path: Path) -> None:
    files = {f"data/{name}/dbt_project.yml": "name: x\n" for name in ("finance", "web")}
    root = repository(tmp_path / "mono", files, origin=GITHUB)
    code, out, _ = init(root, "--archive", "acme/postmortems")
    names = [f".github/workflows/incident-history-data-{name}.yml" for name in ("finance", "web")]
    assert (code, out.split()) == (0, names)
    texts = [(root / name).read_text() for name in names]
    assert '  PROJECT: "data/finance"\n' in texts[0]
    assert "group: incident-history-data/web-${{" in texts[1]


def test_a_folder_of_a_monorepo_gets_its_workflow_at_the_top(tmp_path: Path) -> None:
    root = repository(tmp_path / "mono", {"dbt/dbt_project.yml": "name: x\n"}, origin=GITHUB)
    code, out, _ = init(root / "dbt", "--archive", "acme/postmortems")
    assert (code, out) == (0, f"../{NAME}\n")
    assert '  PROJECT: "dbt"\n' in (root / NAME).read_text()


def test_a_file_that_is_there_stays_and_settings_survive_an_update(tmp_path: Path) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    init(root, "--archive", "acme/postmortems")
    path = root / NAME
    edited = path.read_text().replace('PARSE: ""', "PARSE: dbt parse --target 'ci\\d'")
    path.write_text(edited)
    code, out, said = init(root, "--archive", "acme/postmortems")
    assert (code, out) == (0, "")
    assert f"kept     {NAME}: up to date" in said
    path.write_text(edited.replace("timeout-minutes: 10", "timeout-minutes: 5"))
    code, out, said = init(root, "--archive", "acme/postmortems")
    assert (code, out) == (0, "")
    assert "-    timeout-minutes: 5\n" in said
    assert "timeout-minutes: 5" in path.read_text()
    assert init(root, "--archive", "acme/postmortems", "--force", NAME)[1] == f"{NAME}\n"
    assert path.read_text() == edited


@pytest.mark.parametrize(
    ("files", "origin", "words", "fact"),
    [
        (DBT, GITHUB, (), "the archive's repository is missing"),
        (DBT, GITHUB, ("--archive", "postmortems"), "'postmortems' is not OWNER/NAME"),
        (DBT, GITHUB, ("--archive", 'a/b"; x'), "is not OWNER/NAME"),
        (DBT, GITHUB, ("--archive", "https://git.example.com/a/b"), "is on git.example.com"),
        ({}, GITHUB, ("--archive", "a/b"), "there is no dbt_project.yml in"),
        (DBT, "git@gitlab.com:acme/warehouse.git", ("--archive", "a/b"), "a workflow needs GitHub"),
        (DBT, GITHUB, ("--archive", "a/b", "--check"), "--data-repository has no --check"),
        (
            DBT,
            GITHUB,
            ("--archive", "a/b", "--force", "x.yml"),
            "is not a file that this command writes",
        ),
        ({"a b$/dbt_project.yml": ""}, GITHUB, ("--archive", "a/b"), "cannot refer to the folder"),
    ],
)
def test_what_cannot_work_writes_nothing(
    tmp_path: Path, files: dict[str, str], origin: str, words: tuple[str, ...], fact: str
) -> None:
    root = repository(tmp_path / "data", files, origin=origin)
    before = contents(root)
    code, out, said = init(root, *words)
    assert (code, out) == (2, "")
    assert fact in said
    assert contents(root) == before


def test_the_plan_as_json(tmp_path: Path) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    code, out, _ = init(root, "--archive", "a/b", "--dry-run", "--json")
    plan = json.loads(out)
    assert code == 0
    assert [one["path"] for one in plan["written"]] == [NAME]
    assert any("PARSE" in step["text"] for step in plan["steps"])


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--install-from", COMMIT)])
def test_linters_of_workflows_report_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    files = {"a/dbt_project.yml": "", "b/dbt_project.yml": ""}
    root = repository(tmp_path / "data", files, origin=GITHUB)
    assert init(root, "--archive", "acme/postmortems", *words)[0] == 0
    names = [str(path) for path in sorted((root / ".github" / "workflows").glob("*.yml"))]
    assert len(names) == 2
    for command in (
        ["zizmor", "--offline", "--quiet", "--pedantic", *names],
        ["actionlint", *names],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", *names],
    ):
        done = subprocess.run(
            [str(COMMANDS / command[0]), *command[1:]],
            cwd=root, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("words", [["--data-repository"], []])
def test_how_to_uninstall_it_is_said(tmp_path: Path, words: list[str]) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    assert init(root, "--archive", "acme/postmortems")[0] == 0
    before = contents(root)
    done = run("init", root, *words, "--remove", "--yes")
    assert (done.exit_code, done.stdout, contents(root)) == (2, "", before)
    for part in (f"delete {NAME}", "variable INCIDENT_DOCS", "secret INCIDENT_ARCHIVE_TOKEN"):
        assert part in done.stderr
    assert "incident.toml" not in done.stderr


def test_the_workflow_says_what_it_needs(tmp_path: Path) -> None:
    root = repository(tmp_path / "data", DBT, origin=GITHUB)
    said = init(root, "--archive", "acme/postmortems")[2]
    text = (root / NAME).read_text()
    for part in ("nothing downstream is seen", "profiles.yml", "the job only warns"):
        assert part in text
    assert "profiles.yml" in said
