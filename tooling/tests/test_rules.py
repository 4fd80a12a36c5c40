"""The examples on each rule's page, and the form of the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.mark import ParameterSet

from incident import archive, discovery, rules
from incident.errors import IncidentError
from incident.lint import linter
from incident.postmortem import document, sections
from incident.postmortem.markdown import source
from incident.repository import config
from incident.rules import Rule
from rules.examples import BASE, ROSTER, lint, lint_example, with_yaml
from support import NOW

_FENCE = re.compile(r"^```(yaml|markdown|file|toml|archive)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def page_parts(rule: Rule) -> dict[str, str]:
    """The parts of a rule's page by heading; headings in examples are none."""
    found = sections.read(source.mask_blocks(rule.page, 0))
    return {part.title: rule.page[part.heading_end : part.end] for part in found}


def _examples(heading: str) -> list[ParameterSet]:
    cases: list[ParameterSet] = []
    for rule in rules.all_rules():
        fences = _FENCE.findall(page_parts(rule).get(heading, ""))
        cases += [
            pytest.param(rule, fence, id=f"{rule.name}-{number}")
            for number, fence in enumerate(fences, 1)
        ]
    return cases


@pytest.mark.parametrize(("rule", "fence"), _examples("Fails"))
def test_fails(rule: Rule, fence: tuple[str, str]) -> None:
    codes = {d.code for d in lint_example(*fence)}
    assert rule.code in codes
    assert "INC001" not in codes or rule.code == "INC001"


@pytest.mark.parametrize(("rule", "fence"), _examples("Passes"))
def test_passes(rule: Rule, fence: tuple[str, str]) -> None:
    codes = {d.code for d in lint_example(*fence)}
    assert not codes & {rule.code, "INC001"}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_base_document_is_clean(line_end: str) -> None:
    assert lint(BASE.replace("\n", line_end)) == []


@pytest.mark.parametrize("rule", rules.all_rules(), ids=lambda rule: rule.name)
def test_page(rule: Rule) -> None:
    first = rule.page.partition("\n")[0]
    assert len(first) < 72
    assert first.endswith(".")
    assert re.fullmatch(r"INC\d{3}", rule.code)
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
    parts = page_parts(rule)
    assert list(parts) == ["Fails", "Passes", "Options"][: 3 if rule.options else 2]
    assert _FENCE.search(parts["Fails"])
    assert _FENCE.search(parts["Passes"])
    why = rule.page.partition("\n## ")[0].splitlines()[1:]
    assert 2 <= len([line for line in why if line]) <= 9


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ModuleType]]:
    """The modules of rules, to add one to."""
    found = list(discovery.load_all("incident.rules"))
    monkeypatch.setattr(discovery, "load_all", lambda _package: found)
    rules.all_rules.cache_clear()
    yield found
    rules.all_rules.cache_clear()


def made_up(name: str, check: object) -> ModuleType:
    module = ModuleType(f"incident.rules.{name}")
    module.check = check  # type: ignore[attr-defined]
    return module


def test_a_rule_without_its_decorator_is_named_with_its_file(loaded: list[ModuleType]) -> None:
    loaded.append(made_up("title_shouts", lambda _context: iter(())))
    with pytest.raises(
        IncidentError, match=r"rules/title_shouts\.py does not define a rule"
    ) as caught:
        rules.all_rules()
    assert "decorate `check`" in caught.value.hint


def test_two_rules_with_one_code_are_both_named_with_a_free_code(loaded: list[ModuleType]) -> None:
    first, *others = rules.all_rules()
    rules.all_rules.cache_clear()
    loaded.append(made_up("title_shouts", first._replace(name="title-shouts")))
    with pytest.raises(
        IncidentError, match=f"title_shouts.*{first.module}.*{first.code}"
    ) as caught:
        rules.all_rules()
    free = caught.value.hint.rpartition(" ")[2]
    assert free not in {rule.code for rule in others}
    assert free.startswith(first.code[:4])


def test_a_free_code_is_above_all_of_its_group() -> None:
    assert rules.free_code("INC3", ["INC301", "INC304", "INC401"]) == "INC305"
    assert rules.free_code("INC7", []) == "INC701"


def test_codes_and_names_are_unique() -> None:
    every = rules.all_rules()
    assert len({rule.code for rule in every}) == len(every)
    assert len(rules.by_word()) == 2 * len(every)


@pytest.mark.parametrize("rule", rules.all_rules(), ids=lambda rule: rule.name)
def test_a_rule_bears_any_document(rule: Rule) -> None:
    for text in ("", "\n", "# x\n", "---\n", "---\n---\n", "---\n[1]\n---\n"):
        read = document.parse(text, "-")
        context = rules.Context(read, config.Config(root=Path("/nowhere")), NOW, ROSTER)
        context.options = rule.options() if rule.options else None
        for found in rule.check(context):
            assert 0 <= found.start <= found.end <= max(len(text), 3)


KEYS = [key for key in re.findall(r"^([a-z_]+):", BASE, re.MULTILINE) if key != "schema_version"]


@pytest.mark.parametrize("key", [*KEYS, "lint"])
def test_wrong_types_are_no_crash(key: str) -> None:
    for junk in ("7", "true", "[1, [2]]", "{a: {b: 1}}", '""', "text", "null"):
        for value in (junk, f"[{{rule: {junk}, owner: {junk}, due: {junk}}}]", f"{{x: {junk}}}"):
            lint(with_yaml(f"{key}: {value}\n"))


@pytest.mark.parametrize(("rule", "fence"), _examples("Fails"))
def test_messages_are_facts_with_a_hint(rule: Rule, fence: tuple[str, str]) -> None:
    for found in lint_example(*fence):
        assert not found.message.endswith(".")
        assert not re.search(r"\byou(?:r|rs)?\b", found.message, re.IGNORECASE)
        assert found.hint
        assert not found.hint.endswith(".")
        assert "\n" not in found.message + found.hint


FOREIGN = {
    "no frontmatter": "# Postmortem: late orders\n\n**Owner:** TBD\n\n## Summary\n\nLate.\n",
    "a table at the top": "| Date | 2024-03-01 |\n|---|---|\n| Severity | SEV2 |\n\n1. TODO\n",
    "other frontmatter": "---\ntags: [rca]\nseverity: 2\nStart: 09:40\n---\n# RCA\n\n* [ ] x\n",
    "exported HTML": "<h1>Outage</h1>\n<p>At 9:40 am it failed.</p>\n<ul><li>fix it</li></ul>\n",
    "underlined headings": "Late orders\r\n===\r\n\r\nTimeline\r\n---\r\n\r\n09:40 it began\r\n",
    "wiki markup": "h1. Late orders\n\n{toc}\n\nh2. Five whys\n\n# Why? {color:red}no{color}\n",
}


@pytest.mark.parametrize("form", FOREIGN)
def test_a_postmortem_of_another_form_gets_an_answer(form: str, tmp_path: Path) -> None:
    base = config.Config(root=tmp_path)
    path = tmp_path / "late.md"
    path.write_text(FOREIGN[form], encoding="utf-8", newline="")
    found = linter.make(base, NOW).check(archive.read(path, base))
    assert found
    assert all(d.span.line >= 1 and d.message and d.hint for d in found)
