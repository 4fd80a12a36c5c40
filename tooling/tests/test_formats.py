"""What each format writes, over one list that has everything awkward in it."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from incident import formats
from incident.diagnostic import Diagnostic, Fix, Level, Span
from incident.formats import Report, github

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
    ),
    {"a b.md": SOURCE},
)


@pytest.mark.parametrize("name", formats.names())
def test_every_format(name: str, snapshot: SnapshotAssertion) -> None:
    assert formats.render(name, REPORT) == snapshot


@pytest.mark.parametrize("name", formats.names())
def test_nothing_to_say(name: str, snapshot: SnapshotAssertion) -> None:
    assert formats.render(name, Report(())) == snapshot


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
    assert lines[-1] == "47 more errors: GitHub shows 10 of each level, the job summary has all"


def test_colours_are_only_where_they_are_wanted() -> None:
    colored = Report(REPORT.diagnostics, REPORT.sources, color=True)
    for name in ("full", "concise"):
        assert "\x1b[1;31m" in formats.render(name, colored)
        assert "\x1b" not in formats.render(name, REPORT)
