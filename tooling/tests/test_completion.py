"""What Tab offers, asked in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import MINIMAL, git_init

COMMANDS = Path(sys.executable).parent


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git_init(tmp_path)
    folder = tmp_path / "incidents" / "2025"
    folder.mkdir(parents=True)
    text = MINIMAL.replace(
        "timestamps:",
        "tags: [ads, 'late token']\n"
        "impact:\n  assets: [{ref: 'dbt:model.shop.orders'}, {ref: dashboard/daily}]\n"
        "action_items:\n  - {id: AI-1, title: x, owner: ingestion}\n  - id: AI-2\n"
        "    owner: analytics\ntimestamps:",
    )
    (folder / "2025-05-14-revenue-drops.md").write_text(text)
    (folder / "2025-01-20-orders-late.md").write_bytes(b"\xff\0 nothing to read")
    return tmp_path


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{COMMANDS}:{os.environ['PATH']}"}


def bash(repository: Path, line: str) -> list[str]:
    """The words that bash would offer at the end of `line`, by the script that click gives it."""
    script = """
        eval "$(_INCIDENT_COMPLETE=bash_source incident)"
        read -r -a COMP_WORDS <<<"$1"
        [[ $1 == *' ' ]] && COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=${#1}
        _incident_completion incident "${COMP_WORDS[COMP_CWORD]}" ''
        printf '%s\\n' "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", line],
        cwd=repository,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("incident l", ["lint", "list", "lsp"]),
        ("incident list --status in", ["in_review"]),
        ("incident list --owner ", ["analytics", "data-platform", "ingestion"]),
        ("incident new Late --owner da", ["data-platform"]),
        ("incident list --asset dbt", ["dbt:model.shop.orders"]),
        ("incident list --tag a", ["ads"]),
        ("incident list --kind fr", ["freshness"]),
        ("incident rule what-went", ["what-went-well"]),
        ("incident rule inc001", ["INC001"]),
        ("incident lint --select never-again,what-", ["never-again,what-went-well"]),
        ("incident rule nonsense", [""]),
        ("incident show revenue", ["2025-05-14-revenue-drops"]),
        ("incident new --into 2025-05", ["2025-05-14-revenue-drops"]),
        ("incident actions done drops", [f"2025-05-14-revenue-drops/AI-{n}" for n in (1, 2)]),
        ("incident actions set x --owner ing", ["ingestion"]),
        ("incident status x closed --as d", ["duplicate"]),
        ("incident new x --severity p", ["P0", "P1", "P2", "P3"]),
    ],
)
def test_bash(repository: Path, line: str, offered: list[str]) -> None:
    assert bash(repository, line) == offered


def test_a_wrong_configuration_is_no_reason_to_print_into_the_line(repository: Path) -> None:
    (repository / "incident.toml").write_text("nonsense = [")
    assert bash(repository, "incident list --owner ") == [""]


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh(repository: Path) -> None:
    """Zsh's own completion system is not loaded: what it would be handed is looked at."""
    script = """
        compdef() { :; }
        compstate=()
        compadd() { print -rl -- "${(@P)@[-1]}" }
        _describe() { local -a shown; shown=("${(@P)3}"); print -rl -- "${shown[@]}" }
        eval "$(_INCIDENT_COMPLETE=zsh_source incident)"
        words=(incident rule what-went) CURRENT=3
        _incident_completion
        words=(incident list --owner '') CURRENT=4
        _incident_completion
    """
    done = subprocess.run(
        ["zsh", "-f", "-c", script],
        cwd=repository,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert first.startswith("what-went-well:INC202 ")
    assert {"data-platform", "ingestion", "analytics"} <= set(rest)
