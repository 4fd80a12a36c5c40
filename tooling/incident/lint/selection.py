"""Which files a run is narrowed to: what a branch or the index changes, as git tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from incident.git import diff
from incident.repository.config import shown_path


@dataclass(frozen=True)
class Changes:
    """Paths from the repository's root, as `Config.relative` shows them.

    `staged`: content of the index where it is another.
    """

    changed: frozenset[str]
    deleted: frozenset[str]
    staged: dict[str, bytes]


def since(root: Path, ref: str) -> Changes:
    """What differs from the merge base with `ref`, untracked files included.

    Raises UsageError on an unknown `ref`, IncidentError where git fails.
    """
    base = diff.merge_base(root, ref)
    changed = _diff(root, "--diff-filter=d", base)
    untracked = diff.listed(root, "ls-files", "-z", "--others", "--exclude-standard")
    deleted = _diff(root, "--diff-filter=D", base)
    return Changes(_shown(changed | frozenset(untracked)), _shown(deleted), {})


def staged(root: Path) -> Changes:
    """What the index changes against HEAD, with its own content. Raises IncidentError."""
    changed = _diff(root, "--cached", "--diff-filter=d")
    deleted = _diff(root, "--cached", "--diff-filter=D")
    # what the folder has otherwise, or no more
    other = _diff(root) & changed
    contents = {shown_path(path): diff.staged(root, path) for path in other if path.endswith(".md")}
    return Changes(_shown(changed), _shown(deleted), contents)


def _shown(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(shown_path(path) for path in paths)


def _diff(root: Path, *arguments: str) -> frozenset[str]:
    """The paths that `git diff` lists, relative to `root`."""
    options = ("--name-only", "--relative", "--no-ext-diff", "-z")
    return frozenset(diff.listed(root, "diff", *options, *arguments, "--"))
