"""A document of a version that this program does not know is reported, and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.archive.roster import Roster
from incident.lint import fixes, linter
from incident.repository import config
from rules.examples import BASE
from support import NOW, run


@pytest.mark.parametrize("version", ["2", "7"])
def test_a_newer_document_is_left_alone(version: str) -> None:
    text = BASE.replace("schema_version: 1", f"schema_version: {version}\nteam: x")
    text = text.replace("## What went well", "## What went right")
    result = run("lint", "-", stdin=text)
    assert result.exit_code == 1
    assert "written for a newer incident-docs: upgrade" in result.stdout
    assert "unknown key" not in result.stdout
    using = linter.make(config.Config(root=Path("/nowhere")), NOW, Roster())
    assert fixes.fix_text(using, text, "2025-05-14-revenue-low-after-filter-change.md").text == text


@pytest.mark.parametrize("version", ["0", "false", "one", "-1", "[0]"])
def test_a_version_that_never_was_is_an_error_of_the_schema(version: str) -> None:
    text = BASE.replace("schema_version: 1", f"schema_version: {version}")
    result = run("lint", "-", "--format", "concise", stdin=text)
    assert result.exit_code == 1
    assert "schema_version must be 1, got " in result.stdout
