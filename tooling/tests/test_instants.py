"""Instants as text: read strictly, written in one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from incident.text import instants

AT = datetime(2025, 5, 14, 9, 40, 30, 5, UTC)
ABROAD = AT.astimezone(timezone(timedelta(hours=2)))


def test_one_form_for_machines() -> None:
    assert instants.iso(AT) == "2025-05-14T09:40Z"
    assert instants.iso(AT, "seconds") == "2025-05-14T09:40:30Z"
    assert instants.iso(ABROAD) == "2025-05-14T11:40+02:00"


def test_one_form_for_people() -> None:
    assert instants.readable(ABROAD) == "2025-05-14 09:40Z"
    assert instants.readable(ABROAD, " UTC") == "2025-05-14 09:40 UTC"


def test_the_offset_is_kept_unless_utc_is_wanted() -> None:
    written = "2025-05-14T11:40+02:00"
    assert instants.parse(written) == instants.parse_utc(written)
    assert instants.iso(instants.parse(written) or AT) == written
    assert instants.iso(instants.parse_utc(written) or AT) == "2025-05-14T09:40Z"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2025-05-14",
        "2025-05-14T09:40",
        "0001-01-01T00:00Z",
        "9999-12-31T23:59Z",
        20250514,
        None,
    ],
)
def test_anything_but_a_plausible_time_with_an_offset_is_unknown(value: object) -> None:
    assert instants.parse(value) is None
    assert instants.parse_utc(value) is None


@pytest.mark.parametrize("value", ["x", None, float("nan"), 1e300])
def test_seconds_that_are_not_an_instant(value: object) -> None:
    assert instants.from_unix(value) is None


def test_later() -> None:
    assert instants.later(AT, hours=24) == AT + timedelta(days=1)
    assert instants.later(AT, hours=1e12) is None
    assert instants.later(None, hours=1) is None
