"""Where a user's caches are: outside of all repositories, so no pull request can supply one."""

from __future__ import annotations

import os
from pathlib import Path


def place(name: str) -> Path:
    """The file `name` in the cache: in $XDG_CACHE_HOME, else ~/.cache. RuntimeError: no home."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    folder = Path(base) if base else Path.home() / ".cache"
    return folder / "incident-docs" / name
