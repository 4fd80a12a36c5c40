"""Overdue items in a chat: what is posted, from where, and what never is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import CHECKOUT, MINIMAL, run

DAY = ("--today", "2026-01-10")
ITEM = (
    '  - {{id: AI-{0}, title: "Check <!channel> @here {0}", owner: finance, due: "2026-01-01"}}\n'
)


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repository"
    (root / "incidents" / "2025").mkdir(parents=True)
    monkeypatch.chdir(root)
    return root


def write(root: Path, items: int, extra: str = "", name: str = "2025-05-14-revenue-drops") -> None:
    listed = "".join(ITEM.format(number) for number in range(1, items + 1))
    text = MINIMAL.replace("2025-05-14-revenue-drops", name).replace(
        "lint:", f"{extra}action_items:\n{listed}lint:"
    )
    (root / "incidents" / "2025" / f"{name}.md").write_text(text)


def posted(*more: str) -> str:
    result = run("actions", "digest", "--overdue", "--format", "webhook", *DAY, *more)
    assert result.exit_code == 0, result.output
    return str(json.loads(result.stdout)["text"]) if result.stdout else ""


def test_a_webhook_gets_short_text_that_mentions_nobody(archive: Path) -> None:
    write(archive, 12)
    text = posted()
    assert text.startswith(
        "*finance*: 12 open, 12 overdue\n• 9 days overdue: Check &lt;!channel&gt;"
    )
    assert "@here" not in text
    assert text.count("\n•") == 11
    assert text.endswith("• and 2 more")
    assert posted("--owner", "nobody") == ""


def test_items_of_restricted_incidents_stay_out_of_a_chat(archive: Path) -> None:
    write(archive, 1, "confidentiality: restricted\n")
    assert posted() == ""
    write(archive, 1, name="2025-06-01-orders-late")
    assert "revenue" not in posted()
    result = run("actions", "digest", "--format", "webhook", *DAY)
    assert "left out: 1 of restricted incidents" in result.stderr


def job() -> dict[str, Any]:
    text = (CHECKOUT / ".github" / "workflows" / "follow-ups.yml").read_text()
    found: dict[str, Any] = yaml.safe_load(text)["jobs"]["chat"]
    return found


def test_the_job_is_opt_in_and_keeps_its_secret_on_the_default_branch() -> None:
    assert job()["if"].startswith("vars.INCIDENT_CHAT == 'on' && ")
    assert "github.ref_name == github.event.repository.default_branch" in job()["if"]
    assert job()["permissions"] == {"contents": "read"}
    assert ["secrets." in json.dumps(step) for step in job()["steps"]].count(True) == 1


@pytest.mark.parametrize("items", [0, 2])
def test_the_step_posts_the_digest_and_nothing_where_there_is_none(
    archive: Path, items: int
) -> None:
    """With a stand-in for curl, which is told the address where no other process sees it."""
    write(archive, items)
    folder = archive.parent
    (folder / "curl").write_text(f'#!/bin/sh\necho "$@" >{folder}/said\ncat >>{folder}/said\n')
    (folder / "curl").chmod(0o755)
    path = f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "RUNNER_TEMP": str(folder)}
    script = job()["steps"][-1]["run"]
    hook = {"WEBHOOK": "https://chat.example.com/hook"}
    command = ["bash", "-e", "-c", script]
    done = subprocess.run(command, cwd=archive, env={**environment, **hook}, timeout=60, check=True)
    assert done.returncode == 0
    assert (folder / "said").exists() == bool(items)
    if items:
        arguments, address = (folder / "said").read_text().splitlines()
        assert "example.com" not in arguments
        assert "--proto =https" in arguments
        assert address == 'url = "https://chat.example.com/hook"'
        assert "finance" in json.loads((folder / "digest.json").read_text())["text"]
        missing = subprocess.run(
            command, cwd=archive, env=environment, capture_output=True, text=True, check=False
        )
        assert missing.returncode != 0
        assert "set the secret INCIDENT_WEBHOOK" in missing.stderr
