"""The pages as plain functions: from an archive to HTML, without MkDocs and without a clock."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from incident import archive, reports
from incident.archive import Archive, Entry
from incident.postmortem import document
from incident.postmortem.wiki_urls import Layout
from incident.reports import Page, Wiki, _incident, actions, home, incidents
from incident.repository import config
from site_support import AGAIN, ARCHIVE, DRAFT, FIRST, write_repository

TODAY = date(2026, 11, 21)


@pytest.fixture
def small(tmp_path: Path) -> Archive:
    return archive.load(config.load(write_repository(tmp_path)))


def entry(found: Archive, name: str) -> Entry:
    return next(one for one in found.entries if one.document.path == f"incidents/{name}")


def head(found: Archive, name: str, **edition: Any) -> str:
    p = entry(found, name).postmortem
    wiki = Wiki(found, TODAY, **edition)
    return _incident.page(p, _incident.view(p, wiki), wiki)


def html(report: ModuleType, found: Archive, today: date = TODAY) -> str:
    """The HTML of a report's first page."""
    page = next(report.build(Wiki(found, today)))
    assert isinstance(page, Page)
    return page.html


def test_every_report_has_title_path_and_page(small: Archive) -> None:
    made = list(reports.build_all(Wiki(small, TODAY)))
    pages = {one.path: one for one in made if isinstance(one, Page)}
    assert {"index.md", "incidents/index.md", "actions.md", "search.md"} <= pages.keys()
    assert all(one.title for one in pages.values())
    assert all("<h1>" in one.html or one.markdown.startswith("# ") for one in pages.values())
    assert len({one.path for one in made}) == len(made)


def test_an_empty_archive_has_pages_too() -> None:
    for one in reports.build_all(Wiki(Archive((), ()), TODAY)):
        if isinstance(one, Page):
            assert "<h1>" in one.html or one.markdown.startswith("# ")


def test_home_has_overdue_items_oldest_first_and_counts_the_open(small: Archive) -> None:
    text = html(home, small)
    assert "Filter by key" in text
    assert "Ask the vendor" not in text  # open, and not overdue
    assert '<span class="n">1</span>' in text
    assert "open items</a>" in text


def test_overdue_is_measured_by_the_day_that_is_given(small: Archive) -> None:
    assert "day overdue" not in html(actions, small, date(2025, 6, 11))
    assert "1 day overdue" in html(actions, small, date(2025, 6, 12))


def test_index_is_a_plain_table_newest_first(small: Archive) -> None:
    text = html(incidents, small)
    order = [text.index(f"{name.removesuffix('.md')}/") for name in (DRAFT, AGAIN, FIRST)]
    assert order == sorted(order)
    for shown in ("2025-05-14", "P1", "published", "data-platform", "fct_orders"):
        assert shown in text
    assert "7 h 25 min" in text  # detected with another offset
    assert "1 d 10 h" in text
    assert "<script" not in text


def test_frontmatter_is_escaped(small: Archive) -> None:
    for text in (html(home, small), html(incidents, small), head(small, FIRST)):
        assert "Revenue &lt;b&gt;18%&lt;/b&gt; low &amp; late" in text
        assert "<b>18%</b>" not in text


def test_only_http_addresses_become_links(small: Archive) -> None:
    text = head(small, FIRST)
    assert 'href="https://example.com/pull/0"' in text
    assert "Not a link" in text
    assert "javascript:" not in text


def test_nobody_who_had_a_role_is_shown(small: Archive) -> None:
    text = head(small, FIRST)
    assert "1 reviewer" in text
    assert "-handle" not in text
    assert "responder" not in text


def test_times_are_in_utc_in_order_with_gaps(small: Archive) -> None:
    text = head(small, FIRST)
    times = ["2025-05-14T02:15Z", "2025-05-14T09:40Z", "2025-05-14T10:35Z", "2025-05-15T12:45Z"]
    at = [text.index(f'<time datetime="{time}">') for time in times]
    assert at == sorted(at)
    assert "7 h 25 min undetected" in text
    assert "1 d 2 h" in text


