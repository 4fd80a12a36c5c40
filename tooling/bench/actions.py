"""Time the plan of `incident actions sync` for 10,000 postmortems with 50,000 action items.

Planning alone: the archive is read and the issues are listed before the clock starts.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from incident.actions import desired_issues, marker, plan, reminders
from incident.actions.tracker import Issue
from incident.postmortem.model import ActionItem, Postmortem
from incident.repository.config import Actions, Config

POSTMORTEMS, ITEMS = 10_000, 5
ACTIONS = Actions(accounts={"data-platform": "tidewater/dp"})
CONFIG = Config(root=Path(__file__).resolve().parents[2], actions=ACTIONS)


def archive(changed: bool = False, numbers: bool = False) -> list[Postmortem]:
    made = []
    for n in range(POSTMORTEMS):
        id_ = f"20{n % 25:02}-11-02-orders-late-in-region-{n}"
        items = tuple(
            ActionItem(
                i,
                id=f"AI-{i + 1}",
                title=f"Add a row-count test on table {n}-{i}, 3 sigma"
                + (", by region" if changed and (n * ITEMS + i) % 10 == 0 else ""),
                type="detect",
                owner="data-platform",
                due=date(2026, 12, 1 + i),
                priority="P1",
                status="committed",
                done_when=f"fails on a replay of 2026-11-02 for table {n}-{i}",
                verified_by=f"dbt:test.shop.table_{n}_{i}_row_count",
                issue=n * ITEMS + i + 1 if numbers else None,
            )
            for i in range(ITEMS)
        )
        made.append(
            Postmortem(
                f"incidents/{id_[:4]}/{id_}.md",
                id_,
                title=f"Orders of region {n} late for a day",
                status="published",
                severity="P1",
                owner="data-platform",
                times={"resolved_at": datetime(2026, 11, 3, tzinfo=UTC)},
                action_items=items,
            )
        )
    return made


def issues(postmortems: list[Postmortem]) -> list[Issue]:
    """The issues as a first sync opens them."""
    found, _ = desired_issues.read(postmortems, CONFIG, "https://github.com/tidewater/warehouse")
    text = "**Done when** a replay fails\n" * 20
    return [
        Issue(n, one.title, marker.render(text, one.state), labels=one.labels)
        for n, one in enumerate(found, 1)
    ]


STATES = ("no issue yet", "all in step", "one in ten changed", "numbers lost", "chase, all late")


def measure(state: str) -> None:
    """Print seconds, processor seconds, steps and peak memory of one state."""
    there = [] if state == "no issue yet" else issues(archive())
    numbers = state not in {"no issue yet", "numbers lost"}
    postmortems = archive(changed=state == "one in ten changed", numbers=numbers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    best = None
    for _ in range(3):
        wall, processor = time.perf_counter(), time.process_time()
        found, _ = desired_issues.read(
            postmortems, CONFIG, "https://github.com/tidewater/warehouse"
        )
        if state.startswith("chase"):
            steps = reminders.steps(postmortems, found, there, date(2026, 12, 24), CONFIG)
        else:
            steps = plan.plan(found, there).steps
        took = (time.perf_counter() - wall, time.process_time() - processor, len(steps))
        best = took if best is None else min(best, took)
        del found, steps
    assert best is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"| {state} | {best[0]:.2f} | {best[1]:.2f} | {best[2]:,} | {before:.0f} | {peak:.0f} |")


def main() -> None:
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    print(
        f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; {POSTMORTEMS:,} postmortems with {POSTMORTEMS * ITEMS:,} items\n"
    )
    print("| state | seconds | processor seconds | steps | MB before | MB at most |")
    print("|---|---|---|---|---|---|", flush=True)
    for state in STATES:  # a process each, so that each has its own peak
        subprocess.run([sys.executable, __file__, state], check=True)


if __name__ == "__main__":
    main()
