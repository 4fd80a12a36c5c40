"""Which files a run reads, and on which it reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from incident.archive.files import expand, postmortem_paths
from incident.repository.config import Config, shown_path


class Changes(NamedTuple):
    """Paths from the repository root, as `Config.relative` shows them.

    `staged`: content of the index where it differs.
    """

    changed: frozenset[str]
    deleted: frozenset[str]
    staged: dict[str, bytes]


class Selection(NamedTuple):
    """The files a run reads: `paths` by the path shown. It reports on those in `asked`.

    `contents`: checked in place of a file's own text. `deleted`: whether the checked change removes
    a file from the archive.
    """

    paths: Mapping[str, Path]
    asked: frozenset[str]
    contents: Mapping[str, bytes]
    deleted: bool

    @property
    def on_disk(self) -> list[tuple[str, Path]]:
        """The files whose own text is checked."""
        return [(shown, path) for shown, path in self.paths.items() if shown not in self.contents]


def select(
    config: Config,
    paths: Iterable[Path],
    changes: Changes | None = None,
    contents: Mapping[str, bytes] | None = None,
) -> Selection:
    """Files as given, folders with everything below. Raises UsageError on a missing path.

    `changes` narrows them to what git reports as changed. With `contents`, only those are reported.
    If anything in the archive is requested, all of it is read: rules compare postmortems.
    """
    named = tuple(paths)
    found = {config.relative(path): path for path in expand(named)}
    if contents is not None:
        found.update({shown: config.root / shown for shown in contents})
        asked = frozenset(contents)
    elif changes is not None:
        # a staged file may be gone from the folder
        for shown in changes.staged:
            if config.in_archive(shown):
                found.setdefault(shown, config.root / shown)
        asked = frozenset(found.keys() & changes.changed)
    else:
        asked = frozenset(found)
    deleted = changes is not None and any(map(config.in_archive, changes.deleted))
    if not deleted and not any(map(config.in_archive, asked)):
        found = {shown: path for shown, path in found.items() if shown in asked}
    elif not any(path.absolute() == config.archive_dir for path in named):
        for path in postmortem_paths(config.archive_dir):
            found.setdefault(config.relative(path), path)
    instead = {**(changes.staged if changes else {}), **(contents or {})}
    return Selection(found, asked, instead, deleted)


def since(root: Path, ref: str) -> Changes:
    """Everything that differs from the merge base with `ref`, including untracked files.

    Raises UsageError on an unknown `ref`, IncidentError if git fails.
    """
    from incident.git import diff

    base = diff.merge_base(root, ref)
    changed = diff.names(root, "--diff-filter=d", base)
    deleted = diff.names(root, "--diff-filter=D", base)
    return Changes(_shown(changed | frozenset(diff.untracked(root))), _shown(deleted), {})


def staged(root: Path) -> Changes:
    """Everything that the index changes relative to HEAD. Raises IncidentError."""
    from incident.git import diff

    index = diff.index_of_commit(root)
    changed = diff.names(root, "--cached", "--diff-filter=d", index=index)
    deleted = diff.names(root, "--cached", "--diff-filter=D", index=index)
    # files that differ in the folder, or are gone
    other = diff.names(root, index=index) & changed
    contents = {
        shown_path(path): diff.staged(root, path, index) for path in other if path.endswith(".md")
    }
    return Changes(_shown(changed), _shown(deleted), contents)


def _shown(paths: frozenset[str]) -> frozenset[str]:
    return frozenset(shown_path(path) for path in paths)
