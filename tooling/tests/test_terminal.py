"""What a tired person sees in the terminal: next steps are always given."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from incident.commands import cli
from incident.drafts import repository_setup
from incident.postmortem import document, model
from support import MINIMAL, git_init, lint_text, run

ID = "2025-05-14-revenue-drops"
BASIC = ("--severity", "P1", "--owner", "data-platform")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def archive(folder: Path) -> Path:
    """A repository with one postmortem."""
    git_init(folder)
    path = folder / "incidents" / "2025" / f"{ID}.md"
    path.parent.mkdir(parents=True)
    path.write_text(MINIMAL + "\n## Timeline\n\n- 2025-05-14T09:40Z **detected**: seen\n")
    return path


def test_the_example_of_init_is_in_no_figure(folder: Path) -> None:
    run("init")
    assert run("lint").exit_code == 0
    example = document.parse(
        (folder / repository_setup.EXAMPLE).read_text(), repository_setup.EXAMPLE
    )
    assert model.postmortem(example).drill
    assert json.loads(run("stats", "--format", "json").stdout)["incidents"] == 0
    assert run("actions", "list", "--all").stdout == ""
    run("new", "Orders late", *BASIC)
    assert len(run("list").stdout.splitlines()) == 1


def test_git_ignores_what_is_built(folder: Path) -> None:
    git_init(folder)
    run("init")
    for built in ("site/index.html", "site-public/index.html", "build/export/manifest.json"):
        done = subprocess.run(["git", "check-ignore", "-q", built], cwd=folder, check=False)
        assert done.returncode == 0, built


def test_an_export_in_another_format_leaves_one_set(archive: Path) -> None:
    run("export", "--out", "out", "--format", "csv")
    Path("out/notes.csv").write_text("mine")
    again = run("export", "--out", "out")
    assert "removed action_items.csv" in again.stderr
    found = sorted(path.name for path in Path("out").iterdir())
    assert [name for name in found if name.endswith(".csv")] == ["notes.csv"]
    assert len(found) == 6 + 2
    assert "removed" not in run("export", "--out", "out").stderr
    Path("out/manifest.json").write_text("[]")
    assert run("export", "--out", "out", "--format", "csv").exit_code == 0


def test_outside_of_any_archive_a_command_says_so(folder: Path) -> None:
    for words in (["list"], ["stats"], ["actions", "list"]):
        assert "there is no folder incidents/" in run(*words).stderr
    for words in (["export", "--out", "out"], ["timeline", "add", ID, "x"], ["lint"]):
        result = run(*words)
        assert (result.exit_code, "there is no folder incidents/" in result.stderr) == (2, True)
    assert list(folder.iterdir()) == []
    assert "not in a repository" in run("new", "x", *BASIC).stderr


@pytest.mark.parametrize("part", ["revenue", "2025-05-14", "incidents/2025/revenue-drops.md"])
def test_a_part_of_an_id_finds_the_whole(archive: Path, part: str) -> None:
    result = run("timeline", "add", part, "x")
    assert (result.exit_code, Path(result.stdout.strip()).stem) == (0, ID)
    nowhere = run("new", "--into", "x y", "--from-git", ".")
    assert "no postmortem in incidents matches `x y`" in nowhere.stderr


def test_a_part_of_several_ids_lists_them(archive: Path) -> None:
    other = archive.with_name("2025-06-01-revenue-late.md")
    other.write_text(archive.read_text().replace(ID, other.stem))
    result = run("timeline", "add", "revenue", "x")
    assert result.exit_code == 2
    assert f"`revenue` matches 2 postmortems: {other.stem}, {ID}" in result.stderr
    assert run("timeline", "add", ID, "x").exit_code == 0


def test_a_timeline_takes_no_time_to_come(archive: Path) -> None:
    before = archive.read_text()
    ahead = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
    result = run("timeline", "add", ID, "x", "--at", ahead)
    assert result.exit_code == 2
    assert "is in the future" in result.stderr
    assert archive.read_text() == before
    assert run("timeline", "add", ID, "x", "--at", "5m").exit_code == 0


def test_a_promised_update_is_said(archive: Path) -> None:
    for words in (["declared"], ["update"]):
        said = run("message", ID, "--kind", *words)
        assert "note: the message promises an update " in said.stderr
    assert "promises" not in run("message", ID, "--kind", "update", "--next-update", "30m").stderr


def test_an_unknown_commit_says_what_to_do_here(folder: Path) -> None:
    (folder / "incidents").mkdir()
    assert "is not a git repository" in run("review").stderr
    subprocess.run(["git", "init", "-q", "-b", "trunk"], cwd=folder, check=True)
    assert "nothing is committed yet" in run("review").stderr
    git_init(folder)
    assert "no remote `origin`: use a local branch, such as trunk" in run("review").stderr
    assert "fetch it" in run("review", "--base", "nowhere").stderr


def test_a_file_that_is_no_baseline_is_named_and_no_parser_speaks(archive: Path) -> None:
    Path("known.json").write_text("{]")
    said = run("lint", "--baseline", "known.json")
    assert said.exit_code == 2
    assert "error: known.json is not a baseline file\n" in said.stderr


def test_a_file_without_frontmatter_is_asked_for_nothing_else() -> None:
    assert [d.code for d in lint_text("# Notes\n\nNothing to see.\n")] == ["INC001"]


def test_days_are_typed_as_people_say_them(archive: Path) -> None:
    run("new", "Orders late", *BASIC)
    for day in ("today", "yesterday", "7d"):
        assert len(run("list", "--since", day).stdout.splitlines()) == 1
    assert len(run("list", "--until", "yesterday").stdout.splitlines()) == 1
    wrong = run("stats", "--since", "last week")
    assert wrong.exit_code == 2
    assert "write 2026-01-31, yesterday, or 30d" in wrong.stderr
    assert run("list", "--kind", "frehness").exit_code == 2


def test_a_draft_that_is_there_is_said_before_anything_is_asked(archive: Path) -> None:
    run("new", "Orders late", *BASIC)
    main, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "incident", "new", "Orders late"], stdin=child, stderr=child
    )
    os.close(child)
    assert process.wait(timeout=30) == 2
    said = os.read(main, 10_000).decode()
    assert "already exists" in said
    assert "Severity" not in said


def test_a_new_one_says_how_to_tell_others(archive: Path) -> None:
    made = run("new", "Orders late", *BASIC)
    words = next(line for line in made.stderr.splitlines() if "incident message" in line)
    assert run(*words.split()[2:]).exit_code == 0


def test_a_mistyped_command_gets_the_closest() -> None:
    assert "did you mean `lint`?" in run("lnt").stderr
    assert "did you mean `list`?" in run("actions", "lst").stderr


def test_what_a_command_does_fits_on_its_line() -> None:
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command
        assert command.hidden or not command.get_short_help_str(64).endswith("..."), name


def test_a_timeline_takes_words_without_quotes(archive: Path) -> None:
    assert run("timeline", "add", ID, "the", "loader", "is", "back", "--at", "5m").exit_code == 0
    assert "Z the loader is back\n" in archive.read_text()


def test_a_severity_is_typed_either_way_and_a_wrong_one_is_told(archive: Path) -> None:
    assert len(run("list", "--severity", "p1").stdout.splitlines()) == 1
    assert "'p9' must be one of P0, P1, P2, P3" in run("list", "--severity", "p9").stderr


def test_all_that_a_planned_change_needs_is_named_at_once() -> None:
    said = run("message", "--kind", "schema_change", "--table", "dbt:model.shop.orders")
    assert "requires --change, --phase" in said.stderr


def test_a_folder_that_is_not_there_is_said_before_any_work(archive: Path) -> None:
    for flag in ("--output-file", "--write-baseline"):
        said = run("lint", flag, "no/such/file.json")
        assert (said.exit_code, said.stdout) == (2, "")
        assert "folder no/such does not exist" in said.stderr


def test_without_an_editor_the_draft_is_there(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    said = run("new", "Orders late", *BASIC, "--edit")
    assert said.exit_code == 0
    assert Path(said.stdout.strip()).is_file()
    assert "note: no editor opened" in said.stderr


def test_an_entry_of_the_clock_writes_what_the_frontmatter_lacks(archive: Path) -> None:
    said = run("timeline", "add", ID, "**mitigated**: the filter is off", "--at", "5m")
    time = archive.read_text().partition("\n- 20")[2].partition("\n- ")[2].split()[0]
    assert said.stderr == f'1 added, and `mitigated_at: "{time}"`\n'
    assert f'  mitigated_at: "{time}"' in archive.read_text()
    before = archive.read_text().partition("\n---\n")[0]
    run("timeline", "add", ID, "**detected**: seen again")
    assert archive.read_text().partition("\n---\n")[0] == before
