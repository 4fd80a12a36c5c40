"""Which files a branch or the index changes, as git tells."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from incident.errors import UsageError


@dataclass(frozen=True)
class Changes:
    """Paths from the repository's root. `staged`: content of the index where it is another."""

    changed: frozenset[str]
    deleted: frozenset[str]
    staged: dict[str, bytes]


def since(root: Path, ref: str) -> Changes:
    """What differs from the merge base with `ref`, untracked files included. Raises UsageError."""
    base = _git(root, "merge-base", ref, "HEAD").decode().strip()
    changed = _names(root, "diff", "--name-only", "--diff-filter=d", base, "--")
    untracked = _names(root, "ls-files", "--others", "--exclude-standard")
    deleted = _names(root, "diff", "--name-only", "--diff-filter=D", base, "--")
    return Changes(changed | untracked, deleted, {})


def staged(root: Path) -> Changes:
    """What the index changes against HEAD, with its own content. Raises UsageError."""
    changed = _names(root, "diff", "--cached", "--name-only", "--diff-filter=d")
    deleted = _names(root, "diff", "--cached", "--name-only", "--diff-filter=D")
    other = _names(root, "diff", "--name-only") & changed
    contents = {path: _git(root, "show", f":{path}") for path in other if path.endswith(".md")}
    return Changes(changed, deleted, contents)


def _names(root: Path, *arguments: str) -> frozenset[str]:
    """The paths that a git command lists, relative to `root`."""
    relative = ["--relative"] if arguments[0] == "diff" else []
    output = _git(root, arguments[0], *relative, "-z", *arguments[1:])
    return frozenset(name for name in output.decode(errors="surrogateescape").split("\0") if name)


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"git {arguments[0]}: {error}", "is git installed?") from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        hint = "fetch the branch with its history (actions/checkout: fetch-depth 0)"
        raise UsageError(f"git {arguments[0]}: {said[0] if said else 'failed'}", hint)
    return done.stdout
