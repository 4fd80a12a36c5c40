"""Where a path really leads: a repository's files must stay inside it."""

from __future__ import annotations

import os
from pathlib import Path

_MARKS = (".git", "incident.toml", "pyproject.toml")


def escapes(path: Path, root: Path) -> bool:
    """Whether `path` is written as below `root` but is really elsewhere, or in the git directory.

    A path written as outside `root` does not count. Raises OSError, RuntimeError and ValueError if
    links form a loop or the name has a NUL.
    """
    if not Path(os.path.normpath(path.absolute())).is_relative_to(root.absolute()):
        return False
    real, home = path.resolve(), root.resolve()
    return not real.is_relative_to(home) or ".git" in real.relative_to(home).parts


def repository(path: Path) -> Path | None:
    """The git repository around `path`; without git, the nearest folder with a configuration.

    None if there is neither.
    """
    parents = Path(os.path.normpath(path.absolute())).parents
    for mark in _MARKS:
        if found := next((folder for folder in parents if (folder / mark).exists()), None):
            return found
    return None


def names_outside(place: str, root: Path) -> bool:
    """Whether a path that a configuration names is not one below `root`. Raises as `escapes`."""
    path = Path(place)
    named = path.is_absolute() or {"..", ".git"} & set(path.parts) or not place.isprintable()
    return bool(named) or escapes(root / path, root)
