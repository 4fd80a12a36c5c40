"""Export 10,000 incidents twice: time, memory, the same bytes, the figures of `incident stats`."""

from __future__ import annotations

import filecmp
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

COUNT = 10_000
INCIDENT = Path(sys.executable).parent / "incident"
TEAMS = ("data-platform", "ingestion", "analytics-engineering", "merchandising")
METHODS = ("test", "monitor", "engineer", "consumer")


def document(number: int, chance: random.Random) -> tuple[str, str]:
    """Id and text of one made-up postmortem."""
    started = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(3_000_000))

    def after(minutes: int) -> str:
        return (started + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%MZ")

    def day(days: int) -> str:
        return (started + timedelta(days=days)).strftime("%Y-%m-%d")

    id_ = f"{started:%Y-%m-%d}-made-up-{number}"
    table = f"fct_{chance.randrange(400)}"
    items = "".join(
        f'  - {{id: AI-{k}, title: "Add a row-count test on {table}, 3 sigma", type: detect,'
        f' owner: {chance.choice(TEAMS)}, due: "{day(chance.randrange(90))}",'
        f" status: {chance.choice(('done', 'committed', 'proposed', 'wont_do'))}}}\n"
        for k in range(1, 1 + chance.randrange(1, 4))
    )
    detected, resolved = chance.randrange(600), 600 + chance.randrange(3000)
    text = f"""\
---
schema_version: 1
id: {id_}
title: "{table} was wrong, case {number}"
status: {chance.choice(("published", "closed"))}
severity: {chance.choice(("P0", "P1", "P2", "P3"))}
kind: volume
cause_category: code_change
trigger: deploy
owner: {chance.choice(TEAMS)}
roles: {{incident_lead: h{chance.randrange(50)}}}
timestamps:
  started_at: "{after(0)}"
  detected_at: "{after(detected)}"
  corrected_at: "{after(resolved)}"
  resolved_at: "{after(resolved)}"
detection: {{method: {chance.choice(METHODS)}}}
impact:
  summary: "Numbers were wrong."
  assets:
    - {{ref: "dbt:model.made_up.{table}", role: root}}
    - {{ref: "dbt:exposure.made_up.dashboard", role: exposure}}
action_items:
{items}tags: [made-up]
---

## Summary

{"The load wrote rows twice, and the dashboard showed it. " * 12}

## Timeline

- {after(0)} **started**: rows were written twice
- {after(detected)} **detected**: the number was seen
- {after(resolved)} **resolved**: the partition was rewritten

## Root cause

{"A retry without a key wrote the same rows again. " * 12}
"""
    return id_, text


def fill(root: Path) -> None:
    chance = random.Random(7)
    for number in range(COUNT):
        id_, text = document(number, chance)
        path = root / "incidents" / id_[:4] / f"{id_}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "made up"],
    ):
        subprocess.run(["git", *arguments], cwd=root, check=True)


def export(root: Path, out: str, form: str) -> float:
    begun = time.perf_counter()
    command = [INCIDENT, "-q", "export", "--out", out, "--format", form]
    subprocess.run(command, cwd=root, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def same(one: Path, two: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    return filecmp.cmpfiles(one, two, names, shallow=False)[0] == names


def figures(root: Path, out: Path) -> tuple[object, object]:
    """Of the exported table in DuckDB, and of `incident stats`."""
    import duckdb

    measured = duckdb.execute(
        f"select count(*), count(minutes_to_detect), median(minutes_to_detect),"
        f" percentile_disc(0.9) within group (order by minutes_to_detect)"
        f" from read_json('{out}/incidents.ndjson', sample_size=-1)"
    )
    command = [INCIDENT, "stats", "--format", "json"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True)
    stats = json.loads(done.stdout)
    detect = stats["lengths"]["detect"]
    told = (stats["incidents"], detect["n"], detect["median_minutes"], detect["p90_minutes"])
    return measured.fetchone(), told


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        fill(root)
        print(
            f"{platform.python_implementation()} {platform.python_version()}, "
            f"{platform.machine()}, {os.cpu_count()} cores, {COUNT:,} incidents\n"
        )
        print("| export | seconds | MB | same bytes twice |\n|---|---|---|---|")
        for form in ("ndjson", "csv", "parquet"):
            took = min(export(root, f"{form}-{number}", form) for number in (1, 2))
            one, two = root / f"{form}-1", root / f"{form}-2"
            size = sum(path.stat().st_size for path in one.iterdir()) / 1e6
            print(f"| {form} | {took:.1f} | {size:.1f} | {same(one, two)} |", flush=True)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"\npeak memory {peak:.0f} MB")
        exported, told = figures(root, root / "ndjson-1")
        print(f"figures (incidents, n, median, p90): {exported} exported, {told} of stats")
        begun = time.perf_counter()
        command = [INCIDENT, "new", "fct_7 was wrong again", "--severity", "P2", "--owner", "a"]
        command += ["--asset", "dbt:model.made_up.fct_7", "--stdout"]
        done = subprocess.run(command, cwd=root, check=True, capture_output=True)
        took = time.perf_counter() - begun
        print(f"incident new, with the three nearest of them: {took:.1f} s")
        print(done.stderr.decode().split("before?")[-1].strip("\n"))


if __name__ == "__main__":
    main()
