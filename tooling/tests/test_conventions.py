"""The conventions that every command follows: options, examples, errors, tables, colors."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from incident.commands import _terminal_table, cli
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
def test_every_help_has_examples_that_fit(path: tuple[str, ...]) -> None:
    text = run(*path, "--help").stdout
    _, mark, rest = text.partition("Examples:\n")
    assert mark, "add `epilog=examples(…)` to the command"
    assert f"  incident {' '.join(path)}".rstrip() in rest
    assert "..." not in text.partition("Options:")[2].replace("TEXT...", ""), "shorten the help"


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


def test_nothing_is_shortened_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    _terminal_table.table(("a", "b"), [("x" * 300, "")], False, fit=((0, 8),))
    assert "x" * 300 in capsys.readouterr().out
