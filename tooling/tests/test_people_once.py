"""One person is one finding for people, and every place of it for programs."""

from __future__ import annotations

from incident import formats
from incident.diagnostic import Diagnostic, Edit, Fix, Level, Span


def named(line: int, message: str, level: Level = Level.ERROR, code: str = "INC411") -> Diagnostic:
    fix = Fix("write a role", (Edit(line, line + 1, "x"),), safe=False)
    return Diagnostic(code, "a-rule", level, message, "h", "a.md", Span(line, 1, line, 5), fix)


FOUND = (
    named(3, '"Ines" may be a first name', Level.WARNING, "INC416"),
    named(5, '"Ines Halvorsen" is a colleague\'s name'),
    named(5, '"Halvorsen" is a colleague\'s name'),
    named(7, '"Tvik" is a colleague\'s name'),
    named(9, '"Ines" is a colleague\'s name'),
    named(9, "something else", code="INC101"),
)


def test_people_read_of_each_person_once() -> None:
    for name in ("full", "github"):
        shown = formats.as_shown(name, FOUND)
        assert [(d.message, d.span.line) for d in shown] == [
            (f"{FOUND[1].message}, in 4 places (also lines 3, 9)", 5),
            (FOUND[3].message, 7),
            ("something else", 9),
        ]
        assert [len(d.fix.edits) for d in shown if d.fix] == [3, 1, 1]


def test_programs_get_every_place() -> None:
    for name in ("json", "sarif", "rdjson", "concise"):
        assert formats.as_shown(name, FOUND) == list(FOUND)
