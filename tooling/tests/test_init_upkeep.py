"""After `incident init`: checked in CI, brought up to date, removed without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guest_support import contents, git, repository
from incident.drafts import setup_texts
from support import MINIMAL, run

HANDBOOK = {
    "CODEOWNERS": "* @acme/platform\n",
    "README.md": "# Warehouse\n",
    "docs/index.md": "# Handbook\n",
    "mkdocs.yaml": "site_name: Handbook\nplugins: [search]\n",
    ".gitignore": "site/\n",
    ".github/workflows/ci.yml": "on: push\njobs: {a: {runs-on: ubuntu-latest}}\n",
    "transform/dbt_project.yml": "name: shop\n",
}
DECLARE = ".github/workflows/declare.yml"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def next_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """This package, with another text in each workflow."""
    now = setup_texts.adapted

    def later(source: str, *rest: object) -> str:
        text = now(source, *rest)  # type: ignore[arg-type]
        return f"{text}# new\n" if source.startswith(".github/workflows/") else text

    monkeypatch.setattr(setup_texts, "adapted", later)


def test_a_fresh_setup_has_no_drift(here: Path) -> None:
    repository(here, HANDBOOK)
    assert run("init", "--check").exit_code == 1  # not set up
    run("init")
    assert (run("init", "--check").exit_code, run("init", "--check").stdout) == (0, "")


def test_a_team_edits_its_own_files_without_drift(here: Path) -> None:
    repository(here)
    run("init", "--templates")
    names = ("incident.toml", "mkdocs.yml", ".gitignore", "templates/postmortem.md.j2")
    for name in names:
        with (here / name).open("a") as file:
            file.write("# ours\n")
    next((here / "incidents").rglob("*.md")).unlink()
    assert run("init", "--check").exit_code == 0
    assert run("init").stdout == ""


def test_files_of_an_older_version_are_updated_with_a_diff(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(here)
    run("init")
    next_version(monkeypatch)
    checked = run("init", "--check")
    assert checked.exit_code == 1
    assert f"outdated {DECLARE}" in checked.stdout
    assert "+# new" in checked.stderr
    assert run("init").stdout == ""  # only --upgrade changes files
    upgraded = run("init", "--upgrade")
    assert "+# new" in upgraded.stderr
    assert (here / DECLARE).read_text().endswith("# new\n")
    assert run("init", "--check").exit_code == 0


def test_an_upgrade_never_overwrites_edits(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """copier-org/copier#877, cookiecutter/cookiecutter#493: an update replaced local changes."""
    repository(here)
    run("init")
    path = here / DECLARE
    path.write_text(path.read_text().replace("ubuntu-latest", "our-runner"))
    edited = path.read_text()
    assert f"edited   {DECLARE}" in run("init", "--check").stdout
    assert run("init", "--upgrade").exit_code == 0
    assert path.read_text() == edited
    assert run("init", "--check").exit_code == 0  # accepted
    next_version(monkeypatch)
    assert f"edited   {DECLARE}" in run("init", "--check").stdout
    shown = run("init", "--upgrade").stderr
    assert "+# new" in shown and "-    runs-on: our-runner" in shown
    assert path.read_text() == edited
    assert run("init", "--check").exit_code == 0
    path.write_text(edited + "# more\n")
    assert run("init", "--check").exit_code == 1
    run("init", "--force", DECLARE)
    assert path.read_text().endswith("# new\n")
    assert run("init", "--check").exit_code == 0


def test_a_file_that_was_removed_stays_removed(here: Path) -> None:
    """copier-org/copier#1735: whether an update brings deleted files back."""
    repository(here)
    run("init")
    (here / DECLARE).unlink()
    assert f"removed  {DECLARE}" in run("init", "--check").stdout
    for words in (("init",), ("init", "--upgrade"), ("init",)):
        assert run(*words).exit_code == 0
        assert not (here / DECLARE).exists()
    assert run("init", "--check").exit_code == 0
    assert "brings it back" in run("init").stderr
    run("init", "--force", DECLARE)
    assert (here / DECLARE).is_file()


def test_answers_are_remembered(here: Path) -> None:
    repository(here)
    run("init", "--no-github", "--no-example", "--editor")
    assert run("init", "--check").exit_code == 0
    assert run("init").stdout == ""
    assert not (here / ".github").exists()
    assert (here / ".vscode").is_dir()
    assert "left out .github/: as you asked" in run("init").stderr


