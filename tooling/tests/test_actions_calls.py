"""How many calls a sync makes: counted by the proxy, and equal to the formula."""

from __future__ import annotations

import sys
from math import ceil

import pytest

from github_support import Item, World
from support import run


def listing(issues: int) -> int:
    return max(1, ceil(issues / 100))


def counted(world: World) -> tuple[int, int]:
    """Reads and writes of one sync."""
    world.proxy.seen.clear()
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 0, result.stderr
    return world.proxy.reads, world.proxy.writes


@pytest.mark.slow
@pytest.mark.parametrize("items", [0, 1, 100, 250, 1000])
def test_calls_of_a_first_and_a_second_run(
    world: World, items: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for start in range(0, items, 25):  # 25 action items in each postmortem
        some = [Item(f"AI-{n + 1}", f"Title {n}") for n in range(min(25, items - start))]
        world.write(some, f"2026-11-02-orders-late-{start}")
    first = counted(world)
    assert first == (3 if items else 1, items)  # two more listings before anything is opened
    second = counted(world)
    assert second == (listing(items), 0)
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {items:5} items: first run {first[0]} reads and {first[1]} writes, "
            f"second run {second[0]} reads and {second[1]} writes"
        )


def test_each_change_is_one_write(world: World) -> None:
    world.write([Item("AI-1"), Item("AI-2"), Item("AI-3")])
    assert counted(world) == (3, 3)
    world.write(
        [
            Item("AI-1", "Another title", due="2027-01-05", type="prevent", issue=1),
            Item("AI-2", "Another title, too", status="done", issue=2),
            Item("AI-3", issue=3),
            Item("AI-4"),
        ]
    )
    assert counted(world) == (3, 3)
    assert counted(world) == (1, 0)


def test_a_recorded_issue_missing_from_the_listing_costs_one_read(world: World) -> None:
    world.write([Item()])
    counted(world)
    world.api("PATCH", "issues/1", labels=["mine"])
    assert counted(world) == (2, 1)
    assert counted(world) == (1, 0)


def test_a_manual_close_costs_one_read_until_recorded(world: World) -> None:
    world.write([Item()])
    counted(world)
    world.api("PATCH", "issues/1", state="closed")
    assert counted(world) == (2, 1)  # the marker remembers what is proposed
    assert counted(world) == (1, 1)  # the marker learns that the archive knows
    assert counted(world) == (1, 0)
