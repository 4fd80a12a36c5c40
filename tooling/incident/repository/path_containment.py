"""Where a path really leads: a repository's files must not lead out of it."""

from __future__ import annotations

import os
from pathlib import Path

_MARKS = (".git", "incident.toml", "pyproject.toml")


def leads_out(path: Path, root: Path) -> bool:
    """Whether `path` stands below `root` and is in truth elsewhere, or in git's own folder.

    A path that is written as one outside of `root` is not meant. Raises OSError, RuntimeError and
    ValueError where links form a loop or the name has a NUL.
    """
    if not Path(os.path.normpath(path.absolute())).is_relative_to(root.absolute()):
        return False
    real, home = path.resolve(), root.resolve()
    return not real.is_relative_to(home) or ".git" in real.relative_to(home).parts


def repository(path: Path) -> Path | None:
    """The git repository that `path` is written into; without git, the folder with a configuration.

    None where it is neither.
    """
    parents = Path(os.path.normpath(path.absolute())).parents
    for mark in _MARKS:
        if found := next((folder for folder in parents if (folder / mark).exists()), None):
            return found
    return None


def strays(place: str, root: Path) -> bool:
    """Whether a path that a configuration names is not one below `root`. Raises as `leads_out`."""
    path = Path(place)
    named = path.is_absolute() or {"..", ".git"} & set(path.parts) or not place.isprintable()
    return bool(named) or leads_out(root / path, root)
