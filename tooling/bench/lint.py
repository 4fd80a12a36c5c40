"""Time the linter with every rule on, beside rumdl and markdownlint-cli2, in one run.

Their rules are others (about 70 and 50 on Markdown's form): the ratio says how long people wait,
not who works harder. Usage: lint.py [COUNT ...], by default 1000 and 10000 postmortems.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import corpus

RUMDL = "rumdl==0.1.20"
MARKDOWNLINT = "markdownlint-cli2@0.18.1"
TOOLS = Path(__file__).resolve().parents[2] / "build" / "bench"
RUNS = 3


def install() -> tuple[str, str]:
    """The peers' commands; "" for one that cannot be installed here."""
    bin_ = Path(sys.executable).parent
    rumdl, linter = TOOLS / "venv/bin/rumdl", TOOLS / "node_modules/.bin/markdownlint-cli2"
    quiet = {"capture_output": True, "check": False}
    if not rumdl.exists():
        subprocess.run([bin_ / "uv", "venv", "-q", TOOLS / "venv"], **quiet)  # type: ignore[call-overload]
        target = ["--python", str(TOOLS / "venv/bin/python")]
        done = subprocess.run([bin_ / "uv", "pip", "install", "-q", *target, RUMDL], **quiet)  # type: ignore[call-overload]
        if done.returncode:
            subprocess.run([bin_ / "uv", "pip", "install", "-q", *target, "rumdl"], **quiet)  # type: ignore[call-overload]
    if not linter.exists() and shutil.which("npm"):
        subprocess.run(["npm", "install", "--prefix", TOOLS, "--silent", MARKDOWNLINT], **quiet)  # type: ignore[call-overload]
    return str(rumdl) if rumdl.exists() else "", str(linter) if linter.exists() else ""


def timed(command: list[str], cwd: Path, cores: int, before: Callable[[], None]) -> float:
    """Median wall seconds of `RUNS` runs on so many cores."""
    allowed = set(sorted(os.sched_getaffinity(0))[:cores])
    times = []
    for _ in range(RUNS):
        before()
        begun = time.perf_counter()
        subprocess.run(
            command,
            cwd=cwd,
            capture_output=True,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),
        )
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def version(command: str) -> str:
    """What a tool calls itself."""
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0][:60]


def main() -> None:
    counts = [int(arg) for arg in sys.argv[1:]] or [1000, 10000]
    rumdl, markdownlint = install()
    incident = str(Path(sys.executable).parent / "incident")
    names = [version(tool) for tool in (incident, rumdl, markdownlint) if tool]
    print(
        f"CPython {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; ",
        end="",
    )
    print(f"{'; '.join(names)}; median of {RUNS}\n")
    print("| postmortems | run | cores | seconds | files/s | of rumdl cold |")
    print("|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            corpus.write(root, count)
            (root / "incident.toml").write_text("")
            os.environ["XDG_CACHE_HOME"] = str(root / "cache")

            def forget(root: Path = root) -> None:
                shutil.rmtree(root / "cache", ignore_errors=True)
                shutil.rmtree(root / ".rumdl_cache", ignore_errors=True)

            def keep() -> None:
                pass

            ours = [incident, "lint", "--format", "concise", "incidents"]
            for cores in (1, 2):
                runs: list[tuple[str, list[str], Callable[[], None]]] = []
                if rumdl:
                    runs += [("rumdl, cold", [rumdl, "check", "incidents"], forget)]
                    runs += [("rumdl, warm", [rumdl, "check", "incidents"], keep)]
                runs += [("incident lint, cold", [*ours, "--jobs", str(cores)], forget)]
                runs += [("incident lint, warm", [*ours, "--jobs", str(cores)], keep)]
                if markdownlint and count <= 1000:
                    runs += [("markdownlint-cli2", [markdownlint, "incidents/**/*.md"], keep)]
                base = 0.0
                for name, command, before in runs:
                    seconds = timed(command, root, cores, before)
                    base = base or seconds
                    ratio = f"{seconds / base:.2f}" if rumdl else ""
                    row = f"| {count:,} | {name} | {cores} | {seconds:.2f} "
                    print(f"{row}| {count / seconds:,.0f} | {ratio} |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nPeak memory of the largest process: {peak:.0f} MB")


if __name__ == "__main__":
    main()
