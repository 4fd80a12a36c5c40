"""The pages that people read say what the code does."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from incident.commands import cli
from support import CHECKOUT

PAGES = [
    *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((CHECKOUT / "docs").glob("*.md")),
    *sorted((CHECKOUT / "templates" / "guide").glob("*.md")),
    *sorted((CHECKOUT / ".github").glob("*.md")),
    CHECKOUT / "tooling" / "bench" / "README.md",
    CHECKOUT / "tooling" / "dbt_incidents" / "README.md",
]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
_CALL = re.compile(r"\bincident +((?:-\S+ +)*[a-z][\w-]*(?: +[a-z][\w-]*)?)([^\n`|;&)]*)")
_COUNTED = re.compile(r"\b[0-9][0-9,]* (?:\w+ )?(?:rules|commands|formats|reports|sources)\b")
_ASKED = re.compile(r"environ(?:ment)?\.get\(\s*\"([A-Z0-9_]+)\"|envvar=\"([A-Z_]+)\"")


@pytest.mark.parametrize("name", ["reference", "architecture"])
def test_generated_pages_are_up_to_date(name: str) -> None:
    script = runpy.run_path(str(CHECKOUT / "tooling" / "dev" / f"{name}.py"))
    page = (CHECKOUT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run `make pages`"


def test_the_layers_picture_matches_the_contract() -> None:
    script = runpy.run_path(str(CHECKOUT / "tooling" / "dev" / "architecture.py"))
    drawn = (CHECKOUT / "docs" / "layers.svg").read_text(encoding="utf-8")
    assert drawn == script["picture"](script["layers"]()), "run `make pages`"


def test_every_environment_variable_is_in_the_reference() -> None:
    script = runpy.run_path(str(CHECKOUT / "tooling" / "dev" / "reference.py"))
    asked = {
        one or other
        for path in (CHECKOUT / "tooling" / "incident").rglob("*.py")
        for one, other in _ASKED.findall(path.read_text(encoding="utf-8"))
    }
    assert asked == set(script["ENVIRONMENT"])


def code(page: Path) -> Iterator[str]:
    """What a page shows as commands: fences of a shell, and code within a line."""
    text = page.read_text(encoding="utf-8")
    yield from (body for kind, body in _FENCE.findall(text) if kind in {"sh", "console", ""})
    yield from re.findall(r"`(incident [^`\n]+)`", _FENCE.sub("", text))


def command(words: list[str]) -> tuple[click.Command, str] | None:
    """The command that words begin with, and its name."""
    found: click.Command = cli
    path = "incident"
    for word in words:
        if not isinstance(found, click.Group):
            break
        below = found.get_command(click.Context(found, info_name=path), word)
        if below is None:
            return None
        found, path = below, f"{path} {word}"
    return found, path


def test_every_command_and_flag_on_a_page_exists() -> None:
    common = {o for p in cli.params for o in (*p.opts, *p.secondary_opts)} | {"--help", "-h"}
    for page, call, rest in calls():
        found = command([word for word in call.split() if not word.startswith("-")])
        assert found, f"{page}: incident {call}"
        flags = set(re.findall(r"(?<!\S)(--?[a-z][\w-]*)", re.sub(r"\"[^\"]*\"|#.*", "", rest)))
        known = {o for p in found[0].params for o in (*p.opts, *p.secondary_opts)}
        assert flags <= known | common, f"{page}: {found[1]} has no {flags - known}"


def calls() -> Iterator[tuple[str, str, str]]:
    """Each page, the command that it calls, and what follows."""
    for page in PAGES:
        for text in code(page):
            for call, rest in _CALL.findall(text.replace("\\\n", " ")):
                yield page.name, call, rest


def test_every_link_of_a_page_leads_to_a_file() -> None:
    for page in PAGES:
        if "guide" not in page.parts:  # the wiki's build judges those
            for target in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_make_target_on_a_page_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert set(named) <= targets, page.name


def test_every_test_in_promises_exists() -> None:
    page = (CHECKOUT / "docs" / "promises.md").read_text(encoding="utf-8")
    promised = re.findall(r"`([\w/]+\.py)::(\w+)`", page)
    rows = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line]
    assert all("`test_" in row or "/test_" in row for row in rows if "| tests |" not in row)
    assert len(promised) > len(rows)
    for file, name in promised:
        text = (CHECKOUT / "tooling" / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^(?:async )?def {name}\(", text, re.MULTILINE), f"{file}::{name}"


def test_modules_are_short() -> None:
    package = CHECKOUT / "tooling" / "incident"
    lengths = sorted(len(p.read_text(encoding="utf-8").splitlines()) for p in package.rglob("*.py"))
    assert lengths[len(lengths) // 2] <= 120
    assert lengths[-1] <= 400


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_prose_does_not_count_what_is_added_file_by_file(path: Path) -> None:
    """The first rule, command or format that is added would make the count wrong."""
    assert _COUNTED.findall(path.read_text("utf-8")) == []
