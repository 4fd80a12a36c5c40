"""Time the linter next to its peers, in one run: cold, warm, one changed file, peak memory.

rumdl and markdownlint-cli2 check Markdown's form; the other three check wording, as this linter
does. A ratio shows how long people wait, not which tool does more. Slow peers get fewer files and
are compared per file. Usage: lint.py [COUNT ...], by default 2000 and 10000 postmortems.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import corpus
import timing

PYTHON_PEERS = ("rumdl==0.3.0", "proselint==0.16.0")
NODE_PEERS = ("markdownlint-cli2@0.24.1", "write-good@1.0.8", "alex@11.0.1")
SIZES, FEW = (2_000, 10_000), 200  # FEW: files for slow peers
TOOLS = Path(__file__).resolve().parents[2] / "build" / "bench"
BIN = Path(sys.executable).parent
LINT = [str(BIN / "incident"), "lint"]


def install() -> None:
    """Install the peers into build/bench. Raises CalledProcessError, e.g. without a network."""
    python = TOOLS / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([BIN / "uv", "venv", "--quiet", TOOLS / "venv"], check=True)
    pip: list[str | Path] = [BIN / "uv", "pip", "install", "--quiet", "--python", python]
    subprocess.run([*pip, *PYTHON_PEERS], check=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", TOOLS, *NODE_PEERS], check=True)


class Archive:
    """Invented postmortems in a git repository of their own."""

    def __init__(self, root: Path, count: int) -> None:
        self.root, self.count, self.changes = root, count, 0
        root.mkdir()
        corpus.write(root, count)
        (root / "incident.toml").write_text("")
        (root / ".gitignore").write_text(".cache\n.rumdl_cache\n")
        git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "archive"]):
            subprocess.run([*git, *command], cwd=root, check=True)
        self.files = sorted(str(path.relative_to(root)) for path in root.glob("incidents/*/*.md"))
        os.environ["XDG_CACHE_HOME"] = str(root / ".cache")

    def forget(self) -> None:
        """Remove everything that linters keep between runs."""
        shutil.rmtree(self.root / ".cache", ignore_errors=True)
        shutil.rmtree(self.root / ".rumdl_cache", ignore_errors=True)

    def change(self) -> None:
        """Give one file a text that no linter has seen."""
        self.changes += 1
        with (self.root / self.files[0]).open("a", encoding="utf-8") as file:
            file.write(f"\nOn the next day, the count was {self.changes}.\n")

    def findings(self) -> int:
        """How many diagnostics there are."""
        command = [*LINT, "--format", "json", "incidents"]
        done = subprocess.run(command, cwd=self.root, capture_output=True, check=False)
        return len(json.loads(done.stdout)["diagnostics"])


class Table:
    """Prints a row for each run, and keeps the figures that the goals are about."""

    def __init__(self) -> None:
        self.seconds: dict[tuple[str, int], float] = {}  # per file, by run and cores
        self.peak: dict[str, float] = {}
        print("| postmortems | run | 1 core s | ms a file | of rumdl ", end="")
        print("| 2 cores s | ms a file | of rumdl | peak MB |")
        print("|---|---|---|---|---|---|---|---|---|")

    def row(
        self, archive: Archive, name: str, command: list[str], before: Callable[[], None]
    ) -> None:
        """Time a command on one core and on two. `before` runs before each run."""
        cells = []
        for cores in (1, 2):
            jobs = ["--jobs", str(cores)] if command[:2] == LINT else []
            used = timing.repeat([*command, *jobs], archive.root, cores, before)
            each = self.seconds[name, cores] = used.wall / archive.count
            ratio = each / self.seconds["rumdl, cold", cores]
            cells += [f"{used.wall:.2f}", f"{each * 1000:.2f}", f"{ratio:.2f}"]
        self.peak[name] = used.peak
        print(f"| {archive.count:,} | {name} | {' | '.join(cells)} | {used.peak:.0f} |", flush=True)

    def goals(self, count: int) -> list[tuple[str, float, float]]:
        """The goals for an archive of this size: what, the figure, at most what."""
        cold, two = self.seconds["lint, cold", 1], self.seconds["lint, cold", 2]
        found = [
            ("cold, 2 cores, of rumdl", two / self.seconds["rumdl, cold", 2], 3),
            ("cold, 2 cores, of write-good", two / self.seconds["write-good", 2], 0.25),
            ("cold, 1 core, of 2", cold / two, 1.9),
            (
                "warm with excerpts, s per 2,000",
                self.seconds["lint, warm, excerpts", 2] * 2000,
                0.3,
            ),
            (
                "--changed-since of that file alone",
                self.seconds["lint --changed-since, one file", 2]
                / self.seconds["lint FILE, that file", 2],
                1.5,
            ),
            ("peak MB", self.peak["lint, cold"], 200),
        ]
        return [(f"{count:,}: {what}", figure, most) for what, figure, most in found]


def ours(table: Table, archive: Archive) -> None:
    """The rows of one archive: rumdl and this linter."""

    def keep() -> None:
        pass

    rumdl = [str(TOOLS / "venv" / "bin" / "rumdl"), "check", "incidents"]
    concise = [*LINT, "--format", "concise", "incidents"]
    table.row(archive, "rumdl, cold", rumdl, archive.forget)
    table.row(archive, "rumdl, warm", rumdl, keep)
    table.row(archive, "lint, cold", concise, archive.forget)
    table.row(archive, "lint, warm", concise, keep)
    table.row(archive, "lint, warm, excerpts", [*LINT, "incidents"], keep)
    table.row(archive, "lint FILE, that file", [*LINT, archive.files[0]], archive.change)
    since = [*LINT, "--changed-since", "HEAD"]
    table.row(archive, "lint --changed-since, one file", since, archive.change)


def peers(table: Table, archive: Archive) -> None:
    """The rows of the slow peers, each with a plain command line."""
    node = TOOLS / "node_modules" / ".bin"
    for name, command in {
        "markdownlint-cli2": [str(node / "markdownlint-cli2"), "incidents/**/*.md"],
        "write-good": [str(node / "write-good"), *archive.files],
        "proselint": [str(TOOLS / "venv" / "bin" / "proselint"), "check", *archive.files],
        "alex": [str(node / "alex"), "incidents"],
    }.items():
        table.row(archive, name, command, archive.forget)


def main() -> None:
    install()
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    print(f"{timing.machine()}; {', '.join(PYTHON_PEERS + NODE_PEERS)}")
    print(f"Median of 3 runs, or of as many as fit in 20 s; slow peers on {FEW} files\n")
    with tempfile.TemporaryDirectory() as folder:
        table, goals, findings = Table(), [], {}
        few = Archive(Path(folder, "few"), FEW)
        table.row(
            few, "rumdl, cold", [str(TOOLS / "venv/bin/rumdl"), "check", "incidents"], few.forget
        )
        peers(table, few)
        for size in sizes:
            archive = Archive(Path(folder, str(size)), size)
            ours(table, archive)
            goals += table.goals(size)
            findings[size] = archive.findings()
    print("\nFindings: " + ", ".join(f"{n:,} in {size:,} files" for size, n in findings.items()))
    print("\n| goal | figure | at most | |\n|---|---|---|---|")
    for what, figure, most in goals:
        print(f"| {what} | {figure:.2f} | {most:g} | {'' if figure <= most else 'missed'} |")


if __name__ == "__main__":
    main()
