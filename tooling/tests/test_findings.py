"""The results of queries in words: no sentence claims more than the numbers show."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from incident.archive import query_results
from incident.archive.query_results import Numbers, Value
from incident.investigation import findings
from incident.investigation.findings import Finding, find
from incident.investigation.plan import Window

START = date(2026, 5, 4)  # a Monday
DAYS = [START + timedelta(days=n) for n in range(35)]
TODAY = DAYS[-1] + timedelta(days=1)
WINDOW = Window(START, TODAY)


def rows(
    count: Callable[[date], float | None], days: list[date] = DAYS, window: Window = WINDOW
) -> Finding:
    """What rows by day say; None for a day without rows."""
    pairs = [(day, count(day)) for day in days]
    table = tuple((day, value) for day, value in pairs if value is not None)
    return find("rows_by_day", Numbers(("day", "row_count"), table), window, TODAY)


def at(number: int) -> date:
    return DAYS[number]


def test_a_flat_series_has_no_unusual_day() -> None:
    text = "no unusual day from 2026-05-04 to 2026-06-07 (10 rows a day)"
    assert rows(lambda day: 10) == Finding(text)


def test_a_fall_on_one_day() -> None:
    found = rows(lambda day: 820 if day == at(30) else 1000)
    assert found.text == "rows by day fell 18% on 2026-06-03 (820 instead of about 1,000)"
    assert (found.first, found.last, found.change) == (at(30), at(30), -18)


def test_a_fall_over_several_days_is_one() -> None:
    found = rows(lambda day: 500 if at(21) <= day <= at(23) else 1000)
    assert found.text == (
        "rows by day fell 50% from 2026-05-25 to 2026-05-27 (500 instead of about 1,000 a day)"
    )


def test_a_change_that_stays() -> None:
    found = rows(lambda day: 2000 if day >= at(25) else 1000)
    assert (
        found.text == "rows by day rose 100% since 2026-05-29 (2,000 instead of about 1,000 a day)"
    )


def test_days_without_rows_are_missing_from_the_result() -> None:
    found = rows(lambda day: None if day == at(29) else 100)
    assert found.text == "no rows on 2026-06-02 (usually about 100)"
    found = rows(lambda day: None if day >= at(33) else 100)
    assert found.text == "no rows since 2026-06-06 (usually about 100 a day)"
    assert (found.first, found.last) == (at(33), at(34))


def test_every_unusual_period_is_named_those_near_the_start_first() -> None:
    def count(day: date) -> float | None:
        return {at(22): 5000, at(28): None, at(32): 700}.get(day, 1000)

    rose = "rows by day rose 400% on 2026-05-26 (5,000 instead of about 1,000)"
    none = "no rows on 2026-06-01 (usually about 1,000)"
    fell = "rows by day fell 30% on 2026-06-05 (700 instead of about 1,000)"
    found = rows(count)
    assert found.text == f"{rose}; {none}; {fell}"
    assert (found.first, found.last, found.change) == (at(22), at(32), 400)
    near = rows(count, window=Window(START, TODAY, started=at(33)))
    assert near.text == f"{fell}; {none}; {rose}"
    assert (near.first, near.last, near.change) == (at(22), at(32), -30)
    many = rows(lambda day: 5000 if day in {at(22), at(24), at(26), at(29), at(31)} else 1000)
    assert many.text.endswith("; 2 days more are unusual")


def test_a_weekend_is_not_a_fall() -> None:
    assert rows(lambda day: None if day.weekday() > 4 else 100).text.startswith("no unusual day")
    assert rows(lambda day: 20 if day.weekday() == 6 else 100).text.startswith("no unusual day")
    found = rows(lambda day: None if day.weekday() > 4 or day == at(32) else 100)
    assert found.text == "no rows on 2026-06-05 (usually about 100)"


def test_rows_on_a_day_that_usually_has_none() -> None:
    found = rows(lambda day: (50 if day == at(33) else None) if day.weekday() > 4 else 100)
    assert found.text == "50 rows on 2026-06-06, usually none"
    assert found.change is None


def test_a_fall_goes_on_over_a_weekend() -> None:
    found = rows(lambda day: None if day.weekday() > 4 else 40 if at(25) <= day <= at(28) else 100)
    assert found.text.startswith("rows by day fell 60% from 2026-05-29 to 2026-06-01")


@pytest.mark.parametrize(("low", "high"), [(900, 1100), (0, 4), (50, 150)])
def test_noise_is_rarely_called_a_change(low: int, high: int) -> None:
    claims = 0
    for seed in range(100):
        chance = random.Random(seed)
        made = {day: chance.randint(low, high) for day in DAYS}
        claims += rows(lambda day, made=made: made[day] or None).first is not None  # type: ignore[misc]
    assert claims <= 3


def test_growth_is_not_a_change() -> None:
    for share in (1.01, 1.03):
        assert rows(lambda day, s=share: round(1000 * s ** (day - START).days)).first is None  # type: ignore[misc]


def test_a_fall_in_noise_is_found() -> None:
    chance = random.Random(1)
    found = rows(lambda day: chance.randint(950, 1050) * (0.5 if day == at(31) else 1) // 1)
    assert (found.first, found.last) == (at(31), at(31))


def test_little_history_claims_nothing() -> None:
    ten = DAYS[:10]
    window = Window(START, ten[-1] + timedelta(days=1))

    def few(days: list[date]) -> str:
        table = tuple((day, 100 if day.weekday() < 5 else 10) for day in days)
        numbers = Numbers(("day", "row_count"), table)
        return find("rows_by_day", numbers, window, TODAY).text

    assert few(ten) == (
        "10 to 100 rows a day from 2026-05-04 to 2026-05-13; too little history to compare weekdays"
    )
    assert few(ten[-1:]) == "100 rows on 2026-05-13, and none on other days"
    assert few([]) == "no rows from 2026-05-04 to 2026-05-13"


def test_the_first_month_of_a_table_is_compared_carefully() -> None:
    two = DAYS[:14]
    window = Window(START, two[-1] + timedelta(days=1))
    table = tuple((day, 50 if day == at(11) else 100) for day in two)
    found = find("rows_by_day", Numbers(("day", "row_count"), table), window, TODAY)
    assert found.text == "rows by day fell 50% on 2026-05-15 (50 instead of about 100)"


def test_today_is_not_over() -> None:
    days = [*DAYS, TODAY]
    window = Window(START, TODAY + timedelta(days=1))
    table = tuple((day, 3 if day == TODAY else 100) for day in days)
    numbers = Numbers(("day", "row_count"), table)
    assert find("rows_by_day", numbers, window, TODAY).text.startswith("no unusual day")
    only = Numbers(("day", "row_count"), ((TODAY, 3),))
    text = "3 rows today, and none before since 2026-05-04"
    assert find("rows_by_day", only, window, TODAY).text == text


def nulls(**rates: Callable[[date], float]) -> Finding:
    columns = ("day", "row_count", *(f"{name}_null_pct" for name in rates))
    table: tuple[tuple[Value, ...], ...] = tuple(
        (day, 100, *(rate(day) for rate in rates.values())) for day in DAYS
    )
    return find("null_rates", Numbers(columns, table), WINDOW, TODAY)


def test_null_rates() -> None:
    found = nulls(amount=lambda day: 100 if at(30) <= day <= at(31) else 0, shop=lambda day: 2)
    assert found.text == "nulls in amount rose from 0% to 100% from 2026-06-03 to 2026-06-04"
    assert (found.first, found.last) == (at(30), at(31))
    found = nulls(a=lambda day: 30 if day == at(30) else 0, b=lambda day: 9 if day == at(30) else 0)
    assert found.text == "nulls in a rose from 0% to 30% on 2026-06-03; also in b"
    assert nulls(a=lambda day: 5).text == "no null rate rose in a (35 days)"
    assert nulls(a=lambda day: 100).text.endswith("; a is always null")
    weekends = nulls(a=lambda day: 40 if day.weekday() > 4 else 1)
    assert weekends.first is None
    assert nulls(a=lambda day: 2 if day == at(30) else 0).first is None


def test_few_days_of_null_rates_claim_nothing() -> None:
    table = ((at(0), 10, 0), (at(1), 10, 80))
    numbers = Numbers(("day", "row_count", "a_null_pct"), table)
    assert find("null_rates", numbers, WINDOW, TODAY).text == (
        "at most 80% nulls, in a (2 days, 1 column); too few days to compare"
    )
    empty = Numbers((), ())
    assert find("null_rates", empty, WINDOW, TODAY).text == "no rows from 2026-05-04 to 2026-06-07"


def test_duplicates() -> None:
    columns = ("day", "duplicated_keys", "rows_too_many", "most_copies")
    none = find("duplicates", Numbers((), ()), WINDOW, TODAY)
    assert none == Finding("no duplicates within these days, 2026-05-04 to 2026-06-07")
    one = find("duplicates", Numbers(columns, ((at(3), 1, 1, 2),)), WINDOW, TODAY)
    assert one.text == "1 key occurs more than once on 2026-05-07: 1 row too many"
    two = Numbers(columns, ((at(3), 5, 5, 2), (at(6), 1000, 2000, 3)))
    assert find("duplicates", two, WINDOW, TODAY).text == (
        "1,005 keys occur more than once on 2 days from 2026-05-07 to 2026-05-10: "
        "2,005 rows too many, most on 2026-05-10"
    )


def test_first_bad_partition() -> None:
    columns = ("first_bad_day", "last_bad_day", "bad_days", "bad_rows_in_window", "bad_pct")
    none = Numbers(columns, ((None, None, 0, None, None),))
    assert find("first_bad_partition", none, WINDOW, TODAY).text.startswith("no bad rows from")
    some = Numbers(columns, ((at(30), at(31), 2, 20, 12.5),))
    found = find("first_bad_partition", some, WINDOW, TODAY)
    assert found.text == (
        "20 bad rows on 2 days from 2026-06-03 to 2026-06-04, 12% of the rows of those days"
    )
    early = Numbers(columns, ((at(0), at(31), 30, 20, 1),))
    text = find("first_bad_partition", early, WINDOW, TODAY).text
    assert text.endswith("; the window starts there, so they may be older")


def two(source: Callable[[date], int], target: Callable[[date], int | None]) -> Finding:
    columns = ("day", "source_rows", "target_rows", "row_difference")
    table = tuple((day, source(day), target(day), 0) for day in DAYS)
    return find("source_and_target", Numbers(columns, table), WINDOW, TODAY)


def test_source_and_target() -> None:
    assert two(lambda day: 10, lambda day: 10).text == (
        "target has the same number of rows on all 35 days"
    )
    found = two(lambda day: 100, lambda day: 60 if day == at(30) else 100)
    assert found.text == "target has 40 rows fewer than source on 2026-06-03 (-40%)"
    found = two(
        lambda day: 100, lambda day: None if day == at(30) else 101 if day == at(3) else 100
    )
    assert found.text == "target has no rows on 2026-06-03, and source has 100; 1 day more differ"
    step = two(lambda day: 1000, lambda day: 100 + day.day % 5)
    assert step.text == "target has the usual share of rows on all 35 days"
    step = two(lambda day: 1000, lambda day: 250 if day == at(30) else 500 + day.day % 5)
    assert step.text.startswith(
        "target has 252 rows fewer than usual for source on 2026-06-03 (-50%)"
    )
    assert (
        two(lambda day: 0, lambda day: 5).text == "source has no rows from 2026-05-04 to 2026-06-07"
    )


@pytest.mark.parametrize(
    ("moment", "hours", "text"),
    [
        ("2026-06-07T09:00:00", 1, "the newest row is 1 hour old (2026-06-07 09:00)"),
        ("2026-06-07", 31, "the newest row is 1 day old (2026-06-07)"),
        ("2026-06-08", 7, "the newest row is of today (2026-06-08)"),
        ("2026-05-07 10:00:00+00", 744, "the newest row is 31 days old (2026-05-07 10:00)"),
        ("2026-06-09", -5, "the newest row is 1 day in the future (2026-06-09)"),
        (None, None, "no rows since 2026-05-04"),
    ],
)
def test_freshness(moment: str | None, hours: float | None, text: str) -> None:
    numbers = Numbers(("latest_row", "hours_old"), ((moment, hours),))
    assert find("freshness", numbers, WINDOW, TODAY).text == text


def test_other_columns_than_expected_claim_nothing() -> None:
    def said(query: str, *rows: tuple[Value, ...]) -> Finding:
        return find(query, Numbers(("order_count", "late_pct"), rows), WINDOW, TODAY)

    for query in (*findings._READERS, "late_files"):
        assert said(query, (1200, None)) == Finding("order_count 1,200, late_pct unknown")
        assert said(query, (1, 2), (3, 4)) == Finding("2 rows of numbers")
        assert said(query) == Finding("0 rows of numbers")


def test_any_numbers_have_a_sentence() -> None:
    names = (
        *("day", "row_count", "latest_row", "hours_old", "first_bad_day", "last_bad_day"),
        *("bad_days", "bad_pct", "bad_rows_in_window", "a_null_pct", "rows_too_many"),
        *("duplicated_keys", "source_rows", "target_rows", "before_rows", "after_rows"),
    )
    values = (None, "", 0, -3, 2.5, 10**12, 0.001, "2026-05-04", "2026-06-07", "2026-05-04 10:00")
    chance = random.Random(1)
    for _ in range(1500):
        columns = chance.sample(names, chance.randint(1, len(names)))
        count = chance.choice((0, 1, 2, 40))
        raw = [{name: chance.choice(values) for name in columns} for _ in range(count)]
        for row in raw if chance.random() < 0.7 else []:
            row.update({name: chance.randint(0, 90) for name in columns if "day" not in name})
            row.update({name: str(chance.choice(DAYS)) for name in columns if name.endswith("day")})
        numbers, _ = query_results.checked(raw)
        for query in (*findings._READERS, "other"):
            found = find(query, numbers, WINDOW, TODAY)
            assert found.text and (found.first is None) == (found.last is None)


def test_only_counts_rates_and_days_come_through() -> None:
    raw: list[dict[str, object]] = [
        {"DAY": "2026-05-02T00:00:00", "ROW_COUNT": 3.0, "email": "a@example.com", "a_pct": "1.50"},
        {"DAY": "2026-05-01", "ROW_COUNT": None, "email": None, "a_pct": 2},
    ]
    numbers, left_out = query_results.checked(raw)
    assert numbers.columns == ("day", "row_count", "a_pct")
    assert numbers.rows == ((date(2026, 5, 1), None, 2), (date(2026, 5, 2), 3, 1.5))
    assert left_out == ["email is not a count, rate or day"]
    bad = [{"day": "Sunday", "x_count": True, "y_count": "a@example.com", "z_pct": float("nan")}]
    numbers, left_out = query_results.checked(bad)
    assert numbers.columns == ()
    assert len(left_out) == 4
    numbers, left_out = query_results.checked([{"row_count": n} for n in range(500)])
    assert (len(numbers.rows), left_out) == (400, ["100 rows after the first 400"])


def test_numbers_survive_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    numbers = Numbers(("day", "row_count", "change_pct"), ((START, 3, None), (TODAY, 4, -2.5)))
    for one in (numbers, Numbers((), ()), Numbers(("day",), ())):
        path.write_text(query_results.to_csv(one))
        assert query_results.read(path) == one
    assert query_results.read(tmp_path / "b.csv") is None
    for text in (
        "day\n1,2\n",
        "day,day\n",
        "email\nx\n",
        "row_count\nx\n",
        "\0",
        "day\n2026-02-31\n",
    ):
        path.write_text(text)
        assert query_results.read(path) is None, text
    path.write_bytes(b"\xff\xfe")
    assert query_results.read(path) is None
