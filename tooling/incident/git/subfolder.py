"""Where a folder is in its repository, and what its files were called before."""

from __future__ import annotations

from pathlib import Path

from incident import git
from incident.errors import IncidentError


def prefix(root: Path) -> str | None:
    """`a/b` for a folder below the repository's top, "" for the top; None where git cannot tell."""
    if not git.is_inside(root):
        return None
    try:
        answer = git.run(root, "rev-parse", "--show-prefix")
    except IncidentError:
        return None
    return None if answer.code else answer.text.strip("/")


def from_top(root: Path) -> str:
    """`prefix` to put before a path: `a/b/`, or "" at the top and where git cannot tell."""
    below = prefix(root)
    return f"{below}/" if below else ""


def renames(root: Path, folder: str) -> list[tuple[str, str]]:
    """Former and new path of files below `folder` that were renamed, as far as git knows.

    Newest first, staged ones before. None without a history.
    """
    if not git.is_inside(root):
        return []
    options = ("--name-status", "-M", "-z", "--diff-filter=R", "--relative", "--no-ext-diff")
    found = []
    for command in (("diff", "--cached", *options), ("log", "--format=", *options)):
        try:
            answer = git.run(root, *command, paths=(folder,))
        except IncidentError:
            continue
        words = [] if answer.code else answer.paths
        found += list(zip(words[1::3], words[2::3], strict=False))
    return found
