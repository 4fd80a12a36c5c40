"""One finding for what repeats, with all its places, wherever it is shown."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from lsprotocol import types

from incident import rules
from incident.diagnostic import Diagnostic, Level, Related, Span
from incident.formats import with_places
from incident.lsp import to_protocol
from incident.review import page
from support import CHECKOUT, MINIMAL, git_init, lint_text, run

REVIEWED = MINIMAL.replace("status: draft", "status: in_review")


def schema_findings(text: str) -> list[Diagnostic]:
    return [d for d in lint_text(text) if d.code == "INC002"]


def test_fields_that_a_status_requires_are_missing_together() -> None:
    [found] = schema_findings(REVIEWED.replace("owner:", "trigger:\nowner:"))
    assert found.message == (
        "for `in_review`, 7 fields are missing: kind, cause_category, roles, detection, impact, "
        "trigger, timestamps.started_at"
    )
    assert found.hint == "fill them in, or keep `status: draft` until they are known"
    assert found.span.line == 4
    places = {one.message.partition(" is ")[0]: one.line for one in found.related}
    assert places == {
        "kind": 5,
        "cause_category": 5,
        "trigger": 6,
        "roles": 7,
        "timestamps.started_at": 8,
        "detection": 9,
        "impact": 9,
    }


def test_each_status_has_its_own_finding() -> None:
    found = schema_findings(MINIMAL.replace("status: draft", "status: closed"))
    assert {d.message.partition(" are missing")[0] for d in found} == {
        "for `in_review`, 7 fields",
        "for `published`, 3 fields",
        "follow_up is missing (required from `closed`)",
    }


def test_a_field_that_is_missing_alone_keeps_its_own_hint() -> None:
    [found] = schema_findings(MINIMAL.replace("owner: data-platform\n", ""))
    assert found.message == "owner is missing"
    assert found.hint.startswith("add `owner:`")
    assert found.related == ()


def test_a_wrong_value_is_not_a_missing_one() -> None:
    found = schema_findings(REVIEWED.replace("severity: P1", "severity: P9\nkind: nonsense"))
    assert [d.message.partition(",")[0].partition(" must")[0] for d in found] == [
        "for `in_review`",
        'severity "P9"',
        'kind "nonsense"',
    ]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "incidents").mkdir()
    (tmp_path / "incidents" / "2025-05-14-revenue-drops.md").write_text(
        f"{REVIEWED}\n## Detection\n\nInes Halvorsen and Ines said so.\nInes Halvorsen saw it.\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_cache_keeps_the_places(repository: Path) -> None:
    cold, warm = (run("lint", "--format", "json").stdout for _ in range(2))
    assert cold == warm == run("lint", "--format", "json", "--no-cache").stdout
    content = json.loads(cold)
    schema = json.loads((CHECKOUT / "schemas" / "lint.schema.json").read_text())
    jsonschema.validate(content, schema)
    assert any(one["code"] == "INC002" and one["related"] for one in content["diagnostics"])
    assert any(one["repeats"] for one in content["diagnostics"])


def test_sarif_relates_the_places(repository: Path) -> None:
    results = json.loads(run("lint", "--format", "sarif").stdout)["runs"][0]["results"]
    names = [one for one in results if one["ruleId"].startswith("INC41")]
    assert len(names) == 1
    [place, *_] = names[0]["relatedLocations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("revenue-drops.md")
    assert place["physicalLocation"]["region"]["startLine"] > 1
    assert "Ines" in place["message"]["text"]


def test_an_editor_can_step_through_the_places() -> None:
    [found] = schema_findings(REVIEWED)
    lines = REVIEWED.split("\n")
    main, *hints = to_protocol.diagnostics(found, "file:///a.md", lines, "utf-16")
    assert main.range.start.line == 3
    assert main.severity is types.DiagnosticSeverity.Error
    assert [one.location.range for one in main.related_information or ()] == [
        one.range for one in hints
    ]
    assert len(hints) == len(found.related) == 7
    assert {one.severity for one in hints} == {types.DiagnosticSeverity.Hint}
    assert hints[0].message.startswith("cause_category is missing: add ")
    assert [one.message for one in hints[0].related_information or ()] == [found.message]


def test_a_review_lists_what_blocks_then_what_to_act_on_then_style() -> None:
    def one(code: str, level: Level, line: int) -> Diagnostic:
        known = rules.by_word().get(code.lower())
        name = known.name if known else "status-transition"
        return Diagnostic(code, name, level, "fact", "", "a.md", Span(line, 1, line, 2))

    found = [
        one("INC215", Level.NOTICE, 1),
        one("INC213", Level.WARNING, 2),
        one("INC424", Level.WARNING, 3),
        one("INC305", Level.WARNING, 4),
        one("INC416", Level.WARNING, 5),
        one("INC210", Level.WARNING, 6),
        one("INC411", Level.ERROR, 7),
        one("INC301", Level.ERROR, 8),
        one("review", Level.ERROR, 9),
        one("INC506", Level.ERROR, 10),
        one("INC000", Level.ERROR, 11),
    ]
    in_order = [d.code for d in rules.by_importance(found)]
    assert in_order == [
        "INC506",
        "INC000",
        "review",
        "INC301",
        "INC411",
        "INC210",
        "INC305",
        "INC416",
        "INC424",
        "INC213",
        "INC215",
    ]
    listed = "\n".join(page._listed("To fix", found))
    assert listed.index("line 10, ") < listed.index("line 7, ") < listed.index("line 1, ")


def test_every_rule_has_an_importance() -> None:
    leaks = {r.name for r in rules.all_rules() if r.importance.name == "LEAK"}
    style = {r.name for r in rules.all_rules() if r.importance.name == "STYLE"}
    assert leaks == {"secret", "customer-data", "redaction-leak"}
    assert style == {
        "check-kind",
        "key-order",
        "heading-alias",
        "trailing-space",
        "reading-time",
        "summary-length",
    }


def test_a_place_in_another_file_is_named() -> None:
    there = Related("b.md", 2, 1, "x")
    d = Diagnostic("INC001", "a", Level.ERROR, "fact", "", "a.md", related=(there, there))
    assert with_places(d) == "fact (also b.md:2)"
