"""The values of a document, and its timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.postmortem import document, model, timeline_entries
from incident.postmortem.timeline_entries import TimelineEntry


def timeline(body: str, stamps: str = "") -> list[TimelineEntry]:
    text = f"---\nid: x\ntimestamps: {{{stamps}}}\n---\n## Timeline\n\n{body}\n"
    return timeline_entries.read(document.parse(text, "x.md"))


def at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2025, 5, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "- 2025-05-14T02:15Z text",
        "- 2025-05-14 02:15Z: text",
        "* 2025-05-14 02:15 UTC - text",
        "- 2025-05-14T04:15+02:00 \u2014 text",
        "- **2025-05-14T02:15Z** text",
        "- `2025-05-14 02:15Z` text",
        "- [2025-05-14, 02:15:00Z] text",
        "| 2025-05-14T02:15Z | text |",
        "- 2:15 text",
    ],
)
def test_an_entry_is_written_in_many_ways(line: str) -> None:
    (entry,) = timeline(line, 'started_at: "2025-05-14T02:00Z"')
    assert entry.at == at(14, 2, 15)
    assert entry.text == "text"


def test_times_go_on_from_the_entry_before_and_past_midnight() -> None:
    entries = timeline("- 2025-05-14T22:50Z a\n- 23:59 b\n- 00:10 c\n- 00:05 d")
    assert [entry.at for entry in entries] == [
        at(14, 22, 50),
        at(14, 23, 59),
        at(15, 0, 10),
        at(15, 0, 5),
    ]


def test_a_label_ties_an_entry_to_the_clock() -> None:
    entries = timeline(
        "- 2025-05-14T02:15Z **started**: a\n- 2025-05-14T02:15Z **Detected.** b\n"
        "- 2025-05-14T02:15Z **Consumers notified** c\n- 2025-05-14T02:15Z **Note**: d\n"
        "- 2025-05-14T02:15Z resolved: e\n- 2025-05-14T02:15Z resolved by the backfill"
    )
    clocks = ["started_at", "detected_at", "consumers_notified_at", "", "resolved_at", ""]
    assert [entry.clock for entry in entries] == clocks
    assert [entry.text for entry in entries[:4]] == ["a", "b", "c", "**Note**: d"]


@pytest.mark.parametrize("line", ["- 2025-05-14T25:15Z a", "- 2025-02-30T02:15Z a", "- later, a"])
def test_a_time_that_cannot_be_is_none(line: str) -> None:
    assert [entry.at for entry in timeline(line)] == [None]


def test_the_last_day_there_is_has_no_next_day() -> None:
    assert [entry.at for entry in timeline("- 9999-12-31T23:59Z a\n- 00:10 b")][1] is None


def test_a_table_has_a_head() -> None:
    entries = timeline("| When | What |\n|---|---|\n| 2025-05-14T02:15Z | a |\n| 02:20 | b |")
    assert [entry.text for entry in entries] == ["a", "b"]


@given(st.text(alphabet="-*| 0123456789:TZ+abc\n\r.", max_size=200))
def test_no_timeline_breaks_the_reader(body: str) -> None:
    for entry in timeline(body):
        assert 0 <= entry.start <= entry.end


def test_wrong_types_are_empty_values() -> None:
    text = (
        "---\nid: [1]\ntimestamps: x\nimpact: {assets: [a, {ref: 'dbt:model.shop.orders'}]}\n"
        "action_items: [x, {id: AI-1, due: soon, issue: x}]\nroles: [a]\ntags: {a: b}\n---\n"
    )
    found = model.postmortem(document.parse(text, "x.md"))
    assert (found.id, found.times, found.roles, found.tags) == ("", {}, {}, ())
    assert [asset.name for asset in found.assets] == ["orders"]
    assert [(item.index, item.due, item.issue) for item in found.action_items] == [(1, None, None)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["ref", "id", "assets", "team"]), inner)
        ),
    )
)
def test_any_frontmatter_has_values(value: object) -> None:
    keys = ("impact", "action_items", "roles", "timestamps", "tags", "detection", "related")
    found = document.parse("---\nid: x\n---\n", "x.md")
    found.meta.data.update(dict.fromkeys(keys, value))
    model.postmortem(found)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=45), "45 min"),
        (timedelta(hours=27, minutes=3), "1 d 3 h"),
        (timedelta(hours=2), "2 h"),
        (timedelta(seconds=20), "0 min"),
        (timedelta(minutes=-61), "-1 h 1 min"),
        (None, ""),
    ],
)
def test_durations_are_short(length: timedelta | None, words: str) -> None:
    assert model.duration(length) == words


def test_overdue_is_open_and_past() -> None:
    item = model.ActionItem(0, due=date(2025, 5, 1), status="committed")
    assert item.overdue(date(2025, 5, 2))
    assert not item.overdue(date(2025, 5, 1))
    assert not model.ActionItem(0, due=date(2025, 5, 1), status="done").overdue(date(2025, 5, 2))
