"""What git knows of a postmortem: its changes, when it was published, when its items were done.

One pass of `git log` for all files; without git, or in a shallow clone, nothing is known.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from incident.git import GIT
from incident.postmortem import document, model
from incident.postmortem.model import Postmortem

SECONDS = 60
IMPORT = 3  # a commit that adds so many postmortems brings in an archive
_PUBLISHED = re.compile(rb"^status:[ \t]*[\"']?(?:published|closed)\b", re.MULTILINE)


class Change(NamedTuple):
    """One commit that changed a file."""

    at: datetime
    commit: str


@dataclass(frozen=True)
class History:
    """`changes`: the commits of each path, newest first. `root`: where git is asked, or None."""

    root: Path | None = None
    changes: dict[str, tuple[Change, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Milestones:
    """When postmortems were published, by id; when action items were done, by both ids."""

    published: Mapping[str, datetime] = field(default_factory=dict)
    done: Mapping[tuple[str, str], date] = field(default_factory=dict)


def read(root: Path, folder: str) -> History:
    """The history of the files below `folder` of the repository at `root`."""
    if not (root / ".git").exists():
        return History()
    if _git(root, "rev-parse", "--is-shallow-repository").strip() != b"false":
        return History()  # a clone without history would date everything to its last commit
    log = ("log", "--format=%x01%H %cI", "--name-only", "-z", "--no-renames")
    found: dict[str, list[Change]] = {}
    for commit in _git(root, *log, "--relative", "--", folder).split(b"\x01")[1:]:
        head, _, names = commit.partition(b"\0")
        sha, _, at = head.decode().strip().partition(" ")
        change = Change(datetime.fromisoformat(at).astimezone(UTC), sha)
        for name in names.decode("utf-8", errors="replace").split("\0"):
            if name := name.strip("\n"):
                found.setdefault(name, []).append(change)
    return History(root, {path: tuple(changes) for path, changes in found.items()})


def milestones(history: History, postmortems: Iterable[Postmortem]) -> Milestones:
    """When each was published and its items done, as far as history tells.

    Versions are read from the newest back, and only as far as needed: until one that is not
    published yet, and that has no item done which is done now. What was there when the archive
    was brought in says nothing of when it happened.
    """
    if history.root is None:
        return Milestones()
    first = Counter(changes[-1].commit for changes in history.changes.values())
    published: dict[str, datetime] = {}
    done: dict[tuple[str, str], date] = {}
    with _versions(history.root) as read_version:
        for p in postmortems:
            ids = {item.id for item in p.action_items if item.status == "done"}
            is_published = p.status in {"published", "closed"}
            for change in history.changes.get(p.path, ()):
                if not is_published and not ids:
                    break
                text = read_version(change.commit, p.path)
                imported = first[change.commit] >= IMPORT
                if is_published and (is_published := bool(_PUBLISHED.search(text))):
                    published[p.id] = change.at
                    if imported:
                        del published[p.id]
                if ids:
                    items = model.action_items(document.parse_bytes(text, p.path).data)
                    ids &= {item.id for item in items if item.status == "done"}
                    for id_ in ids:
                        done[p.id, id_] = change.at.date()
                        if imported:
                            del done[p.id, id_]
    return Milestones(published, done)


@contextmanager
def _versions(root: Path) -> Iterator[Callable[[str, str], bytes]]:
    """A function from commit and path to the text of then; b"" where there was none."""
    git = subprocess.Popen(
        [*GIT, "cat-file", "--batch"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert git.stdin and git.stdout
    stdin, stdout = git.stdin, git.stdout

    def read_version(commit: str, path: str) -> bytes:
        if "\n" in path:
            return b""
        stdin.write(f"{commit}:{path}\n".encode())
        stdin.flush()
        head = stdout.readline().split()
        if len(head) != 3 or head[1] != b"blob":
            return b""
        return stdout.read(int(head[2]) + 1)[:-1]

    try:
        yield read_version
    finally:
        git.communicate()


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            [*GIT, *arguments], cwd=root, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