def test_header_facts(small: Archive) -> None:
    text = head(small, FIRST)
    for shown in (
        "a critical use case is wrong or late",
        "Code change",
        "May 13, 2025 to May 14, 2025",
        "82 instead of 100",
        "dbt:model.shop.fct_orders",
        "cash forecast",
        "no filter by name",
        "the filter is gone",
        "https://example.com/pull/1",
    ):
        assert shown in text


def test_a_recurrence_and_its_first_incident_name_each_other(small: Archive) -> None:
    assert "2025/2025-05-14-revenue-drops/" in head(small, AGAIN)
    assert "2025/2025-09-02-revenue-drops-again/" in head(small, FIRST)


def test_an_unknown_related_incident_is_shown_without_a_link(small: Archive) -> None:
    text = head(small, FIRST)
    assert "2026/2026-03-01-orders-late/" in text
    assert "1999-01-01-unknown" in text
    assert 'unknown/"' not in text


def test_body_has_no_comments_but_code_keeps_them(small: Archive) -> None:
    text = _incident.body(entry(small, FIRST).document)
    assert "no reader sees" not in text
    assert "<!-- an example in code stays -->" in text
    assert "schema_version" not in text


@pytest.mark.parametrize(
    "body",
    [
        "<!-- a\nb -->text",
        "text <!-- never closed",
        "<!-- one -->text<!-- two -->",
        "`` ` `` text <!-- after code -->",
    ],
)
def test_comments_of_every_form_go(body: str) -> None:
    found = document.parse(f"---\nid: x\n---\n{body}\n", "x.md")
    text = _incident.body(found)
    assert "<!--" not in text
    assert "text" in text


def test_a_broken_document_says_what_is_wrong_and_where() -> None:
    found = document.parse("---\nid: a\nid: b\n---\n", "incidents/2025/<x>.md")
    text = _incident.broken(found, Wiki(Archive((), ()), TODAY))
    assert "line 3" in text
    assert "&lt;x&gt;.md" in text


def test_addresses_are_relative_to_the_page() -> None:
    own, handbook = Layout(), Layout(in_handbook=True)
    flat = Layout(directory_urls=False)
    for page, base, in_handbook, in_file in [
        ("index.md", ".", ".", "."),
        ("actions.md", "..", "..", "."),
        ("incidents/index.md", "..", "..", ".."),
        ("incidents/2025/x.md", "../../..", "../..", "../.."),
    ]:
        assert own.base(page) == base
        assert handbook.base(page) == in_handbook
        assert flat.base(page) == in_file


def test_pages_have_an_address_in_every_layout() -> None:
    own, handbook = Layout(), Layout(in_handbook=True)
    flat = Layout(directory_urls=False)
    for page, url, in_handbook, in_file in [
        ("index.md", "", "", "index.html"),
        ("actions.md", "actions/", "actions/", "actions.html"),
        ("incidents/index.md", "incidents/", "all/", "incidents/index.html"),
        ("incidents/all/2025/index.md", *("incidents/all/2025/", "all/2025/"),
         "incidents/all/2025/index.html"),
        ("incidents/2025/an é.md", *("incidents/2025/an%20%C3%A9/", "2025/an%20%C3%A9/"),
         "incidents/2025/an%20%C3%A9.html"),
        ("incidents/index.json", "incidents/index.json", "index.json", "incidents/index.json"),
    ]:  # fmt: skip
        assert own.url(page) == url
        assert handbook.url(page) == in_handbook
        assert flat.url(page) == in_file


def test_repositories_can_override_page_templates(tmp_path: Path) -> None:
    repository = write_repository(tmp_path, {FIRST: ARCHIVE[FIRST]})
    own = repository / "templates" / "pages"
    own.mkdir(parents=True)
    (own / "incidents.html.j2").write_text("<h1>Ours</h1>{{ postmortems | length }}")
    found = archive.load(config.load(repository))
    assert html(incidents, found) == "<h1>Ours</h1>1"
    assert "Has this" in html(home, found)
