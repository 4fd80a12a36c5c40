"""The commits that changed each file.

One `git log` for all files; without git, or in a shallow clone, nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.errors import IncidentError
from incident.git import State, Unavailable


class Change(NamedTuple):
    """One commit that changed a file."""

    at: datetime
    commit: str


@dataclass(frozen=True)
class History:
    """`changes`: the commits of each path, newest first. `root`: the repository, or None.

    `problem` is why git could not give the history; None without a repository.
    """

    root: Path | None = None
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)
    problem: IncidentError | None = field(default=None, compare=False)


def read(root: Path, folder: str) -> History:
    """The history of the files below `folder` of the repository around `root`."""
    if not git.is_inside(root):
        return History()
    try:
        if State.SHALLOW in git.states(root):
            # a clone without history would date everything to its last commit
            raise Unavailable(State.SHALLOW, root)
        log = ("log", "--format=%x01%H %cI", "--name-only", "-z", "--no-renames", "--relative")
        answer = git.run(root, *log, paths=(folder,))
    except IncidentError as problem:
        return History(problem=problem)
    found: dict[str, list[Change]] = {}
    for commit in answer.stdout.split(b"\x01")[1:]:
        head, _, names = commit.partition(b"\0")
        sha, _, at = head.decode().strip().partition(" ")
        change = Change(datetime.fromisoformat(at).astimezone(UTC), sha)
        for name in names.decode("utf-8", errors="replace").split("\0"):
            if name := name.strip("\n"):
                found.setdefault(name, []).append(change)
    return History(root, {path: tuple(changes) for path, changes in found.items()})
