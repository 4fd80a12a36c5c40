"""Where the repository is also kept: the addresses of git's remotes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from incident import git
from incident.errors import IncidentError


def origin(root: Path) -> str:
    """The address of the remote `origin`; "" without one, or where git cannot answer."""
    try:
        answer = git.run(root, "remote", "get-url", "origin")
    except IncidentError:
        return ""
    return "" if answer.code else answer.text.strip()


def begin(root: Path) -> Callable[[], list[str]]:
    """Start to list the addresses of all remotes, and return what waits for them.

    There are none where git cannot answer.
    """
    if not git.is_inside(root):
        return list
    try:
        running = git.start(root, "config", "--null", "--get-regexp", r"^remote\..*\.url$")
    except IncidentError:
        return list

    def wait() -> list[str]:
        try:
            answer = running.wait()
        except IncidentError:
            return []
        return [value for entry in answer.paths for value in entry.split("\n")[1:]]

    return wait


def ssh_host(alias: str) -> str:
    """The host that the user's SSH configuration means by a name; the name where it cannot tell."""
    try:
        done = subprocess.run(
            ["ssh", "-G", "--", alias],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return alias
    lines = done.stdout.decode("utf-8", errors="replace").splitlines()
    pairs = (line.partition(" ") for line in lines)
    return next((value for key, _, value in pairs if key == "hostname"), alias)
