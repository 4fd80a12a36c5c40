"""What several tests need: the frozen clock, documents, a repository, the command."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from incident.archive.roster import Roster
from incident.commands import cli
from incident.diagnostic import Diagnostic
from incident.lint import linter
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.repository import config

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CHECKOUT = Path(__file__).resolve().parents[2]

MINIMAL = """\
---
id: 2025-05-14-revenue-drops
title: "Daily revenue 18% low"
status: draft
severity: P1
owner: data-platform
timestamps:
  detected_at: "2025-05-14T09:40Z"
lint: {ignore: [{rule: status-deadline, reason: an example does not age}]}
---
"""


def lint_text(text: str, path: str = "2025-05-14-revenue-drops.md") -> list[Diagnostic]:
    """The diagnostics of a text by the default rules, with nobody on the roster."""
    return lint(document.parse(text, path))


def lint(found: Document, roster: Roster | None = None) -> list[Diagnostic]:
    """The diagnostics of a document by the default rules."""
    return linter.make(config.Config(root=Path("/nowhere")), NOW, roster or Roster()).check(found)


def run(*args: str | Path, stdin: str | bytes | None = None) -> Result:
    """Call the command without a terminal."""
    return CliRunner().invoke(cli, [str(arg) for arg in args], input=stdin)


def git_init(folder: Path, name: str = "Ines Halvorsen", email: str = "ines@example.com") -> None:
    """Make `folder` a git repository with one commit by an invented author."""
    for command in (
        ["init", "-q"],
        ["config", "user.name", name],
        ["config", "user.email", email],
        ["config", "maintenance.auto", "false"],  # nothing comes and goes while a test looks
        ["commit", "-q", "--allow-empty", "-m", "begin"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
