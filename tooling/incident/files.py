"""The files of an archive, and reading one of them safely."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from incident.config import Config
from incident.errors import UsageError


def files(folder: Path) -> Iterator[Path]:
    """Every Markdown file below `folder`, sorted; hidden folders and README files are none.

    Symlinks are yielded but not followed into folders: `read` judges where they lead.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".md") and not name.startswith(".") and name.lower() != "readme.md":
                yield Path(parent, name)


def read_bytes(path: Path, config: Config) -> bytes | str:
    """The content of a file; a text says why it was not read: it leads out, or cannot be opened."""
    try:
        if path.is_symlink() and not path.resolve().is_relative_to(config.root.resolve()):
            return "a symlink that leads out of the repository"
        if not path.is_file():  # a pipe or a device would be read for ever
            return "not a file"
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name with a NUL
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as they are, folders as their Markdown files. Raises UsageError on a missing path."""
    for path in paths:
        if path.is_dir():
            yield from files(path)
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise UsageError(f"{path} does not exist", "check the path")
