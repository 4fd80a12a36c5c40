"""What each format writes, over one list that has everything awkward in it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

from incident import formats
from incident.diagnostic import Diagnostic, Edit, Fix, Level, Related, Span
from incident.formats import Report, github
from untrusted_support import HOSTILE, OBEYED, commands, unquoted

SOURCE = "---\nowner: 日本語 team\tX\n---\n" + "long " * 40 + "here\n\x1b[31mred\n"
REPORT = Report(
    (
        Diagnostic("INC001", "a-rule", Level.ERROR, "100% of a,b: c\nd", "do: this, 5%", "a b.md"),
        Diagnostic(
            "INC002",
            "b-rule",
            Level.WARNING,
            "größer",
            "",
            "a b.md",
            Span(2, 8, 2, 11),
            Fix("reorder", ()),
        ),
        Diagnostic("INC003", "c-rule", Level.NOTICE, "far", "x", "a b.md", Span(4, 201, 4, 205)),
        Diagnostic("INC004", "d-rule", Level.ERROR, "red", "x", "a b.md", Span(5, 1, 6, 1)),
        Diagnostic("INC005", "e-rule", Level.ERROR, "gone", "x", "a,b:c.md", Span(99, 9, 99, 10)),
        Diagnostic(
            "INC006",
            "f-rule",
            Level.ERROR,
            "2 fields are missing",
            "x",
            "a b.md",
            Span(2, 1, 2, 6),
            None,
            (
                Related("a b.md", 1, 1, "größer is missing"),
                Related("a b.md", 4, 7, "d\nis missing"),
                Related("a,b:c.md", 9, 2, "e"),
            ),
        ),
    ),
    {"a b.md": SOURCE},
)


SNAPSHOTS = Path(__file__).parent / "__snapshots__" / "test_formats.ambr"


@pytest.fixture
def stored(name: str, request: pytest.FixtureRequest) -> SnapshotAssertion:
    """The snapshots; a new format is told how to get its own."""
    if not request.config.option.update_snapshots:
        assert f"[{name}]" in SNAPSHOTS.read_text("utf-8"), (
            f"{SNAPSHOTS.name} has no snapshot of the format `{name}`: run `make snapshots`, "
            "and read what it wrote"
        )
    found: SnapshotAssertion = request.getfixturevalue("snapshot")
    return found


@pytest.mark.parametrize("name", formats.names())
def test_every_format(name: str, stored: SnapshotAssertion) -> None:
    assert formats.render(name, REPORT) == stored


@pytest.mark.parametrize("name", formats.names())
def test_nothing_to_say(name: str, stored: SnapshotAssertion) -> None:
    assert formats.render(name, Report(())) == stored


def test_github_shows_ten_of_a_level_spread_over_the_files_and_counts_the_rest() -> None:
    many = tuple(
        Diagnostic("INC001", "a", Level.ERROR, "x", "", path, Span(line, 1, line, 2))
        for path in ("a.md", "b.md", "c.md")
        for line in range(1, 20)
    )
    lines = formats.render("github", Report(many)).splitlines()
    assert sum(line.startswith("::error") for line in lines) == github.LIMIT
    shown = [sum(f"file={path}," in line for line in lines) for path in ("a.md", "b.md", "c.md")]
    assert shown == [4, 3, 3]
    assert lines[-1] == "47 more errors: GitHub shows 10 of each level; see the job summary for all"


GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "type": {"const": "issue"},
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/).+"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_gitlab_gets_its_own_format_and_each_finding_its_own_fingerprint() -> None:
    """GitLab says nothing of a finding if it knows the fingerprint, or not the path."""
    same = [
        Diagnostic("INC001", "a", Level.ERROR, "x", "", "a.md", Span(line, 1, line, 2))
        for line in (3, 5)
    ]
    found = json.loads(formats.render("gitlab", Report((*REPORT.diagnostics, *same), top="ops/")))
    jsonschema.validate(found, GITLAB)
    assert len({one["fingerprint"] for one in found}) == len(found) == len(REPORT.diagnostics) + 2
    assert all(one["location"]["path"].startswith("ops/") for one in found)
    moved = [d._replace(span=Span(40, 1, 40, 2)) for d in same]
    again = json.loads(formats.render("gitlab", Report(tuple(moved))))
    assert [one["fingerprint"] for one in again] == [one["fingerprint"] for one in found[-2:]]
    assert json.loads(formats.render("gitlab", Report(()))) == []


def test_colors_are_only_where_they_are_wanted() -> None:
    colored = Report(REPORT.diagnostics, REPORT.sources, color=True)
    for name in ("full", "concise"):
        assert "\x1b[1;31m" in formats.render(name, colored)
        assert "\x1b" not in formats.render(name, REPORT)


def _everything(report: Report) -> str:
    """A format that prints all that it gets, as it is."""
    lines = [f"{field.name} {getattr(report, field.name)!s}" for field in fields(report)]
    for d in report.diagnostics:
        lines += [*map(str, d), *map(str, d.fix or ())]
        lines += [text for one in d.related for text in (one.path, one.message)]
        lines += [edit.text for edit in (d.fix.edits if d.fix else ())]
        lines += [str(report.url(d)), report.sources[d.path]]
    return "\n".join([*lines, *report.sources.values()])


def _hostile() -> Report:
    every = [unquoted(word) for word in HOSTILE]
    every += [f"a{chr(code)}b\n::error::{chr(code)}" for code in range(0x2100) if code != 0x0A]
    found, sources = [], {}
    for number, text in enumerate(every):
        path, span = f"{number} {text}.md", Span(1, 1, 1, 9)
        fix = Fix(text, (Edit(0, 3, text),))
        related = (Related(path, 1, 1, text),)
        found.append(Diagnostic("INC001", "a", Level.ERROR, text, text, path, span, fix, related))
        sources[path] = f"{text}\r\n{text}\n"
    return Report(tuple(found), sources, wiki_url="https://example.com/\x1b]0;x\a")


@pytest.mark.parametrize("name", [*formats.names(), "everything_raw"])
def test_what_a_format_prints_is_obeyed_by_nobody(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up = SimpleNamespace(render=_everything)
    monkeypatch.setitem(sys.modules, "incident.formats.everything_raw", made_up)
    text = formats.render(name, _hostile())
    own = {"error"} if name == "github" else set()
    assert re.findall(OBEYED, text.replace("\r\n", "\n")) == []
    assert set(commands(text)) <= own


def test_a_suggestion_with_text_that_cannot_be_shown_is_not_offered() -> None:
    plain, hostile = Fix("a", (Edit(0, 1, "x\r\n"),)), Fix("a", (Edit(0, 1, "\x1b[2J"),))
    found = [
        Diagnostic("INC001", "a", Level.ERROR, "x", "", "a.md", fix=fix) for fix in (plain, hostile)
    ]
    first, second = Report(tuple(found)).diagnostics
    assert first.fix == plain
    assert second.fix == Fix("a", ())


def test_columns_in_bytes_are_those_of_the_file() -> None:
    found = Diagnostic("INC001", "a", Level.ERROR, "x", "", "a\x1b.md", Span(1, 4, 1, 5))
    report = Report((found,), {"a\x1b.md": "\x1b\u2028xy\n"})
    path = report.diagnostics[0].path
    assert report.sources[path] == "\ufffd\ufffdxy\n"
    assert report.byte_column(path, 1, 4) == 1 + 3 + 1 + 1


def test_a_failure_of_ours_has_no_page() -> None:
    failure = Diagnostic("INC000", "internal-error", Level.ERROR, "x", "", "a.md")
    assert Report((failure,), wiki_url="https://wiki.example.com").url(failure) is None
