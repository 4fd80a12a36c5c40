"""The figures: by hand for a small archive, and of every archive a second way."""

from __future__ import annotations

import json
import math
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from incident import archive
from incident.archive import metrics, milestones
from incident.git import history
from incident.postmortem import document, model
from incident.postmortem.model import Postmortem
from incident.repository import config
from site_support import write_repository
from support import CHECKOUT, git_init, run

TODAY = date(2026, 11, 21)


def postmortem(id_: str = "2026-01-01-a", **keys: Any) -> Postmortem:
    text = f"---\n{yaml.safe_dump({'id': id_, **keys})}---\n"
    return model.postmortem(document.parse(text, f"incidents/2026/{id_}.md"))


def took(*minutes: int | None) -> list[Postmortem]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        postmortem(
            f"2026-01-01-{n}",
            timestamps={"started_at": start.isoformat()}
            | (
                {"detected_at": (start + timedelta(minutes=m)).isoformat()} if m is not None else {}
            ),
        )
        for n, m in enumerate(minutes)
    ]


def test_a_length_has_n_unknown_median_p90_and_points() -> None:
    found = metrics.measure(took(10, 20, 40, None), TODAY).lengths["detect"]
    assert (found.n, found.unknown, found.median, found.p90) == (3, 1, 20, 40)
    assert [p.minutes for p in found.points] == [10, 20, 40]


def test_times_in_the_wrong_order_are_unknown() -> None:
    found = metrics.measure(took(-5, 5), TODAY).lengths["detect"]
    assert (found.n, found.unknown) == (1, 1)


def test_nothing_known_is_no_zero() -> None:
    figures = metrics.measure([], TODAY)
    assert figures.lengths["detect"].median is None
    assert figures.shares["covered"].percent is None


@given(st.lists(st.integers(0, 10**6), min_size=1))
def test_nine_of_ten_took_no_longer_than_p90(minutes: list[int]) -> None:
    found = metrics.measure(took(*minutes), TODAY).lengths["detect"].p90
    assert found in minutes
    assert sum(m <= found for m in minutes) >= 0.9 * len(minutes)
    assert sum(m < found for m in minutes) < 0.9 * len(minutes)


@pytest.mark.parametrize(
    ("method", "by_test", "by_consumer", "unknown"),
    [
        ("test", 1, 0, 0),
        ("anomaly", 1, 0, 0),
        ("consumer", 0, 1, 0),
        ("external", 0, 1, 0),
        ("engineer", 0, 0, 0),
        (None, 0, 0, 1),
    ],
)
def test_who_found_it(method: str | None, by_test: int, by_consumer: int, unknown: int) -> None:
    shares = metrics.measure([postmortem(detection={"method": method})], TODAY).shares
    assert shares["found_by_test"].count == by_test
    assert shares["found_by_consumer"].count == by_consumer
    assert shares["found_by_test"].unknown == unknown


@pytest.mark.parametrize(
    ("item", "done", "expected"),
    [
        ({"due": "2026-11-20", "status": "committed"}, None, (0, 1, 0)),  # late
        ({"due": "2026-11-21", "status": "committed"}, None, (0, 0, 0)),  # due today
        ({"due": "2026-11-20", "status": "done"}, date(2026, 11, 20), (1, 1, 0)),
        ({"due": "2026-11-20", "status": "done"}, date(2026, 11, 21), (0, 1, 0)),
        ({"due": "2026-12-20", "status": "done"}, date(2026, 11, 1), (1, 1, 0)),  # early
        ({"due": "2026-11-20", "status": "done"}, None, (0, 0, 1)),
        ({"due": "2026-11-20", "status": "wont_do"}, None, (0, 0, 0)),
        ({"status": "committed"}, None, (0, 0, 1)),
    ],
)
def test_action_items_on_time(
    item: dict[str, str], done: date | None, expected: tuple[int, int, int]
) -> None:
    p = postmortem(action_items=[{"id": "AI-1", **item}])
    known = milestones.Milestones({}, {(p.id, "AI-1"): done} if done else {})
    share = metrics.measure([p], TODAY, known).shares["items_on_time"]
    assert (share.count, share.n, share.unknown) == expected


