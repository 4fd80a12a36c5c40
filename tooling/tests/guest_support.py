"""Repositories that a team had before `incident init`, and what GitHub would do with them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from support import git_init


def git(folder: Path, *args: str) -> str:
    """Run git in `folder`."""
    done = subprocess.run(
        ["git", *args], cwd=folder, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def repository(
    folder: Path, files: Mapping[str, str] = {}, branch: str = "main", origin: str = ""
) -> Path:
    """A repository with these files committed on a branch, and a remote."""
    folder.mkdir(parents=True, exist_ok=True)
    git_init(folder)
    git(folder, "branch", "-M", branch)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if origin:
        git(folder, "remote", "add", "origin", origin)
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "--allow-empty", "-m", "what the team has")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file outside .git, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def workflows(top: Path) -> dict[str, dict[str, Any]]:
    """The workflows of a repository by name, with `on` as GitHub reads it."""
    found = {}
    for path in sorted((top / ".github" / "workflows").glob("*.yml")):
        try:
            data = yaml.safe_load(path.read_text())
        except yaml.YAMLError:
            continue
        if not isinstance(data, dict):
            continue
        found[path.name] = {("on" if key is True else key): value for key, value in data.items()}
    return found


def filters(top: Path) -> Iterator[str]:
    """Every pattern of a `paths:` filter."""
    for workflow in workflows(top).values():
        events = workflow.get("on")
        for event in events.values() if isinstance(events, dict) else ():
            yield from (event or {}).get("paths", []) if isinstance(event, dict) else ()


def matches(pattern: str, path: str) -> bool:
    """Whether a `paths:` filter matches: `*` stops at a slash, `**` does not."""
    parts = (
        ".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part)
        for part in re.split(r"(\*\*|\*)", pattern)
    )
    return re.fullmatch("".join(parts), path) is not None
