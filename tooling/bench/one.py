"""Time what people wait for on one file, whole process, as ratios to `python -c pass`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import timing

ROOT = Path(__file__).resolve().parents[2]
CLEAN = "incidents/2025/2025-05-14-revenue-drops-new-product-line.md"
FAULTY = CLEAN.replace("revenue-drops", "revenue-falls")
PASS, CLICK = "python -c pass", "python -c 'import click'"
VERSION = "incident --version"
RUNS = 20


def archive(root: Path) -> None:
    """This repository's postmortems in a repository of their own, one of them with findings."""
    shutil.copytree(ROOT / "incidents", root / "incidents")
    text = (root / CLEAN).read_text(encoding="utf-8")
    text = text.replace(Path(CLEAN).stem, Path(FAULTY).stem).replace("severity: P1", "severity: P9")
    text = text.replace("\n## Root cause\n", "\n## Root cause\n\nIt was human error.\n")
    (root / FAULTY).write_text(text, encoding="utf-8")
    (root / "incident.toml").write_text("")
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "archive"]):
        subprocess.run([*git, *command], cwd=root, check=True)


def cases() -> list[tuple[str, list[str], str, float]]:
    """What runs: name, command, the run it is compared with, at most how many times as long."""
    python, incident = sys.executable, str(Path(sys.executable).parent / "incident")
    new = [incident, "new", "Orders are late", "--severity", "P2", "--owner", "data-platform"]
    new += ["--kind", "freshness", "--detected-at", "20m", "--stdout"]
    return [
        (PASS, [python, "-c", "pass"], PASS, 1),
        (CLICK, [python, "-c", "import click"], PASS, 0),
        (VERSION, [incident, "--version"], CLICK, 1.4),
        ("lint --no-cache, clean", [incident, "lint", "--no-cache", CLEAN], PASS, 10),
        ("lint --no-cache, findings", [incident, "lint", "--no-cache", FAULTY], PASS, 13),
        ("lint, clean, cached", [incident, "lint", CLEAN], PASS, 7),
        ("lint, findings, cached", [incident, "lint", FAULTY], PASS, 7),
        ("new … --stdout", new, PASS, 12),
    ]


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repository")
        archive(root)
        os.environ["XDG_CACHE_HOME"] = str(Path(folder, "cache"))
        times: dict[str, list[timing.Used]] = {}
        for run in range(RUNS + 2):  # in turn, so that a busy moment slows all; two to warm up
            for name, command, _, _ in cases():
                used = timing.run(command, root)
                if run >= 2:
                    times.setdefault(name, []).append(used)
    print(f"{timing.machine()}, median of {RUNS}\n")
    print("| run | ms | CPU ms | ratio | of | goal | |\n|---|---|---|---|---|---|---|")
    middle = {name: timing.median(every) for name, every in times.items()}
    for name, _, base, goal in cases():
        used, ratio = middle[name], middle[name].wall / middle[base].wall
        missed = "missed" if goal and ratio > goal else ""
        print(f"| {name} | {used.wall * 1000:.0f} | {used.cpu * 1000:.0f} ", end="")
        print(f"| {ratio:.1f} | {base} | {f'{goal:g}' if goal else ''} | {missed} |")


if __name__ == "__main__":
    main()
