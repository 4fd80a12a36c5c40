"""A stamp that lets caches notice that the package itself has changed."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import incident
from incident.text.digests import blake2b


@cache
def code_stamp() -> str:
    """Version, and the size and time of every file of the package: code, word lists, resources."""
    package = Path(incident.__file__).parent
    start = len(str(package))
    stamp = blake2b(incident.__version__.encode(), digest_size=16)
    for folder, below, names in os.walk(package):
        below[:] = sorted(name for name in below if name != "__pycache__")
        for name in sorted(names):
            path = os.path.join(folder, name)  # noqa: PTH118 - some hundred files in each run
            stat = os.stat(path)  # noqa: PTH116
            stamp.update(f"{path[start:]} {stat.st_size} {stat.st_mtime_ns}\0".encode())
    return stamp.hexdigest()
