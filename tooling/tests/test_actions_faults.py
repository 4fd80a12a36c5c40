"""Never a duplicate, never a loss: every call of a sync fails once, then one clean run follows."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

import github_support
from github_proxy import Proxy, Seen
from github_support import Item, World
from incident.actions import marker
from support import run

ID = "2026-11-02-orders-late"
ANY = (
    "502 before",
    "502 after",
    "dropped after",
    "403 secondary limit",
    "429 with retry-after",
    "killed before",
    "killed after",
)
READS = ("empty listing", "stale listing")
CALLS = 15  # three listings, then five creates, four updates and three closes


def items(numbers: dict[str, int]) -> list[Item]:
    """Twelve items: seven have issues, of which three are recorded; five are new."""
    found = []
    for n in range(1, 13):
        one = Item(f"AI-{n}", f"Add check number {n} on orders", issue=numbers.get(f"AI-{n}"))
        if n <= 4:
            one.title = f"Add a better check number {n} on orders"
        elif n <= 7:
            one.status = "done" if n < 7 else "wont_do"
        found.append(one)
    return found


def prepare(world: World) -> None:
    """Open seven issues, and forget the numbers of four."""
    world.write([Item(f"AI-{n}", f"Add check number {n} on orders") for n in range(1, 8)])
    assert run("actions", "sync", "--yes").exit_code == 0
    assert len(world.issues()) == 7
    world.write(items({"AI-1": 1, "AI-2": 2, "AI-5": 5}))
    world.proxy.seen.clear()


def unmet(world: World) -> list[str]:
    """The keys whose issue is not as the archive wants it."""
    there = {marker.read(one["body"] or "").get("key"): one for one in world.issues()}
    found = []
    for item in items({}):
        issue = there.get(f"{ID}/{item.id}")
        state = "open" if item.status == "committed" else "closed"
        if issue is None or (issue["title"], issue["state"]) != (item.title, state):
            found.append(f"{ID}/{item.id}")
    return found


def check(world: World, faulty: tuple[int, str]) -> Counter[str]:
    """What is wrong after the faulty run, and after a clean one behind it."""
    counts: Counter[str] = Counter()
    code, said = faulty
    wrong = unmet(world)
    if code != -9:  # who was killed says nothing
        left = next((int(part.split()[0]) for part in said.split(", ") if "left for" in part), 0)
        unsaid = [key for key in wrong if key not in said]
        counts["unreported"] += max(0, len(unsaid) - left) + (bool(wrong) and code != 3)
    result = run("actions", "sync", "--yes")
    counts["clean run failed"] += result.exit_code != 0
    keys = Counter(marker.read(one["body"] or "").get("key") for one in world.issues())
    counts["duplicates"] += sum(keys.values()) - len(keys)
    counts["lost"] += len(unmet(world)) + 12 - len(keys)
    world.proxy.seen.clear()
    assert run("actions", "sync", "--yes").exit_code == 0
    counts["not settled"] += world.proxy.writes
    return counts


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*ANY, *READS])
def test_a_fault_at_every_call(
    kind: str,
    tmp_path: Path,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("incident.actions.trackers.github.sleep", waits.append)
    total: Counter[str] = Counter()
    points = 0
    for place in range(1, CALLS + 1):
        if kind in READS and place > 2:
            break
        world = github_support.world(tmp_path / str(place), proxy)
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(world.root)
        prepare(world)

        def fault(count: int, _seen: Seen, place: int = place) -> str | None:
            return kind if count == place else None

        proxy.fault = fault
        if kind.startswith("killed"):
            process = world.process("actions", "sync", "--yes")
            proxy.kill = process.pid
            process.communicate(timeout=60)
            faulty = process.returncode, ""
        else:
            result = run("actions", "sync", "--yes")
            faulty = result.exit_code, result.stderr
        assert proxy.faults_made == 1
        proxy.fault = lambda _count, _seen: None
        total += check(world, faulty)
        assert proxy.invalid == []
        points += 1
    wrong = {name: n for name, n in total.items() if n}
    with capsys.disabled():
        names = ("duplicates", "lost", "unreported", "clean run failed", "not settled")
        cells = ", ".join(f"{name} {total[name]}" for name in names)
        sys.stdout.write(f"\n  {kind:22} at {points:2} calls: {cells}")
    assert wrong == {}
    if kind in {"403 secondary limit", "429 with retry-after"}:
        assert 1.0 in waits  # what retry-after asked for


@pytest.mark.slow
def test_concurrent_syncs_are_repaired_by_the_next(world: World) -> None:
    world.write([Item(f"AI-{n}", f"Title {n}") for n in range(1, 13)])
    # each waits with its first write for that of the other: both have read all by then
    both_write = threading.Barrier(2)

    def meet(_count: int, seen: Seen) -> str | None:
        if not seen.is_read and world.proxy.writes <= 2:
            both_write.wait(60)
        return None

    world.proxy.fault = meet
    both = [world.process("actions", "sync", "--yes", "--write-back", "none") for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    assert len(world.issues()) == 24
    assert run("actions", "sync", "--yes").exit_code == 0
    keys = world.keys()
    keys.pop("", None)
    assert {key: len(numbers) for key, numbers in keys.items()} == {
        f"{ID}/AI-{n}": 1 for n in range(1, 13)
    }
    for closed in (issue for issue in world.issues() if issue["state"] == "closed"):
        assert "is about the same action item" in closed["body"]
        assert "incident-action" not in {label["name"] for label in closed["labels"]}


def test_an_hour_long_rate_limit_ends_the_run_and_the_next_resumes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("incident.actions.trackers.github.sleep", waits.append)
    path = world.write([Item(f"AI-{n}", f"Title {n}") for n in range(1, 7)])
    world.proxy.fault = lambda count, _seen: "403 for an hour" if count == 6 else None
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "GitHub's rate limit requires a wait of 3600 s" in result.stderr
    assert "2 written, 1 failed, 3 left for the next run" in result.stderr
    assert waits == []
    assert path.read_text(encoding="utf-8").count("issue: null") == 4
    world.proxy.fault = lambda _count, _seen: None
    assert run("actions", "sync", "--yes").exit_code == 0
    assert len(world.issues()) == 6


def test_an_unavailable_server_ends_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _seconds: None)
    world.write([Item(f"AI-{n}", f"Title {n}") for n in range(1, 9)])
    world.proxy.fault = lambda count, _seen: "502 before" if count > 3 else None
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "3 failed, 5 left for the next run" in result.stderr
    assert world.issues() == []


def test_an_issue_that_is_deleted_between_reading_and_writing(world: World) -> None:
    world.write([Item(), Item("AI-2")])
    assert run("actions", "sync", "--yes").exit_code == 0
    world.write([Item(title="Another", issue=1), Item("AI-2", "Yet another", issue=2)])

    def delete(_count: int, seen: Seen) -> str | None:
        world.proxy.rules.deleted = {1} if seen.verb == "PATCH" else set()
        return None

    world.proxy.fault = delete
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert f"{ID}/AI-1: 410 This issue was deleted" in result.stderr
    assert world.issues()[1]["title"] == "Yet another"


def test_the_older_duplicate_stays(world: World) -> None:
    world.write([Item()])
    assert run("actions", "sync", "--yes", "--write-back", "none").exit_code == 0
    first = world.issues()[0]
    labels = [label["name"] for label in first["labels"]]
    world.api("POST", "issues", title=first["title"], body=first["body"], labels=labels)
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 0, result.stderr
    assert [issue["state"] for issue in world.issues()] == ["open", "closed"]


def test_issues_missing_from_a_listing_are_never_recreated(world: World) -> None:
    world.write([Item(), Item("AI-2", "Another")])
    assert run("actions", "sync", "--yes").exit_code == 0
    path = world.root / "incidents" / "2026" / f"{ID}.md"
    text = path.read_text(encoding="utf-8")
    world.write([Item(issue=1), Item("AI-2", "Another", issue=2), Item("AI-3", "A third")])
    world.proxy.rules.hidden = {2}
    result = run("actions", "sync", "--yes")
    assert result.exit_code == 3
    assert "is missing existing issues" in result.stderr
    assert len(world.issues()) == 2
    world.proxy.rules.hidden = set()
    assert run("actions", "sync", "--yes").exit_code == 0
    assert len(world.issues()) == 3
    assert "issue: 2" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["502 before", "502 after", "dropped after", "429 with retry-after"]
)
def test_a_fault_at_every_call_of_a_chase(
    kind: str,
    tmp_path: Path,
    proxy: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("incident.actions.trackers.github.sleep", lambda _seconds: None)
    chase = ("actions", "chase", "--yes", "--today", "2026-12-03")
    place, calls = 0, 1
    while place < calls:
        place += 1
        world = github_support.world(tmp_path / str(place), proxy)
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(world.root)
        world.write([Item(), Item("AI-2", owner="ingestion")])
        (world.root / "incident.toml").write_text('since = "2026-11-01"\n')
        assert run("actions", "sync", "--yes").exit_code == 0
        proxy.seen.clear()
        now = place

        def fault(count: int, _seen: Seen, now: int = now) -> str | None:
            return kind if count == now else None

        proxy.fault = fault
        first = run(*chase)
        calls = len(proxy.seen) if place == 1 else calls
        proxy.fault = lambda _count, _seen: None
        if first.exit_code == 0:
            assert proxy.invalid == []
        assert run(*chase).exit_code == 0
        assert run(*chase).stdout == ""
        keys = Counter(marker.read(one["body"] or "").get("key") for one in world.issues())
        assert set(keys.values()) == {1}
        assert sorted(str(key) for key in keys) == [
            f"{ID}/AI-1",
            f"{ID}/AI-2",
            f"{ID}/two_weeks",
            "digest/data-platform",
            "digest/ingestion",
        ]
        for number in (1, 2):
            assert len(world.api("GET", f"issues/{number}/comments")) == 1
    with capsys.disabled():
        sys.stdout.write(
            f"\n  {kind:22} at {calls:2} calls of a chase: nothing twice, nothing lost"
        )
