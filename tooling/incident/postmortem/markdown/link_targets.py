"""Where in the repository a link leads: the answer for the linter, the wiki and imports."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path


def places(path: str, here: str) -> list[str]:
    """Paths from the root of the repository that a link in the file at `here` may mean, best first.

    A path that starts with a slash is one from the root; so is any other that leads nowhere from
    the file. A path that leaves the repository is left out.
    """
    from_root = posixpath.normpath(path.lstrip("/"))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
    found = [from_root] if path.startswith("/") else [beside, from_root]
    return [one for one in dict.fromkeys(found) if not _leaves(one, here)]


def existing(path: str, here: str, root: Path) -> Iterator[str]:
    """The places of a link at which the repository has a file or a folder."""
    for place in places(path, here):
        try:
            if (root / place).exists():
                yield place
        except (OSError, ValueError):  # no name of a file: too long, or with a NUL
            continue


def _leaves(path: str, here: str) -> bool:
    """Whether a path leaves the repository that contains the document."""
    return path.split("/", 1)[0] == ".." and not here.startswith(("/", "../"))
