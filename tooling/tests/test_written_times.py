"""One time in a cell or a sentence: an instant only where nothing is left to guess."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.text import zones
from incident.text.dates import Order
from incident.text.written_times import Assumptions, whole, within

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ASSUMED = Assumptions(NOW)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-11-20T05:08Z", "2026-11-20T05:08"),
        ("2026-11-20 05:08:09 UTC", "2026-11-20T05:08:09"),
        ("2026-11-20 07:08 UTC+2", "2026-11-20T05:08"),
        ("2026-11-19 12:00 CET", "2026-11-19T11:00"),
        ("Mar 26 2026 @ 23:00 Pacific", "2026-03-27T06:00"),
        ("Mar 6 2026 11:00 PM Pacific Time", "2026-03-07T07:00"),
        ("20 November 2026, 9:05 am America/New_York", "2026-11-20T14:05"),
        ("20/11/2026 05:08 UTC", "2026-11-20T05:08"),
        (1795151280, "2026-11-20T05:08"),
        ("1795151280.5", "2026-11-20T05:08:00.500000"),
        ("1795151280000", "2026-11-20T05:08"),
    ],
)
def test_instants(written: object, instant: str) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert whole(written, ASSUMED) == expected
    if isinstance(written, str) and not written[:10].isdigit():
        assert within(f"since about {written}, we think", ASSUMED) == expected


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "without a time"),
        (None, "without a time"),
        (True, "without a time"),
        ("soon", "without a time"),
        ("2026-11-20", "without a time"),
        ("2026-11-20 05:08", "without a time zone"),
        ("05:08 UTC", "with a time but without a day"),
        ("03/04/2026 05:08 UTC", "with an unclear day and month"),
        ("2026-11-20 05:08 IST", "with a time in an unknown time zone"),
        ("2026-07-01 05:08 PST", "with a time in PST, which is not in force on that day"),
        ("0001-01-01T00:00:00Z", "with a time before 2000 or in the future"),
        ("1999-12-31T23:59Z", "with a time before 2000 or in the future"),
        ("2026-12-24T00:00Z", "with a time before 2000 or in the future"),
        (5, "without a time"),
    ],
)
def test_what_is_not_certain_is_no_instant(written: object, problem: str) -> None:
    assert whole(written, ASSUMED) == problem


def test_what_is_left_out_can_be_known() -> None:
    assumed = Assumptions(NOW, zones.named("Europe/Berlin"), Order.DAY_FIRST)
    assert str(whole("03/04/2026 05:08", assumed)) == "2026-04-03 03:08:00+00:00"
    assert (
        whole("29/03/2026 02:30", assumed) == "with a time in the hour in which the clocks change"
    )


def test_several_times_in_a_sentence() -> None:
    said = "between 2026-11-20 05:08 UTC and 2026-11-20 07:00 UTC"
    assert within(said, ASSUMED) == "with several times"
    assert within("2026-11-20 05:08 UTC (2026-11-20 06:08 CET)", ASSUMED) == datetime(
        2026, 11, 20, 5, 8, tzinfo=UTC
    )
    assert within("no time at all, 17 rows of 20", ASSUMED) == "without a time"
