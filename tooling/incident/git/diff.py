"""What git says of a postmortem: what changed against a commit, what it said there, since when."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from incident.errors import IncidentError, UsageError
from incident.git import GIT

_SECONDS = 60


class Change(NamedTuple):
    """A file that differs from the base. Paths are relative to the repository's root.

    `path` is "" for one that was deleted, `before` is "" for a new one.
    """

    path: str
    before: str


def commit(root: Path, revision: str) -> str:
    """The full hash of a revision. Raises UsageError if there is none."""
    done = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if done.returncode:
        raise UsageError(f"git knows no commit `{revision}` in {root}", _instead(root, revision))
    return done.stdout.decode().strip()


def _instead(root: Path, revision: str) -> str:
    """What to do where git knows no such commit: there are several reasons."""
    if _git(root, "rev-parse", "--git-dir").returncode:
        return "it is no git repository: `git init`, or go to the one that you mean"
    if _git(root, "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return "nothing is committed yet: commit first"
    remote, slash, _ = revision.partition("/")
    if slash and remote not in _git(root, "remote").stdout.decode().split():
        branches = _git(root, "branch", "--format=%(refname:short)").stdout.decode().split()
        named = f", such as {branches[0]}" if branches else ""
        return f"there is no remote `{remote}`: name a branch that is here{named}"
    return "fetch it; in a workflow, check out with `fetch-depth: 0`"


def merge_base(root: Path, base: str) -> str:
    """Where HEAD parted from `base`. Raises UsageError."""
    done = _git(root, "merge-base", commit(root, base), "HEAD")
    if done.returncode:
        raise UsageError(
            f"`{base}` and HEAD have no common commit",
            "fetch the whole history; in a workflow, check out with `fetch-depth: 0`",
        )
    return done.stdout.decode().strip()


def changed(root: Path, base: str, folder: str) -> list[Change]:
    """The Markdown files below `folder` that differ from the merge base with `base`, sorted.

    Counts what is not committed yet, and new files. Raises UsageError, IncidentError.
    """
    since = merge_base(root, base)
    options = ("--name-status", "-M", "--no-ext-diff", "--relative", "--ignore-submodules")
    words = listed(root, "diff", "-z", *options, since, "--", f"{folder}/")
    found = []
    while words:
        kind, path = words.pop(0), words.pop(0)
        if kind[:1] in {"R", "C"}:
            found.append(Change(words.pop(0), path if kind[0] == "R" else ""))
        elif kind[:1] == "D":
            found.append(Change("", path))
        else:
            found.append(Change(path, "" if kind[:1] == "A" else path))
    new = listed(root, "ls-files", "-z", "--others", "--exclude-standard", "--", f"{folder}/")
    found += [Change(path, "") for path in new]
    return sorted(c for c in set(found) if is_postmortem(c.path or c.before))


def is_postmortem(path: str) -> bool:
    """Whether a file of the archive is a postmortem, by its path."""
    name = Path(path).name.lower()
    hidden = any(part.startswith(".") for part in Path(path).parts)
    return name.endswith(".md") and name != "readme.md" and not hidden


def text_at(root: Path, revision: str, path: str) -> str:
    """What the file said at a revision; "" where it was not there."""
    done = _git(root, "show", f"{revision}:./{path}")
    return "" if done.returncode else done.stdout.decode("utf-8", errors="replace")


def line_changed_at(root: Path, path: str, pattern: str) -> datetime | None:
    """When the last commit changed a line of the file that the regular expression matches."""
    done = _git(root, "log", "-1", "--format=%cI", f"-G{pattern}", "--", path)
    written = done.stdout.decode().strip()
    return datetime.fromisoformat(written.replace("Z", "+00:00")) if written else None


def staged(root: Path, path: str) -> bytes:
    """The content of a file in the index; nothing where it is not there."""
    return _git(root, "show", f":./{path}").stdout


def listed(root: Path, *arguments: str) -> list[str]:
    """What a git command with -z lists; a path that is no UTF-8 opens its file all the same.

    Raises IncidentError where it fails.
    """
    done = _git(root, *arguments)
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip().splitlines()
        raise IncidentError(f"git {arguments[0]} failed: {said[-1] if said else 'no reason given'}")
    return [os.fsdecode(word) for word in done.stdout.split(b"\0") if word]


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            [*GIT, *arguments], cwd=root, capture_output=True, check=False, timeout=_SECONDS
        )
    except FileNotFoundError as error:
        raise IncidentError("git is not installed", "a review compares with a commit") from error
    except subprocess.TimeoutExpired as error:
        raise IncidentError(f"git {arguments[0]} took over {_SECONDS} s") from error
