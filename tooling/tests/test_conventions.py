"""The conventions that every command follows: options, examples, errors, tables, colors."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest

from incident.commands import _terminal_table, cli
from incident.commands._param_types import Day
from incident.formats._ansi import width
from support import MINIMAL, git_init, run

ID = "2025-05-14-revenue-drops"


@pytest.fixture(autouse=True)
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a P1 and a P2."""
    monkeypatch.chdir(tmp_path)
    git_init(tmp_path)
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    (folder / f"{ID}.md").write_text(MINIMAL)
    other = MINIMAL.replace(ID, "2025-05-20-orders-late").replace("P1", "P2")
    (folder / "2025-05-20-orders-late.md").write_text(other)
    return tmp_path


def commands(command: click.Command = cli, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            if (found := command.get_command(context, name)) and not found.hidden:
                yield from commands(found, *path, name)


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_help_has_examples_and_fits(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = run(*path, "--help").stdout
    assert not [line for line in text.splitlines() if len(line) > 80]
    _, mark, rest = text.partition("Examples:\n")
    assert mark, "add `epilog=examples(…)` to the command"
    assert f"  incident {' '.join(path)}".rstrip() in rest
    assert "..." not in text.partition("Options:")[2].replace("TEXT...", ""), "shorten the help"


def test_every_help_with_an_id_says_what_it_may_be() -> None:
    for path in commands():
        text = run(*path, "--help").stdout
        takes_id = re.search(r"^Usage:.* \[?ID\b|^ +--\w+ ID ", text, re.MULTILINE)
        assert ("ID is any unique part" in text) == bool(takes_id), path


def test_the_help_groups_commands_by_purpose() -> None:
    text = run("--help").stdout
    titles = ["Declare:", "Write:", "Act:", "Learn:", "Set up:"]
    places = [text.index(f"\n{title}\n") for title in titles]
    assert places == sorted(places)
    assert "Other commands:" not in text, "set SECTION in the command's module"


def test_global_options_work_after_the_command() -> None:
    assert run("lint", "-q").stderr == ""
    assert run("lint").stderr != ""
    assert "\x1b[" in run("stats", "--color", "always").stdout
    assert "\x1b[" in run("--color", "always", "stats").stdout
    assert "\x1b[" not in run("stats").stdout
    assert "\x1b[" in run("list", "--like", "the", "--color", "always").stderr


@pytest.mark.parametrize("words", [("list",), ("stats",), ("rule", "INC202"), ("lint",)])
def test_json_is_short_for_its_format(words: tuple[str, ...]) -> None:
    long = run(*words, "--format", "json").stdout
    assert json.loads(long)
    assert run(*words, "--json").stdout == long
    assert run(*words).stdout != long


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("close", ID), "use `incident status ID closed`"),
        (("view", ID), "use `incident show ID`"),
        (("--json", "list"), "write it after the command: incident list --json"),
        (("rule", "INC20x"), "did you mean `INC2"),
    ],
)
def test_what_other_tools_call_it_gets_a_hint(words: tuple[str, ...], hint: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert hint in result.stderr


@pytest.mark.parametrize("word", ["in_review", "In review", "in-review", "IN_REVIEW"])
def test_a_choice_may_be_spelled_like_words(word: str) -> None:
    assert run("list", "--status", word).exit_code == 0
    assert run("list", "--status", "review").stderr.startswith(
        "error: invalid value for '--status': 'review' must be one of draft, in_review"
    )


@pytest.mark.parametrize("text", ["20m", "20 min", "20 minutes ago", "2 Hours ago", "1 day", "3d"])
def test_times_may_be_how_long_ago(text: str) -> None:
    assert run("timeline", "add", ID, "--at", text, "the load is paused").exit_code == 0


@pytest.mark.parametrize("text", ["90d", "90 days", "90 days ago", "yesterday"])
def test_days_may_be_how_long_ago(text: str) -> None:
    assert run("list", "--since", text).exit_code == 0


def test_a_due_date_is_ahead() -> None:
    today = datetime.now(UTC).date()
    for text, days in (("tomorrow", 1), ("14d", 14), ("2 days", 2)):
        assert Day(ahead=True).convert(text, None, None) == today + timedelta(days=days)
    for text in ("yesterday", "2 days ago"):
        with pytest.raises(click.BadParameter, match="tomorrow, or 30d"):
            Day(ahead=True).convert(text, None, None)


def test_every_wrong_choice_is_told_the_same_way() -> None:
    assert "'xml' must be one of concise, full" in run("lint", "--format", "xml").stderr
    assert "'tcsh' must be one of bash, zsh, fish" in run("completion", "tcsh").stderr


def test_an_id_that_a_table_shortened_is_understood() -> None:
    assert run("show", "2025-05-14-reven\u2026").stdout.startswith("P1")
    assert run("show", "2025-05-14\u2026drops").stdout.startswith("P1")
    assert "matches 2 postmortems" in run("show", "2025\u2026").stderr
    assert run("show", "\u2026").exit_code == 2


def test_filters_take_several_values() -> None:
    assert len(run("list").stdout.splitlines()) == 2
    for words in (("--severity", "p1,p2"), ("--severity", "P1", "--severity", "P2")):
        assert len(run("list", *words).stdout.splitlines()) == 2
    assert run("list", "--severity", "P2").stdout.startswith("2025-05-20")
    assert len(run("list", "--limit", "1").stdout.splitlines()) == 1
    assert run("list", "--status", "draft,x").exit_code == 2


def test_verbose_reports_what_was_read(archive: Path) -> None:
    (archive / "incident.toml").write_text('dbt_manifest = "target/manifest.json"\n')
    for words in (("-v", "list"), ("list", "-v")):
        lines = run(*words).stderr.splitlines()
        read = {line.partition(":")[0]: line.partition(":")[2].strip() for line in lines}
        assert read["configuration"] == str(archive / "incident.toml")
        assert read["archive"] == f"{archive / 'incidents'} (2 postmortems)"
        assert read["manifest"] == f"{archive / 'target/manifest.json'} (missing)"
        assert {"roster", "owners", "tracker", "wiki"} <= read.keys()
    assert "configuration" not in run("list").stderr


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("lnt",), ("error: no such command 'lnt'", " help: did you mean `lint`?")),
        (("--colr",), ("error: no such option '--colr'", " help: did you mean '--color'?")),
        (("show",), ("error: missing argument 'ID'", " help: see `incident show --help`")),
        (
            ("list", "--since", "x"),
            (
                "error: invalid value for '--since': 'x' is not a date",
                " help: write 2026-01-31, yesterday, or 30d (days ago)",
            ),
        ),
        (
            ("show", "nothing"),
            ("error: no postmortem in incidents matches `nothing`", " help: list the ids with"),
        ),
    ],
)
def test_errors_have_one_style(words: tuple[str, ...], lines: tuple[str, str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    found = result.stderr.splitlines()
    assert len(found) == 2
    assert found[0].replace(f"{Path.cwd()}/", "") == lines[0]
    assert found[1].startswith(lines[1])


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_fits_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    size = os.terminal_size((columns, 24))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: size)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    row = ("2025-05-14-revenue-drops-new-product-line/AI-1", "", "P1", "Add a 表 test " * 8)
    fit = ((3, 20), (0, 12), (3, 4))
    _terminal_table.table(("id", "issue", "severity", "title"), [row], False, fit=fit)
    head, line = capsys.readouterr().out.splitlines()
    assert "ISSUE" not in head
    assert width(line) <= columns
    assert "/AI-1" in line
    assert line.endswith("\u2026")


def test_a_column_that_is_left_out_makes_room_for_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((30, 24)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    fit = ((1, 6), (2, 0))
    _terminal_table.table(
        ("id", "owner", "title"), [("x" * 10, "o" * 16, "t" * 60)], False, fit=fit
    )
    assert capsys.readouterr().out.splitlines()[1] == f"{'x' * 10}  {'o' * 16}"


def test_nothing_is_shortened_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    _terminal_table.table(("a", "b"), [("x" * 300, "")], False, fit=((0, 8),))
    assert "x" * 300 in capsys.readouterr().out
