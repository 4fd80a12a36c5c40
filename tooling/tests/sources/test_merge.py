"""Entries into a timeline: in order, never twice, and nothing else changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.errors import UsageError
from incident.postmortem import document, timeline_entries
from incident.sources import Entry
from incident.sources.merge import line, merge

FRONT = """\
---
id: 2025-05-14-x
timestamps: {started_at: "2025-05-14T02:05Z", detected_at: "2025-05-14T09:40Z"}
---

"""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


NEW = [
    Entry(at("2025-05-14T09:40:30+00:00"), "finance asked | why", "detected_at"),
    Entry(at("2025-05-14T08:01:00+00:00"), "earliest"),
    Entry(at("2025-05-14T22:45:00+02:00"), "last"),
]

FORMS = {
    "a fresh draft": (
        "## Timeline\n\n<!-- One line each. -->\n\n## Root cause\n",
        "## Timeline\n\n<!-- One line each. -->\n\n- 2025-05-14 08:01Z earliest\n"
        "- 2025-05-14 09:40Z **detected**: finance asked | why\n- 2025-05-14 20:45Z last\n\n"
        "## Root cause\n",
    ),
    "no section": (
        "## Impact\n\nx\n\n## Root cause\n\ny\n",
        "## Impact\n\nx\n\n## Timeline\n\n- 2025-05-14 08:01Z earliest\n"
        "- 2025-05-14 09:40Z **detected**: finance asked | why\n- 2025-05-14 20:45Z last\n\n"
        "## Root cause\n\ny\n",
    ),
    "another zone, T, stars, children": (
        "## Timeline\n\n* 2025-05-14T11:00+02:00 a\n    - child\n* 11:50 b\n  more\n\nText\n",
        "## Timeline\n\n* 2025-05-14T10:01+02:00 earliest\n* 2025-05-14T11:00+02:00 a\n"
        "    - child\n* 2025-05-14T11:40+02:00 **detected**: finance asked | why\n* 11:50 b\n"
        "  more\n* 2025-05-14 22:45+02:00 last\n\nText\n",
    ),
    "a table": (
        "## Timeline\n\n| Time | What | Who |\n|---|---|---|\n| 2025-05-14 09:00Z | a | q |\n",
        "## Timeline\n\n| Time | What | Who |\n|---|---|---|\n"
        "| 2025-05-14 08:01Z | earliest |  |\n| 2025-05-14 09:00Z | a | q |\n"
        "| 2025-05-14 09:40Z | **detected**: finance asked &#124; why |  |\n"
        "| 2025-05-14 20:45Z | last |  |\n",
    ),
    "blank lines between": (
        "## Timeline\n\n- 09:00 a\n\n- 09:50 b\n\n## X\n",
        "## Timeline\n\n- 2025-05-14 08:01Z earliest\n\n- 09:00 a\n\n"
        "- 2025-05-14 09:40Z **detected**: finance asked | why\n\n- 09:50 b\n\n"
        "- 2025-05-14 20:45Z last\n\n## X\n",
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_entries_take_the_form_of_the_timeline(form: str, newline: str) -> None:
    before, after = ((FRONT + text).replace("\n", newline) for text in FORMS[form])
    assert merge(before, NEW)[0] == after
    assert merge(after, NEW) == (after, [])


def test_a_time_without_a_date_keeps_its_day() -> None:
    text = FRONT + "## Timeline\n\n- 02:05 the load ran\n- 23:50 the last query\n- 00:20 done\n"
    changed, _ = merge(text, [Entry(at("2025-05-13T16:00:00+00:00"), "a deploy")])
    assert "- 2025-05-13 16:00Z a deploy\n- 02:05 the load ran\n" in changed
    changed, _ = merge(text, [Entry(at("2025-05-12T01:00:00+00:00"), "a deploy")])
    assert "- 2025-05-12 01:00Z a deploy\n- 2025-05-14 02:05Z the load ran\n- 23:50" in changed
    times = [entry.at for entry in timeline_entries.read(document.parse(changed, ""))]
    assert times[-1] == at("2025-05-15T00:20+00:00")


def test_what_is_there_in_other_markup_is_not_added() -> None:
    text = FRONT + "## Timeline\n\n- 2025-05-14 11:40+02:00 **detected**: Finance asked, why.\n"
    entry = Entry(at("2025-05-14T09:40:59+00:00"), r"\*Finance\* asked, why")
    assert merge(text, [entry, entry]) == (text, [])


def test_words_that_are_a_label_are_not_added_twice() -> None:
    entries = [
        Entry(at("2025-05-14T10:00:00+00:00"), "resolved: all is well"),
        Entry(at("2025-05-14T10:00:00+00:00"), "**consumers notified**: by mail"),
    ]
    changed, added = merge(FRONT, entries)
    assert len(added) == 2
    assert merge(changed, entries) == (changed, [])


def test_a_label_needs_the_moment_of_the_frontmatter() -> None:
    entry = Entry(at("2025-05-14T10:00:00+00:00"), "finance asked", "detected_at")
    assert "**detected**" not in merge(FRONT, [entry])[0]
    twice = [entry._replace(at=at("2025-05-14T09:40:01+00:00"), text=text) for text in "ab"]
    assert merge(FRONT, twice)[0].count("**detected**") == 1


def test_two_entries_of_a_minute_stay_two() -> None:
    entries = [Entry(at(f"2025-05-14T09:40:0{n}+00:00"), f"message {n}") for n in (3, 1, 2)]
    found = timeline_entries.read(document.parse(merge(FRONT, entries)[0], ""))
    assert [entry.text for entry in found] == ["message 1", "message 2", "message 3"]


ZONES = st.sampled_from(
    [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))]
)
TIMES = st.datetimes(datetime(2025, 5, 1), datetime(2025, 5, 9), timezones=ZONES)
OLD = st.lists(st.tuples(TIMES, st.sampled_from(["full", "time", "T"])), max_size=6)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12
)


@given(OLD, st.lists(st.tuples(TIMES, WORDS), min_size=1, max_size=5), st.booleans())
def test_old_entries_keep_their_meaning(
    old: list[tuple[datetime, str]], new: list[tuple[datetime, str]], table: bool
) -> None:
    forms = {"full": "%Y-%m-%d %H:%M%z", "time": "%H:%M", "T": "%Y-%m-%dT%H:%M%z"}
    times = [when.strftime(forms[form]) for when, form in old]
    rows = [
        f"| {time} | old {n} |" if table else f"- {time} old {n}" for n, time in enumerate(times)
    ]
    head = "| at | what |\n|---|---|\n" if table else ""
    text = FRONT + "## Timeline\n\n" + head + "\n".join(rows) + "\n\n## Root cause\n\nx\n"
    before = [(e.at, e.text) for e in timeline_entries.read(document.parse(text, ""))]
    entries = [Entry(when, word) for when, word in new]
    try:
        changed, added = merge(text, entries)
    except UsageError:
        return
    after = [(e.at, e.text) for e in timeline_entries.read(document.parse(changed, ""))]
    assert [row for row in after if row in before] == before
    assert len(after) == len(before) + len(added)
    assert changed.endswith("\n## Root cause\n\nx\n")
    assert merge(changed, entries) == (changed, [])


def test_a_line_is_in_utc() -> None:
    assert line(NEW[2]) == "- 2025-05-14 20:45Z last"
