"""Finds `schemas/` and `templates/`: the user's repository first, then the packaged ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

# the finished postmortem that every repository can start with, below `root()`
EXAMPLE = "incidents/2025/2025-10-20-weekly-report-sorts-weeks-as-text.md"


@cache
def root() -> Path:
    """The folder with the packaged `schemas/` and `templates/`; in a checkout, the checkout's."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "_assets"
    return packaged if packaged.is_dir() else package.parents[1]


def find(folder: str, name: str, repository: Path | None = None) -> Path:
    """Path of `folder/name`; a repository's own file wins over the packaged one."""
    if repository is not None and (own := repository / folder / name).is_file():
        return own
    return root() / folder / name
