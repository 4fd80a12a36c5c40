"""Times of imported postmortems: only what is certain becomes an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from incident import foreign, formats
from incident.foreign import Options, plausible, render
from incident.foreign.imported import Imported
from incident.postmortem import document, timeline_entries
from incident.repository.config import Config
from incident.text import dates, stamps, zones
from incident.text.dates import Order
from support import lint

CONFIG = Config()
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def read(text: str, name: str = "x.md", **options: Any) -> Imported:
    values = {"owner": "data-platform", "now": NOW, **options}
    return foreign.read(text, name, Options(**values), CONFIG)


def timeline(text: str, **options: Any) -> list[str]:
    return render.entries(read(text, **options)).splitlines()


def at(line: str, day: str = "2025-07-01", head: str = "Timeline", **options: Any) -> str:
    """The first entry of a timeline with one line."""
    return timeline(f"# Late\n\nDate: {day}\n\n## {head}\n\n- {line}\n", **options)[0][2:]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("10:00 UTC+7 x", "2025-07-01T10:00+07:00 x"),
        ("10:00 GMT+1: x", "2025-07-01T10:00+01:00 x"),
        ("10:00 (UTC-5) x", "2025-07-01T10:00-05:00 x"),
        ("10:00 UTC+05:30 x", "2025-07-01T10:00+05:30 x"),
        ("10:00 +0530 x", "2025-07-01T10:00+05:30 x"),
        ("10:00 UTC\u22123 x", "2025-07-01T10:00-03:00 x"),
        ("10:00 US/Pacific: x", "2025-07-01T10:00-07:00 x"),
        ("10:00 Pacific Time - x", "2025-07-01T10:00-07:00 x"),
        ("10:00 PST/PDT x", "2025-07-01T10:00-07:00 x"),
        ("10:00 ET x", "2025-07-01T10:00-04:00 x"),
        ("10:00 Europe/Berlin x", "2025-07-01T10:00+02:00 x"),
        ("10:00 Central European Summer Time x", "2025-07-01T10:00+02:00 x"),
        ("10:00 Berlin time x", "2025-07-01T10:00+02:00 x"),
        ("2025-07-01T10:00:00Z x", "2025-07-01T10:00Z x"),
        ("2025-07-01 10:00:30.123Z: x", "2025-07-01T10:00Z x"),
        ("10:00UTC x", "2025-07-01T10:00Z x"),
        ("10:00CEST x", "2025-07-01T10:00+02:00 x"),
        ("10:00UTC+2 x", "2025-07-01T10:00+02:00 x"),
        ("10am pdt x", "2025-07-01T10:00-07:00 x"),
        ("1000 UTC x", "2025-07-01T10:00Z x"),
        ("**1000** - x", "2025-07-01T10:00 (zone unknown) x"),
        ("10:00 - 10:30 UTC x", '2025-07-01T10:00Z x (written "10:00 - 10:30 UTC")'),
        ("Update 2025-07-02 10:00 UTC: x", "2025-07-02T10:00Z x"),
        ("Resolved - 10:00 UTC - x", "2025-07-01T10:00Z **Resolved**: x"),
        ("[07-02 10:00 UTC] x", "2025-07-02T10:00Z x"),
        ("[02-07 10:00 UTC] x", "2025-07-02T10:00Z x"),
        ("02/09 10:00 UTC: x", "02/09 10:00 UTC: x"),
        ("Tuesday, 1 July 2025: x", "2025-07-01 x"),
        # not certain: as written
        ("10:00 x", "2025-07-01T10:00 (zone unknown) x"),
        ("10:00 XST x", "2025-07-01T10:00 (zone unknown) x"),
        ("10:00 IST x", "2025-07-01T10:00 (zone unknown) x"),
        ("10:00 PST x", "2025-07-01T10:00 (zone unknown) x"),
        ("10:00 Pacific Standard Time x", "2025-07-01T10:00 (zone unknown) x"),
        ("1999-12-31 10:00 UTC x", "1999-12-31 10:00 UTC x"),
        ("2031-01-01 10:00 UTC x", "2031-01-01 10:00 UTC x"),
        ("0001-01-01 00:00 UTC x", "0001-01-01 00:00 UTC x"),
        ("2025-03-30 02:30 Europe/Berlin x", "2025-03-30T02:30 (zone unknown) x"),
        ("2024-10-27 02:30 Europe/Berlin x", "2024-10-27T02:30 (zone unknown) x"),
    ],
)
def test_one_entry(line: str, expected: str) -> None:
    assert at(line) == expected


@pytest.mark.parametrize(
    "text",
    [
        "## Timeline (UTC+7)\n\n- 03:30 x",
        "## Timeline\n\n*(All times UTC+7, 24-hour clock.)*\n\n### 2025-07-01 3:30\n\nx",
        "Times are in Asia/Bangkok.\n\n## Timeline\n\n- 03:30 x",
        "## Timeline\n\n| Time (UTC+7) | Event |\n|:-|:-|\n| 0330 | x |",
        "It took long (03:00 - 04:00 UTC+7).\n\n## Timeline\n\n- 03:30 x",
        "Times are in ICT (UTC+7).\n\n## Timeline\n\n- 03:30 ICT x",
    ],
)
def test_a_zone_stated_anywhere(text: str) -> None:
    assert timeline(f"# Late\n\nDate: 2025-07-01\n\n{text}\n") == ["- 2025-07-01T03:30+07:00 x"]


def test_an_explained_abbreviation_is_known() -> None:
    text = "# Late\n\n2025-07-01, in our time (GST is UTC+4)\n\n## Timeline\n\n- 17:00 GST x\n"
    assert timeline(text) == ["- 2025-07-01T17:00+04:00 x"]


def test_an_option_settles_what_an_abbreviation_means() -> None:
    zone = zones.named("Asia/Kolkata")
    assert at("10:00 IST x", zone=zone) == "2025-07-01T10:00+05:30 x"
    assert at("10:00 PST x", zone=zones.named("US/Pacific")) == "2025-07-01T10:00-07:00 x"
    assert at("10:00 UTC x", zone=zone) == "2025-07-01T10:00Z x"
    assert at("10:00 x", zone=zone) == "2025-07-01T10:00+05:30 x"


def test_a_time_of_an_unknown_zone_is_no_instant_in_the_draft_either() -> None:
    found = read("# Late\n\nDate: 2025-07-01\n\n## Timeline\n\n- 10:00 alert\n- 11:00 resolved\n")
    assert found.times == {}
    draft = document.parse(render.render(found, CONFIG), f"{found.id}.md")
    assert [entry.at for entry in timeline_entries.read(draft)] == [None, None]
    reviewed = document.parse(draft.text.replace("status: draft", "status: in_review"), "x.md")
    messages = [d.message for d in formats.once(lint(reviewed)) if d.name == "timeline-entry"]
    assert messages == ["the time zone of 2 timeline entries is unknown"]


def test_after_a_day_that_is_not_clear_no_day_is_taken() -> None:
    text = "# Late\n\nDate: 2023-01-20\n\n## Timeline\n\n- 7/5/2023 10:00 UTC a\n- 11:00 UTC b\n"
    assert timeline(text) == ["- 7/5/2023 10:00 UTC a", "- 11:00 UTC b"]
    problems = [entry.problem for entry in read(text).entries]
    assert problems == ["with day and month unclear", "without a day"]


def test_an_entry_that_goes_back_17_days_sets_no_timestamp() -> None:
    text = (
        "# 2021-06-28: Ids\n\n## Timeline (US/Pacific)\n\n### 2021-06-28 13:59\n\nAn alert.\n\n"
        "### 2021-06-28 14:09\n\nAnother alert.\n\n### 2021-06-11 14:24\n\nReverted, resolved.\n"
    )
    found = read(text)
    assert list(found.times) == ["detected_at"]
    assert "line 13: 2021-06-11 14:24 is 17 days away from the entries around it" in found.notes[0]
    assert timeline(text)[-1] == "- 2021-06-11T14:24-07:00 Reverted, resolved."


def test_slips_are_those_outside_of_the_longest_order() -> None:
    days = [datetime(2022, 2, day, tzinfo=UTC) for day in (2, 2, 20, 2, 3, 6)]
    assert list(plausible.slips(days)) == [2]
    assert plausible.slips([]) == {}


def test_a_day_without_a_year_is_the_nearest() -> None:
    lines = "- Dec 31 23:50 UTC a\n- 00:10 UTC b\n- 3 Jan c\n"
    text = f"# Late\n\nDate: 2025-01-02\n\n## Timeline\n\n{lines}"
    assert timeline(text) == ["- 2024-12-31T23:50Z a", "- 2025-01-01T00:10Z b", "- 2025-01-03 c"]


def test_the_day_that_the_text_names_comes_before_that_of_the_post() -> None:
    post = "---\ntitle: Late\ndate: 2025-07-09\n---\n\nOn 5 July 2025 the load stopped.\n"
    found = read(post, "_posts/2025-07-09-late.md")
    assert found.day == date(2025, 7, 5)
    assert found.notes[0] == (
        "the day 2025-07-05 is assumed (the first that the text names): confirm"
    )


def test_contradicting_days_leave_the_order_open() -> None:
    assert dates.order_of(["25/12/2024", "12/25/2024"], []) is None
    assert dates.order_of(["- 13/08: x", "- 7/8 10:00 x"], []) is Order.DAY_FIRST
    assert dates.order_of(["7/5/2023"], [date(2023, 7, 6)]) is Order.MONTH_FIRST


@pytest.mark.parametrize("text", ["2021 - a year", "1/3 of the rows", "24/7 support", "1.5 - x"])
def test_numbers_that_are_no_times(text: str) -> None:
    assert stamps.leading(text) is None