@pytest.mark.parametrize("text", ["{", "[]", '{"files": 3, "branch": "x]\\n", "source": "git+x"}'])
def test_a_broken_record_never_harms(here: Path, text: str) -> None:
    repository(here)
    run("init")
    (here / ".incident-init.json").write_text(text)
    before = contents(here)
    for words in (("init",), ("init", "--check"), ("init", "--remove", "--yes")):
        result = run(*words)
        assert result.exit_code in {0, 1, 2}
        assert "Traceback" not in result.output and "internal" not in result.output
    kept = {name: body for name, body in before.items() if name != ".incident-init.json"}
    now = contents(here)
    now.pop(".incident-init.json", None)
    if text != "{":
        return
    assert now == kept


def test_a_record_cannot_make_remove_delete_other_files(here: Path) -> None:
    repository(here, {"models/orders.sql": "select 1\n"})
    run("init")
    path = here / ".incident-init.json"
    record = json.loads(path.read_text())
    from incident.drafts.setup_record import mark

    record["files"] |= {"models/orders.sql": mark("select 1\n"), "../x": mark("")}
    path.write_text(json.dumps(record))
    run("init", "--remove", "--yes")
    assert (here / "models" / "orders.sql").is_file()


@pytest.mark.parametrize("below", ["", "analytics"])
@pytest.mark.parametrize("files", [{}, HANDBOOK], ids=["empty", "handbook"])
def test_removing_leaves_nothing_behind(here: Path, files: dict[str, str], below: str) -> None:
    repository(here, {"README.md": "x\n", **files})
    tree = git(here, "rev-parse", "HEAD^{tree}")
    before = contents(here)
    run("init", below or ".", "--editor", "--templates")
    run("lint", below or ".")
    removed = run("init", below or ".", "--remove", "--yes")
    assert removed.exit_code == 0, removed.output
    assert contents(here) == before
    assert git(here, "status", "--porcelain", "--ignored") == ""
    run("init", below or ".")
    git(here, "add", "-A")
    git(here, "commit", "-q", "-m", "incident init")
    run("init", below or ".", "--remove", "--yes")
    git(here, "commit", "-q", "-a", "-m", "incident init --remove")
    assert git(here, "rev-parse", "HEAD^{tree}") == tree


def test_removing_keeps_postmortems_and_edits(here: Path) -> None:
    repository(here, HANDBOOK)
    run("init")
    place = here / "incidents" / "2025" / "2025-05-14-revenue-drops.md"
    place.write_text(MINIMAL)
    with (here / DECLARE).open("a") as file:
        file.write("# ours\n")
    planned = run("init", "--remove", "--dry-run")
    assert "incident.toml" in planned.stdout
    assert (here / "incident.toml").is_file()
    result = run("init", "--remove", "--yes")
    assert place.read_text() == MINIMAL
    assert (here / DECLARE).is_file()
    assert f"kept     {DECLARE}: has your changes" in result.stderr
    assert f"to do    {DECLARE} has your changes: delete it" in result.stderr
    assert "kept     incidents/: your postmortems" in result.stderr


def test_removing_lists_what_people_added(here: Path) -> None:
    repository(here, HANDBOOK)
    run("init")
    (here / "mkdocs.yaml").write_text("site_name: Handbook\nplugins: [search, incident]\n")
    (here / "CODEOWNERS").write_text("* @acme/platform\n/incidents/ @acme/data\n")
    result = run("init", "--remove", "--yes")
    assert "to do    mkdocs.yaml: remove the lines `- incident`" in result.stderr
    assert "to do    CODEOWNERS: remove the line for /incidents/" in result.stderr


def test_a_folder_below_is_checked_as_the_whole(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository(here, HANDBOOK)
    run("init")
    monkeypatch.chdir(here / "docs")
    assert run("init", "--check").exit_code == 0
    assert run("init", "--remove", "--yes").exit_code == 0
    assert git(here, "status", "--porcelain") == ""


def test_modes_exclude_each_other(here: Path) -> None:
    assert run("init", "--check", "--upgrade").exit_code == 2
    assert contents(here) == {}
