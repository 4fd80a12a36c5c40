"""Peak memory of what reads a whole archive: `lint` of 10,000, the lists of 20,000 postmortems."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import corpus
import timing

INCIDENT = str(Path(sys.executable).parent / "incident")
LINT = ("lint", "incidents")
LISTS = (("stats",), ("actions", "list"), ("list",))


def main() -> None:
    print(f"{timing.machine()}\n")
    print("| postmortems | run | peak MB | at most | s | CPU s |\n|---|---|---|---|---|---|")
    for count, commands, most in ((10_000, (LINT, LINT), 200), (20_000, LISTS, 400)):
        with tempfile.TemporaryDirectory() as folder:
            corpus.write(Path(folder), count)
            Path(folder, "incident.toml").write_text("")
            os.environ["XDG_CACHE_HOME"] = str(Path(folder, ".cache"))
            for command in commands:
                used = timing.run([INCIDENT, *command], Path(folder))
                print(f"| {count:,} | {' '.join(command)} | {used.peak:.0f} ", end="")
                print(f"| {most} | {used.wall:.1f} | {used.cpu:.1f} |", flush=True)


if __name__ == "__main__":
    main()
