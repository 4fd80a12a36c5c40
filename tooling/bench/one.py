"""Time `incident lint` of one file, whole process, beside what it is made of."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS, WARM = 20, 3
VALID = ROOT / "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"


def median(command: list[str]) -> tuple[float, float]:
    """Median and least wall time in milliseconds."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for run in range(WARM + RUNS):
        begun = time.perf_counter()
        subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False)
        if run >= WARM:
            times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times), min(times)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        invalid = Path(folder) / VALID.name
        text = VALID.read_text(encoding="utf-8")
        invalid.write_text(text.replace("severity: P1", "severity: P9", 1), encoding="utf-8")
        incident = str(Path(sys.executable).parent / "incident")
        libraries = "import click, frontmatter, jsonschema_rs, tomllib, subprocess"
        rows = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "python -c 'import click'": [sys.executable, "-c", "import click"],
            "python, all libraries that lint needs": [sys.executable, "-c", libraries],
            "incident --version": [incident, "--version"],
            "incident lint --no-cache, one valid file": [
                incident,
                "lint",
                "--no-cache",
                str(VALID),
            ],
            "incident lint, one valid file, seen before": [incident, "lint", str(VALID)],
            "incident lint --no-cache, one the schema refuses": [
                incident,
                "lint",
                "--no-cache",
                str(invalid),
            ],
            "incident lint, one the schema refuses, seen before": [incident, "lint", str(invalid)],
        }
        print(
            f"{platform.python_implementation()} {platform.python_version()}, "
            f"{platform.machine()}, {os.cpu_count()} cores, median of {RUNS}\n"
        )
        print("| run | median ms | least ms |\n|---|---|---|")
        for name, command in rows.items():
            middle, least = median(command)
            print(f"| {name} | {middle:.0f} | {least:.0f} |", flush=True)


if __name__ == "__main__":
    main()
