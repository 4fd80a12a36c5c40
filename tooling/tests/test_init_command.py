"""`incident init`: everything a repository needs, and nothing of its own touched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from incident.drafts import repository_setup
from support import CHECKOUT, MINIMAL, git_init, lint_text, run


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def test_an_empty_folder_gets_the_set_and_lints_clean(empty: Path) -> None:
    result = run("init")
    assert result.exit_code == 0
    assert sorted(result.stdout.split()) == sorted(contents(empty))
    assert {"incident.toml", "mkdocs.yml", ".gitignore", repository_setup.EXAMPLE} <= set(
        contents(empty)
    )
    assert run("lint").exit_code == 0
    made = run("new", "Orders late", "--severity", "P2", "--owner", "data-platform")
    assert made.exit_code == 0
    assert run("lint").exit_code == 0


def test_running_init_again_changes_nothing(empty: Path) -> None:
    run("init", "--editor", "--templates")
    before = contents(empty)
    again = run("init", "--editor", "--templates")
    assert (again.exit_code, again.stdout) == (0, "")
    assert contents(empty) == before
    assert (run("init", "--diff").exit_code, run("init", "--diff").stdout) == (0, "")


def test_diff_shows_exactly_the_file_that_was_edited(empty: Path) -> None:
    run("init")
    path = empty / "mkdocs.yml"
    path.write_text(path.read_text().replace("Incident archive", "Our incidents"))
    shown = run("init", "--diff")
    assert shown.exit_code == 1
    assert [line for line in shown.stdout.splitlines() if line[0] in "+-"] == [
        "--- mkdocs.yml (incident 0.1.0)",
        "+++ mkdocs.yml",
        "-site_name: Incident archive",
        "+site_name: Our incidents",
    ]
    again = run("init")
    assert again.stdout == ""
    assert "kept     mkdocs.yml" in again.stderr
    assert "Our incidents" in path.read_text()
    assert run("init", "--force", "mkdocs.yml").stdout == "mkdocs.yml\n"
    assert run("init", "--diff").stdout == ""


def test_force_with_an_unrelated_file_exits_2(empty: Path) -> None:
    (empty / "notes.md").write_text("mine")
    result = run("init", "--force", "notes.md")
    assert result.exit_code == 2
    assert contents(empty) == {"notes.md": b"mine"}


def test_dry_run_writes_nothing_and_lists_all(empty: Path) -> None:
    result = run("init", "here", "--dry-run")
    assert result.exit_code == 0
    assert contents(empty) == {}
    run("init", "here")
    assert sorted(result.stdout.split()) == sorted(contents(empty / "here"))


def dbt(folder: Path) -> None:
    """A small dbt repository with files of its own."""
    git_init(folder)
    (folder / "dbt_project.yml").write_text("name: shop\nversion: '1.0'\nprofile: shop\n")
    (folder / "models").mkdir()
    (folder / "models" / "orders.sql").write_text("select 1 as id\n")
    (folder / ".gitignore").write_text("target/\n")
    (folder / "mkdocs.yml").write_text("site_name: Shop\n")
    (folder / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    notes = folder / "docs" / "postmortems"
    notes.mkdir(parents=True)
    (notes / "2024-01-09-late.md").write_text("# Late\n")


def test_a_dbt_repository_keeps_what_it_has(empty: Path) -> None:
    dbt(empty)
    before = contents(empty)
    result = run("init")
    assert result.exit_code == 0
    assert {path: text for path, text in contents(empty).items() if path in before} == before
    assert "kept     mkdocs.yml" in result.stderr
    assert "mkdocs.yml: add `- incident` under `plugins:`; keep the search" in result.stderr
    assert "add `/site/` to .gitignore" in result.stderr
    assert "1 file outside the archive looks like a postmortem" in result.stderr
    assert "incident import docs/postmortems" in result.stderr
    assert run("lint").exit_code == 0


def test_a_subfolder_is_a_repository_of_its_own_with_workflows_at_the_top(empty: Path) -> None:
    git_init(empty)
    result = run("init", "ops/data")
    assert result.exit_code == 0
    below = {path for path in contents(empty) if not path.startswith(".github/")}
    assert all(path.startswith("ops/data/") for path in below)
    assert not (empty / "ops" / "data" / ".github").exists()
    for path in (empty / ".github").rglob("*.yml"):
        text = path.read_text()
        assert '"incidents/' not in text
        assert "make setup" not in text
        assert "working-directory: ./\n" not in text
    assert run("lint", "ops/data/incidents").exit_code == 0


def test_an_archive_that_is_configured_gets_no_example(empty: Path) -> None:
    (empty / "pyproject.toml").write_text('[tool.incident]\narchive = "postmortems"\n')
    (empty / "postmortems").mkdir()
    (empty / "postmortems" / "2024-01-09-late.md").write_text("# Late\n")
    run("init")
    assert not (empty / "incident.toml").exists()
    assert not (empty / "incidents").exists()
    assert "docs_dir: postmortems" in (empty / "mkdocs.yml").read_text()
    assert len(list((empty / "postmortems").rglob("*.md"))) == 1


def test_blocking_files_are_reported(empty: Path) -> None:
    (empty / "mkdocs.yml").mkdir()
    result = run("init")
    assert result.exit_code == 3
    assert "mkdocs.yml: Is a directory" in result.stderr
    (empty / "file").write_text("")
    assert run("init", "file").exit_code == 2


def test_the_problem_matcher_reads_the_concise_format(empty: Path) -> None:
    run("init", "--editor")
    tasks = json.loads((empty / ".vscode" / "tasks.json").read_text())["tasks"]
    bad = empty / "incidents" / "2025-05-14-revenue-drops.md"
    bad.write_text(MINIMAL.replace("P1", "P9"))
    pattern = tasks[0]["problemMatcher"]["pattern"]
    assert pattern == tasks[1]["problemMatcher"]["pattern"]
    arguments = [str(bad) if one == "${file}" else one for one in tasks[0]["args"]]
    [line] = run(*arguments).stdout.splitlines()
    found = re.fullmatch(pattern["regexp"], line)
    assert found
    assert found.groups()[:4] == ("incidents/2025-05-14-revenue-drops.md", "5", "11", "error")
    assert found[pattern["code"]] == "frontmatter-schema INC002"


def test_the_action_item_of_the_snippets_is_read(empty: Path) -> None:
    run("init", "--editor")
    snippets = json.loads((empty / ".vscode" / "postmortem.code-snippets").read_text())
    text = "\n".join(snippets["Action item"]["body"])
    text = re.sub(r"\$\{\d+\|([^,|]+)[^}]*\|\}", r"\1", text)  # the first choice
    text = re.sub(r"\$\{CURRENT_(\w+)\}", lambda m: "2030" if m[1] == "YEAR" else "11", text)
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    document = MINIMAL.replace("lint:", f"action_items:\n  {text}\nlint:")
    assert lint_text(document) == []


def test_workflows_equal_ours_except_for_the_installation(empty: Path) -> None:
    run("init")
    for path in sorted((empty / ".github" / "workflows").iterdir()):
        own = (CHECKOUT / ".github" / "workflows" / path.name).read_text().splitlines()
        theirs = path.read_text().splitlines()
        installs = ("run: pip install", "env: # where incident-docs", "INCIDENT_DOCS:")
        assert [line for line in own if "run: make setup" not in line] == [
            line for line in theirs if not line.strip().startswith(installs)
        ]


def test_a_folder_next_to_a_repository_is_not_in_it(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty / "repository").mkdir()
    git_init(empty / "repository")
    monkeypatch.chdir(empty / "repository")
    assert run("init", "../beside").exit_code == 0
    assert contents(empty / "repository") == {}
    assert (empty / "beside" / ".github" / "workflows").is_dir()
    assert run("init", "../beside", "--force", "../beside/mkdocs.yml").exit_code == 0


def test_a_name_that_would_be_yaml_of_its_own_is_refused(empty: Path) -> None:
    git_init(empty)
    for name in ('a"b', "a: b", "a\n- b", "${{ x }}"):
        result = run("init", name)
        assert result.exit_code == 2
        assert contents(empty) == {}
        assert run("init", name, "--no-github", "--dry-run").exit_code == 0
    (empty / "incident.toml").write_text("archive = 'post: mortems'\n")
    assert run("init", "--no-github").exit_code == 0
    assert 'docs_dir: "post: mortems"' in (empty / "mkdocs.yml").read_text()


def test_line_endings_are_not_drift(empty: Path) -> None:
    run("init")
    path = empty / "mkdocs.yml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert run("init", "--diff").exit_code == 0
