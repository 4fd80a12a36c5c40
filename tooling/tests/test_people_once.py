"""One person is one finding for people, and every place of it for programs."""

from __future__ import annotations

import json

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
    for name in ("full", "github", "sarif"):
        shown = formats.as_shown(name, FOUND)
        assert [(d.message, d.span.line, [one.line for one in d.related]) for d in shown] == [
            (FOUND[1].message, 5, [3, 5, 9]),
            (FOUND[3].message, 7, []),
            ("something else", 9, []),
        ]
        assert [len(d.fix.edits) for d in shown if d.fix] == [3, 1, 1]
    text = formats.render("full", formats.Report(tuple(formats.once(FOUND))))
    assert f"{FOUND[1].message} (also lines 3, 9) [a-rule INC411]" in text


def test_programs_get_every_place() -> None:
    for name in ("json", "rdjson", "concise"):
        assert formats.as_shown(name, FOUND) == list(FOUND)


def test_json_says_which_places_are_of_one_person() -> None:
    entries = json.loads(formats.render("json", formats.Report(FOUND)))["diagnostics"]
    assert [one["repeats"] for one in entries] == [True, False, True, False, True, False]
    assert [len(one["related"]) for one in entries] == [0, 3, 0, 0, 0, 0]
    assert entries[1]["related"][0] == {
        "path": "a.md",
        "line": 3,
        "column": 1,
        "message": FOUND[0].message,
    }


def test_a_handle_beside_its_name_is_the_same_person() -> None:
    found = [
        named(3, '"Ines Halvorsen" is a colleague\'s name'),
        named(3, '@ihalvo ("Ines Halvorsen") is a personal handle', code="INC412"),
        named(4, '"tvik" ("Tomasz Brendovar") is a colleague\'s name'),
    ]
    assert formats.once(found)[1:] == found[2:]


def test_lists_of_people_are_one_finding() -> None:
    found = [
        named(3, '"Ines Halvorsen" is in a list of people'),
        named(4, "@tvik is in a list of people", code="INC412"),
        named(5, '"Tomasz Brendovar" is in a list of people', code="INC414"),
        named(9, '"Ines Halvorsen" is a colleague\'s name'),
    ]
    shown = formats.once(found)
    assert [(d.span.line, [one.line for one in d.related]) for d in shown] == [(3, [4, 5]), (9, [])]
