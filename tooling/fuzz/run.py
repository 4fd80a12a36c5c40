"""Fuzz the parsers: `make fuzz SECONDS=60`, or `make fuzz RUNS=1000000 TARGETS="csv slack"`.

Each target of `targets.py` runs in its own process. atheris guides it by the lines that its inputs
reach, and keeps those that reach new ones below build/fuzz/. `BLIND=1` changes these at random:
several times as fast, and it finds less. An input is a crash when the target raises, or takes over
a second of the processor; it is kept, and the run goes on. A line a target: inputs tried, inputs a
second, the worst input, the memory held, crashes. Exits 1 if there was a crash.

atheris has no wheel for every Python, so no lock holds it: `make fuzz` installs it where it is
missing; where it cannot, the run is blind.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import resource
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "fuzz"
MOST_SECONDS = 1.0
MOST_MEGABYTES = 1024


class Watch:
    """Counts inputs, times them, keeps those that crash: one of each kind."""

    def __init__(self, name: str, check: Any) -> None:
        self.name, self.check = name, check
        self.tried, self.worst, self.slowest = 0, 0.0, b""
        self.begun = time.monotonic()
        self.kinds: dict[str, str] = {}
        self.folder = OUT / name
        self.folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        begun = time.process_time()
        try:
            self.check(data)
        except Exception as error:
            places = traceback.extract_tb(error.__traceback__)
            last = [p for p in places if f"{os.sep}incident{os.sep}" in p.filename] or places
            kind = f"{type(error).__name__} at {Path(last[-1].filename).name}:{last[-1].lineno}"
            self.keep(kind, data, traceback.format_exc())
        took = time.process_time() - begun
        self.tried += 1
        if took > self.worst:
            self.worst, self.slowest = took, data
            if took > MOST_SECONDS:
                self.keep("over a second", data, f"{took:.2f} s")
        if self.tried % 1000 == 0:
            self.report()

    def keep(self, kind: str, data: bytes, story: str) -> None:
        """Write an input of a kind that is new."""
        if kind in self.kinds:
            return
        name = hashlib.sha256(kind.encode()).hexdigest()[:12]
        (self.folder / f"{name}.input").write_bytes(data)
        (self.folder / f"{name}.txt").write_text(f"{kind}\n{data!r}\n{story}")
        self.kinds[kind] = name
        self.report()

    def report(self) -> None:
        """Report progress to the process that waits."""
        figures = {
            "tried": self.tried,
            "seconds": round(time.monotonic() - self.begun, 1),
            "worst": round(self.worst, 4),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "crashes": self.kinds,
        }
        (self.folder / "worst.input").write_bytes(self.slowest)
        (self.folder / "figures.json").write_text(json.dumps(figures))


def one(name: str, seconds: int, runs: int, blind: bool) -> None:
    """Fuzz one target in this process; guided, it does not return."""
    os.environ["XDG_CACHE_HOME"] = str(OUT / "cache")
    try:
        import atheris
    except ImportError:
        blind = True
    with nullcontext() if blind else atheris.instrument_imports(include=["incident"]):
        from fuzz.targets import TARGETS

        target = TARGETS[name]
        for seed in target.seeds:
            target.check(seed)  # imports what is imported late
    watch = Watch(name, target.check)
    corpus = watch.folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (corpus / f"seed{number}").write_bytes(seed)
    if blind:
        known = [path.read_bytes() for path in sorted(corpus.iterdir())]
        chance = random.Random(os.urandom(8))
        until = time.monotonic() + seconds
        while time.monotonic() < until and not (runs and watch.tried >= runs):
            watch(changed(chance, known)[: target.longest])
        watch.report()
        return
    limits = [f"-max_total_time={seconds}", f"-max_len={target.longest}", "-timeout=60"]
    limits += [f"-rss_limit_mb={MOST_MEGABYTES}", f"-artifact_prefix={watch.folder}/"]
    limits += [f"-runs={runs}"] if runs else []
    atheris.Setup([sys.argv[0], *limits, str(corpus)], watch)
    atheris.Fuzz()


def changed(chance: random.Random, known: list[bytes]) -> bytes:
    """One of the known inputs, changed in one to eight places."""
    data = bytearray(chance.choice(known))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice((0, 0, 1, 1, 2, 4, 16)))
        other = chance.choice(known)
        begin = chance.randrange(len(other) + 1)
        new = (chance.randbytes(1), chance.randbytes(3), b"", other[begin : begin + 12])
        data[at:end] = chance.choice((*new, data[at:end] * 2))
    return bytes(data)


def follow(name: str, seconds: int, runs: int, blind: bool) -> dict[str, Any]:
    """Fuzz one target in a process of its own; its figures."""
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "figures.json").unlink(missing_ok=True)
    command = [sys.executable, __file__, "--one", name]
    command += ["--seconds", str(seconds), "--runs", str(runs), *(["--blind"] if blind else [])]
    with (folder / "log.txt").open("wb") as log:
        code = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    try:
        figures: dict[str, Any] = json.loads((folder / "figures.json").read_text())
    except OSError:
        figures = {"tried": 0, "seconds": 0, "worst": 0, "megabytes": 0, "crashes": {}}
    said = (folder / "log.txt").read_text(errors="replace")
    if done := re.search(r"^Done (\d+) runs in (\d+) second", said, re.MULTILINE):
        figures.update(tried=int(done[1]), seconds=int(done[2]))
    if code:
        figures["crashes"][f"ended with {code}: see {folder / 'log.txt'}"] = "log"
    return figures


def main() -> int:
    """Fuzz the targets that are named, else all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--one")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--runs", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--blind", action="store_true")
    given = parser.parse_args()
    sys.path[:0] = [str(ROOT / "tooling"), str(ROOT / "tooling" / "tests")]
    if given.one:
        one(given.one, given.seconds, given.runs, given.blind)
        return 0
    from fuzz.targets import TARGETS

    names = given.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        print(f"no target {', '.join(sorted(unknown))}; there are: {', '.join(TARGETS)}")
        return 2
    print(f"{'target':<16} {'inputs':>10} {'a second':>9} {'worst':>8} {'memory':>7}  crashes")
    failed = False
    with ThreadPoolExecutor(given.jobs) as pool:
        results = pool.map(lambda name: follow(name, given.seconds, given.runs, given.blind), names)
        for name, found in zip(names, results, strict=True):
            rate = found["tried"] / max(found["seconds"], 0.1)
            print(
                f"{name:<16} {found['tried']:>10,} {rate:>9,.0f} {found['worst'] * 1000:>5.0f} ms "
                f"{found['megabytes']:>4} MB  {len(found['crashes'])}",
                flush=True,
            )
            for kind, at in found["crashes"].items():
                failed = True
                print(f"    {kind} (build/fuzz/{name}/{at}.txt)", flush=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
