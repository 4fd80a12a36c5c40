"""The chart of a query on the page of its incident."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from incident import archive
from incident.archive import query_results
from incident.archive.query_results import Numbers
from incident.reports import Wiki, _query_chart, incident_page
from incident.repository.config import Config
from investigate_support import INCIDENT, write_incident

START = date(2026, 9, 5)
DAYS = [START + timedelta(days=n) for n in range(37)]
WRONG = (date(2026, 10, 3), date(2026, 10, 4))
ROWS = Numbers(("day", "row_count"), tuple((day, 50 if day in WRONG else 100) for day in DAYS))
ID: str = INCIDENT["id"]


def drawn(numbers: Numbers) -> ElementTree.Element:
    return ElementTree.fromstring(str(_query_chart.draw(numbers, "A <b>title</b>", WRONG)))


def test_a_chart_has_a_bar_for_each_day_and_says_it_in_words() -> None:
    svg = drawn(ROWS)
    bars = svg.findall("rect")
    assert len(bars) == len(DAYS)
    assert [bar.get("class") for bar in bars].count("bar wrong") == 2
    assert bars[0].findtext("title") == "2026-09-05: 100"
    assert (
        svg.get("aria-label")
        == svg.findtext("title")
        == (
            "A <b>title</b>: rows by day from 2026-09-05 to 2026-10-11, from 50 to 100; "
            "wrong data from 2026-10-03 to 2026-10-04"
        )
    )
    assert svg.get("role") == "img"
    assert [text.text for text in svg.findall("text")] == [
        *("100", "rows", "2026-09-05", "2026-10-11"),
    ]
    assert str(_query_chart.draw(ROWS, "a", WRONG)) == str(_query_chart.draw(ROWS, "a", WRONG))


def test_positions_stay_inside() -> None:
    for count in (2, 36, 400):
        days = [START + timedelta(days=n) for n in range(count)]
        numbers = Numbers(("day", "row_count"), tuple((day, n * 7) for n, day in enumerate(days)))
        text = str(_query_chart.draw(numbers, "a", WRONG))
        for x, wide in re.findall(r'<rect [^>]*x="([\d.]+)%" width="([\d.]+)%"', text):
            assert float(x) + float(wide) <= 100.01
        assert len(text) < 250 * count + 1500


def test_two_tables_are_compared_with_marks() -> None:
    table = tuple((day, 100, None if day in WRONG else 100, 0) for day in DAYS)
    svg = drawn(Numbers(("day", "source_rows", "target_rows", "row_difference"), table))
    assert len(svg.findall("rect")) == len(DAYS) - 2
    marks = [line for line in svg.findall("line") if line.get("class") == "mark"]
    assert len(marks) == len(DAYS)
    assert "target rows by day" in str(svg.get("aria-label"))
    assert "target rows; line: source rows" in [text.text for text in svg.findall("text")]
    assert "marks show source rows" in str(svg.get("aria-label"))


def test_the_column_whose_nulls_changed_most() -> None:
    table = tuple((day, 100, 5, 100 if day in WRONG else 0) for day in DAYS)
    svg = drawn(Numbers(("day", "row_count", "a_null_pct", "b_null_pct"), table))
    assert "nulls in b by day" in str(svg.get("aria-label"))
    assert svg.findtext("text") == "100%"


@pytest.mark.parametrize(
    "numbers",
    [
        Numbers((), ()),
        Numbers(("day", "row_count"), ()),
        Numbers(("day", "row_count"), ((START, 5),)),
        Numbers(("day", "row_count"), tuple((day, 0) for day in DAYS)),
        Numbers(("latest_row", "hours_old"), (("2026-10-03", 3),)),
    ],
)
def test_too_few_numbers_are_not_drawn(numbers: Numbers) -> None:
    assert not _query_chart.draw(numbers, "a", WRONG)


def page(root: Path, public: bool = False) -> str:
    found = archive.load(Config(root=root))
    wiki = Wiki(found, date(2026, 11, 28), public=public)
    (p,) = found.postmortems
    return incident_page.page(p, incident_page.view(p, wiki), wiki)


def test_the_page_links_the_query_and_shows_its_chart(tmp_path: Path) -> None:
    piece = {
        "kind": "query",
        "title": "Rows by day: fct_orders",
        "url": f"{ID}/queries/fct_orders-rows_by_day.sql",
        "result": "rows by day fell 50%",
        "run_at": "2026-10-05T10:00Z",
    }
    path = write_incident(tmp_path, evidence=[piece, {"title": "a", "url": "../../../x.sql"}])
    assert '<svg class="plot query"' not in page(tmp_path)
    folder = path.with_suffix("") / "queries"
    folder.mkdir(parents=True)
    (folder / "fct_orders-rows_by_day.sql").write_text("select 1")
    (folder / "fct_orders-rows_by_day.csv").write_text(query_results.to_csv(ROWS))
    html = page(tmp_path)
    assert f'/incidents/2026/{ID}/queries/fct_orders-rows_by_day.sql/">Rows by day' in html
    assert '<svg class="plot query"' in html
    assert "Rows by day fell 50%." in html
    assert "query, 2026-10-05 10:00Z" in html
    assert '<svg class="plot query"' not in page(tmp_path, public=True)
    (folder / "fct_orders-rows_by_day.csv").write_text("day,email\n2026-01-01,a@example.com\n")
    assert '<svg class="plot query"' not in page(tmp_path)
