"""What a run imports: no more than it needs, so that one file does not wait for all modules."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rules.examples import BASE, STEM
from support import CHECKOUT, git_init


def imported(folder: Path, *arguments: str) -> set[str]:
    """The modules that a successful run of `incident` imports."""
    command = [sys.executable, "-X", "importtime", "-m", "incident", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^import time:.*\| +(\S+)$", done.stderr, re.MULTILINE))


def test_the_version_needs_no_library_but_click() -> None:
    modules = imported(CHECKOUT, "--version")
    assert "click" in modules
    assert not modules & {"yaml", "jinja2", "json", "subprocess", "jsonschema_rs"}


def test_a_known_file_needs_neither_yaml_nor_rules(tmp_path: Path) -> None:
    git_init(tmp_path)
    path = tmp_path / "incidents/2025" / f"{STEM}.md"
    path.parent.mkdir(parents=True)
    path.write_text(BASE, encoding="utf-8")
    assert {"yaml", "incident.rules"} <= imported(tmp_path, "lint")
    assert not imported(tmp_path, "lint") & {"yaml", "jsonschema_rs", "incident.rules"}


def test_clean_documents_load_no_renderer() -> None:
    assert "markdown" not in imported(CHECKOUT, "lint", "--no-cache")
