"""A template of a repository may be anybody's: it reaches nothing, and it ends."""

from __future__ import annotations

import time
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.drafts.new_draft import FILTERS, Draft
from incident.errors import UsageError
from incident.repository import templates
from support import git_init

REACHES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ draft.__init__.__globals__ }}",
    "{{ draft.__dict__ }}",
    "{{ draft['__class__'] }}",
    "{{ draft | attr('__class__') }}",
    "{{ (draft | attr('_' ~ '_class_' ~ '_')).x }}",
    "{{ draft.detected_at.__reduce__() }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context.environment.x }}",
    "{{ cycler.__init__.__globals__.os.popen('touch pwned').read() }}",
    "{{ lipsum.__globals__['os'].system('touch pwned') }}",
    "{{ joiner.__init__.__globals__.os }}",
    "{{ namespace.__init__.__globals__.os }}",
    "{{ '{0.__class__.__mro__}'.format(draft) }}",
    "{{ '{a.__class__}'.format_map({'a': draft}) }}",
    "{{ '%s' | format(draft.__class__) }}",
    "{{ [draft] | map(attribute='__class__') | list }}",
    "{{ [draft] | map('attr', '__class__') | map('string') | list }}",
    "{{ dict.__base__ }}",
    "{% set f = [].append %}{{ f(1) }}",
    "{{ draft.factors.update({'a': 1}) }}",
    "{{ (lambda: 1)() }}",
    "{% import 'os' as os %}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% from 'x' import y %}",
    "{{ yaml.__globals__ }}",
    "{{ ''.join.__self__.__class__ }}",
    "{% for x in (1,) %}{{ loop.__class__ }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__class__ }}",
    "{% macro m() %}{{ caller.__globals__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{{ range.__class__ }}",
    "{{ request }}",
    "{{ config }}",
    "{% debug %}",
    "{% do [].append(1) %}",
]
ENDLESS = [
    "{{ range(10**9) | list }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ 'a' * 10 ** 11 }}",
    "{{ 'a' | center(10 ** 11) }}",
    "{{ '%99999999999d' % 1 }}",
    "{% set s = namespace(t='a') %}"
    "{% for i in range(60) %}{% set s.t = s.t ~ s.t %}{% endfor %}{{ s.t }}",
    "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ lipsum(n=10 ** 8) }}",
    "{{ '(' * 1000 }}{{ " + "(" * 5000 + ")" * 5000 + " }}",
    "{% if 1 %}" * 3000,
    "x" * (templates.LONGEST + 1),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    git_init(tmp_path)
    (tmp_path / "templates").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rendered(root: Path, source: str) -> str:
    (root / "templates" / "postmortem.md.j2").write_text(source, encoding="utf-8")
    draft = Draft("x", "P1", "data", datetime(2026, 11, 2, tzinfo=UTC), factors={"a": 0})
    template = templates.load("templates", "postmortem.md.j2", root, FILTERS)
    text: str = template.render(draft=draft, meaning="")
    assert draft.factors == {"a": 0}
    return text


@pytest.mark.parametrize("source", REACHES)
def test_a_template_reaches_nothing(root: Path, source: str) -> None:
    place = f"{root}/templates/postmortem.md.j2:3: "
    try:
        said = place + rendered(root, f"\n\n{source}")
    except UsageError as error:
        said = error.message
    assert said.startswith(place)
    assert not (root / "pwned").exists()
    for word in ("<class", "<function", "<module", "root:", "builtins", "Environment"):
        assert word not in said


@pytest.mark.slow
@pytest.mark.parametrize("source", ENDLESS, ids=[source[:40] for source in ENDLESS])
def test_a_template_ends(root: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "SECONDS", 1)
    monkeypatch.setattr(templates, "MEMORY", 1 << 27)
    with pytest.raises(UsageError, match=r"postmortem\.md\.j2"):
        rendered(root, source)


def test_a_template_that_waits_ends(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "PATIENCE", 0.2)
    monkeypatch.setattr(templates, "_bound", lambda: time.sleep(600))
    with pytest.raises(UsageError, match=r"takes over 0\.2 s"):
        rendered(root, "late")


def test_a_template_that_leads_out_is_refused(root: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("a secret")
    (root / "templates" / "issue.md.j2").symlink_to(outside)
    with pytest.raises(UsageError, match="outside the repository"):
        templates.load("templates", "issue.md.j2", root)


def test_what_is_wrong_is_said_with_its_line(root: Path) -> None:
    for source, said in (
        ("a\n{% if %}", "2: Expected an expression"),
        ("a\n\n{{ nothing }}", "3: 'nothing' is undefined"),
        ("a\n{{ 1 / 0 }}", "2: division by zero"),
        ("\n{{ draft.title | nothing }}", "2: No filter named 'nothing'"),
    ):
        with pytest.raises(UsageError, match=f"postmortem.md.j2:{said}"):
            rendered(root, source)
    (root / "templates" / "postmortem.md.j2").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="utf-8"):
        templates.load("templates", "postmortem.md.j2", root)


def parts(value: Any) -> Iterator[Any]:
    """A value and all that a template can reach from it."""
    yield value
    if is_dataclass(value):
        for field in fields(value):
            yield from parts(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from (*parts(key), *parts(one))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for one in value:
            yield from parts(one)


def test_templates_are_given_nothing_that_acts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No path to write to, no module, no open file: only texts, numbers, times and their kin."""
    from scenes import FOREIGN, PATH, TEXT
    from support import run

    given: list[Any] = []
    real = templates.load

    def watched(*args: Any, **kwargs: Any) -> templates.Template:
        template = real(*args, **kwargs)

        def render(**values: Any) -> str:
            given.extend(values.values())
            text: str = template.render(**values)
            return text

        return template._replace(render=render)

    monkeypatch.setattr(templates, "load", watched)
    (root / PATH).parent.mkdir(parents=True)
    (root / PATH).write_text(TEXT)
    (root / "a.md").write_text(FOREIGN)
    for command in (
        ("new", "x", "--severity", "P1", "--owner", "data", "--no-edit"),
        ("import", "a.md", "--owner", "data"),
        ("message", Path(PATH).stem, "--kind", "declared"),
        ("actions", "sync", "--yes", "--tracker", "issues.ndjson"),
    ):
        result = run(*command)
        assert result.exit_code == 0, result.output
    assert len(given) > 10
    for value in given:
        for part in parts(value):
            assert not isinstance(part, (Path, types.ModuleType)), part
            assert is_dataclass(part) or not callable(part), part
            assert not hasattr(part, "fileno"), part
