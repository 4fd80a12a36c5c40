"""The files of an archive, and reading one of them safely."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from incident.errors import UsageError
from incident.repository.config import MAX_BYTES, Config
from incident.repository.path_containment import escapes
from incident.text import markdown_names


def postmortem_paths(folder: Path) -> Iterator[Path]:
    """Every Markdown file below `folder`, sorted, without hidden ones and README files.

    A name with another ending than .md is yielded, too: `read_bytes` says what to do about it.

    Symlinks are yielded but not followed into folders: `read` judges where they lead.
    """
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if markdown_names.is_postmortem(name):
                yield Path(parent, name)


# folders have many files, and resolving one takes longer than reading a file
_outside = lru_cache(maxsize=1024)(escapes)


def is_outside(path: Path, root: Path) -> bool:
    """Whether a file below `root` is really elsewhere, or nowhere: a loop of links."""
    try:
        return _outside(path.parent, root) or (path.is_symlink() and escapes(path, root))
    except (OSError, RuntimeError, ValueError):
        return True


def read_bytes(path: Path, config: Config) -> bytes | str:
    """The content of a file; or as text, why it was not read."""
    try:
        if _outside(path.parent, config.root) or (path.is_symlink() and escapes(path, config.root)):
            return "a symlink to a path outside the repository"
        if path.suffix != markdown_names.SUFFIX and markdown_names.is_markdown(path.name):
            return f"the name ends in {path.suffix}: rename it to {path.stem}.md"
        if not path.is_file():  # reading a pipe or a device might never end
            return "not a file"
        size = path.stat().st_size
        if size > 10 * MAX_BYTES:  # smaller oversized files get a diagnostic with a position
            return f"the file is {size / 1e6:.1f} MB (limit {MAX_BYTES / 1e6:.0f} MB)"
        return path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a name with a NUL
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as given, folders as their Markdown files. Raises UsageError on a missing path."""
    for path in paths:
        if path.is_dir():
            yield from postmortem_paths(path)
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise UsageError(f"{path} does not exist", "check the path")
