"""Time whole processes: seconds and peak memory, as the system accounts for them."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple


class Used(NamedTuple):
    """What one process used, with the processes it started. `peak`: MB, of the largest of them."""

    wall: float
    cpu: float
    peak: float


def machine() -> str:
    """What the figures depend on, for the line above a table."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{platform.machine()}, {os.cpu_count()} cores"
    )


def run(command: Sequence[str | Path], cwd: Path, cores: int = 2) -> Used:
    """Run a command on so many cores; its exit code does not matter."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[:cores]))
    try:
        begun = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
    finally:
        os.sched_setaffinity(0, allowed)
    return Used(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def median(every: Sequence[Used]) -> Used:
    """The median of each figure."""
    return Used(*(statistics.median(one) for one in zip(*every, strict=True)))


def repeat(
    command: Sequence[str | Path],
    cwd: Path,
    cores: int = 2,
    before: Callable[[], object] = lambda: None,
    runs: int = 3,
    budget: float = 20,
) -> Used:
    """The median of `runs` runs, or of fewer once `budget` seconds are spent."""
    every: list[Used] = []
    while len(every) < runs and sum(one.wall for one in every) < budget:
        before()
        every.append(run(command, cwd, cores))
    return median(every)