def test_coverage_is_of_p0_and_p1() -> None:
    found = [
        postmortem(severity="P0", status="draft"),
        postmortem(severity="P1", status="closed"),
        postmortem(severity="P3", status="draft"),
    ]
    share = metrics.measure(found, TODAY).shares["covered"]
    assert (share.count, share.n) == (1, 2)


def test_a_period_holds_both_of_its_ends() -> None:
    found = [postmortem(f"2026-0{m}-01-a") for m in (1, 2, 3)]
    figures = metrics.measure(found, TODAY, since=date(2026, 1, 1), until=date(2026, 2, 1))
    assert figures.incidents == 2


def test_quarters() -> None:
    assert metrics.quarter(date(2026, 12, 31)) == (date(2026, 10, 1), date(2026, 12, 31))
    assert metrics.quarter(date(2026, 2, 3)) == (date(2026, 1, 1), date(2026, 3, 31))
    assert metrics.quarter_before(date(2026, 2, 3)) == (date(2025, 10, 1), date(2025, 12, 31))


def second_way(root: Path) -> dict[str, Any]:
    """The same figures from the files, without the package: YAML, and counting by sorting."""
    found = []
    for path in root.glob("incidents/*/*.md"):
        found.append(yaml.safe_load(path.read_text("utf-8").split("---\n")[1]))

    def at(p: dict[str, Any], key: str) -> datetime | None:
        written = (p.get("timestamps") or {}).get(key)
        return datetime.fromisoformat(written) if written else None

    def length(end: str, begin: str = "started_at") -> dict[str, Any]:
        pairs = [(at(p, begin), at(p, end)) for p in found]
        minutes = sorted((b - a) // timedelta(minutes=1) for a, b in pairs if a and b and a <= b)
        n = len(minutes)
        return {
            "n": n,
            "unknown": len(found) - n,
            "median_minutes": (minutes[(n - 1) // 2] + minutes[n // 2]) / 2 if n else None,
            "p90_minutes": minutes[math.ceil(n * 90 / 100) - 1] if n else None,
            "points": minutes,
        }

    methods = [m for p in found if (m := (p.get("detection") or {}).get("method"))]
    machines = [m for m in methods if m not in {"engineer", "consumer", "external"}]
    people = [m for m in methods if m in {"consumer", "external"}]
    severe = [p["status"] for p in found if p["severity"] in ("P0", "P1")]
    return {
        "incidents": len(found),
        "detect": length("detected_at"),
        "acknowledge": length("acknowledged_at", "detected_at"),
        "mitigate": length("mitigated_at"),
        "correct": length("corrected_at"),
        "notify": length("consumers_notified_at"),
        "resolve": length("resolved_at"),
        "found_by_test": (len(machines), len(methods)),
        "found_by_consumer": (len(people), len(methods)),
        "recurrences": (sum(bool(p.get("recurrence_of")) for p in found), len(found)),
        "covered": (sum(s in ("published", "closed") for s in severe), len(severe)),
    }


@pytest.mark.parametrize("own", [True, False])
def test_the_figures_equal_those_of_a_second_way(
    own: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = CHECKOUT if own else write_repository(tmp_path)
    monkeypatch.chdir(root)
    said = json.loads(run("stats", "--format", "json").stdout)
    expected = second_way(root)
    assert said["incidents"] == expected["incidents"]
    for key in ("detect", "acknowledge", "mitigate", "correct", "notify", "resolve"):
        length = dict(said["lengths"][key])
        del length["label"], length["known_as"]
        length["points"] = sorted(point["minutes"] for point in length["points"])
        assert length == expected[key]
    for key in ("found_by_test", "found_by_consumer", "recurrences", "covered"):
        share = said["shares"][key]
        assert (share["count"], share["n"]) == expected[key]


def commit(root: Path, day: str) -> None:
    stamp = f"{day}T12:00:00+00:00"
    environment = {"GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp, "PATH": "/usr/bin:/bin"}
    subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", day], cwd=root, check=True, env=environment)


def test_history_says_when_it_was_published_and_done(tmp_path: Path) -> None:
    git_init(tmp_path)
    path = tmp_path / "incidents" / "2026" / "2026-01-01-a.md"
    path.parent.mkdir(parents=True)
    item = '  - {id: AI-1, title: t, due: "2026-01-10", status: %s}\n  - {id: AI-2, status: done}\n'
    stages = [("draft", "committed"), ("published", "committed"), ("closed", "done")]
    for day, (status, state) in zip(("02", "05", "09"), stages, strict=True):
        stamp = 'timestamps: {detected_at: "2026-01-01T12:00Z"}\n'
        items = f"action_items:\n{item % state}"
        path.write_text(f"---\nid: 2026-01-01-a\nstatus: {status}\n{stamp}{items}---\n")
        commit(tmp_path, f"2026-01-{day}")
    settings = config.load(tmp_path)
    found = archive.load(settings).postmortems
    read = history.read(tmp_path, settings.archive)
    assert [change.at.day for change in read.changes["incidents/2026/2026-01-01-a.md"]] == [9, 5, 2]
    known = milestones.find(read, found)
    assert {key: at.day for key, at in known.published.items()} == {"2026-01-01-a": 5}
    assert {key[1]: day.day for key, day in known.done.items()} == {"AI-1": 9, "AI-2": 2}
    figures = metrics.measure(found, TODAY, known)
    assert figures.lengths["publish"].median == 4 * 24 * 60
    assert figures.shares["items_on_time"].count == 1


def test_an_archive_that_was_brought_in_at_once_has_no_history(tmp_path: Path) -> None:
    git_init(tmp_path)
    write_repository(tmp_path)
    commit(tmp_path, "2026-01-02")
    found = archive.load(config.load(tmp_path)).postmortems
    assert milestones.find(history.read(tmp_path, "incidents"), found) == milestones.Milestones()


def test_a_clone_without_history_knows_nothing(tmp_path: Path) -> None:
    source, clone = tmp_path / "source", tmp_path / "clone"
    source.mkdir()
    git_init(source)
    write_repository(source)
    commit(source, "2026-01-02")
    command = ["git", "clone", "-q", "--depth", "1", f"file://{source}", str(clone)]
    subprocess.run(command, check=True)
    assert history.read(clone, "incidents") == history.History()
    assert history.read(tmp_path, "incidents") == history.History()


def test_the_table_says_what_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_repository(tmp_path))
    result = run("stats")
    assert result.exit_code == 0
    line = next(one for one in result.stdout.splitlines() if one.startswith("Time to detect"))
    assert line.split()[3:6] == ["(MTTD)", "2", "1"]
    assert "no" in result.stderr and "history" in result.stderr


def test_the_pack_names_the_period_before_and_what_is_overdue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_repository(tmp_path))
    text = run(
        "stats", "--format", "markdown", "--since", "2025-07-01", "--until", "2025-09-30"
    ).stdout
    assert text.startswith("# Incidents from 2025-07-01 to 2025-09-30\n")
    assert "2025-04-01 to 2025-06-30" in text
    assert "| 2025-09-02 | P2 | Revenue low again |" in text
    assert "| 2025-06-11 | Filter by key | shop |" in text
    assert "recurrences (2025-09-02-revenue-drops-again)" in text
    whole = run("stats", "--format", "markdown", "--since", "2025-01-01").stdout
    assert "Revenue &lt;b>18%" in whole


def test_an_empty_archive_has_metrics_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write_repository(tmp_path, {}))
    for output in ("table", "json", "markdown"):
        assert run("stats", "--format", output).exit_code == 0
