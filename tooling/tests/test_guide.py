"""The guide's pages: short, linked, and written the way the linter asks for."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from incident.archive import Archive
from incident.lint import linter
from incident.postmortem import reading
from incident.reports import Page, Wiki, guide
from incident.repository.config import Config
from incident.repository.queries import WAREHOUSES
from test_queries import guide as sql_blocks

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PAGES = {
    Path(one.path).stem: one.markdown
    for one in guide.build(Wiki(Archive((), ()), NOW.date()))
    if isinstance(one, Page)
}
_CODE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([\w-]+)\.md\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_takes_at_most_fifteen_minutes(name: str) -> None:
    words = reading.words(PAGES[name])  # with the code
    assert len(words) <= 15 * reading.WORDS_A_MINUTE


def test_the_guide_follows_the_rules_for_wording() -> None:
    chosen = linter.make(Config(root=Path(), select=("INC4",)), NOW)
    found = {
        name: [f"{one.span.line}: {one.message}" for one in chosen.check_prose(text)]
        for name, text in PAGES.items()
    }
    assert {name: one for name, one in found.items() if one} == {}


def test_every_page_is_on_the_start_page() -> None:
    assert set(_LINK.findall(PAGES["index"])) == PAGES.keys() - {"index"}


def test_every_placeholder_is_filled() -> None:
    for name, text in PAGES.items():
        assert "{{" not in _CODE.sub("", text), name


def test_the_queries_of_a_warehouse_are_shown_on_its_page() -> None:
    for name, title in WAREHOUSES.items():
        page = PAGES[f"queries-{name}"]
        assert page.startswith(f"# Queries: {title}\n")
        for heading in ("Freshness", "Duplicates by key", "Before and after"):
            assert f"\n## {heading}\n" in page
        assert page.count("```sql") > page.count("## ") - 3


def test_decision_trees_and_lists_are_nested_by_four_spaces() -> None:
    """Markdown needs four; with two, an answer becomes a question."""
    for name, text in PAGES.items():
        assert not re.search(r"^ {1,3}[-*] ", _CODE.sub("", text), re.MULTILINE), name


TABLES = """
    create schema analytics;
    create schema staging;
    create table staging.changed_orders as
    select
      n as order_id, date '2026-05-01' + cast(n // 10 as integer) as ordered_at,
      n % 7 as amount, '5' as amount_text, n as updated_at,
      'paid' as payment_state, 'paid' as payment_status
    from range(140) as numbers (n);
    create table analytics.orders_base as from staging.changed_orders;
    create table analytics.orders_old as from staging.changed_orders;
    create table analytics.orders_before as from staging.changed_orders;
    create table analytics.orders_by_day as
    select ordered_at as day, count(*) as row_count from analytics.orders_old group by 1;
"""


ORDERS = "create table analytics.orders as from analytics.orders_old"


def test_the_sql_of_the_playbooks_runs() -> None:
    """On DuckDB; it is the same for all warehouses. A block may need tables made by those above."""
    ran = 0
    for page in PAGES:
        blocks = [sql for name, sql in sql_blocks() if name == page and "queries" not in page]
        made = [sql for sql in blocks if sql.startswith("create table")]
        for sql in blocks:
            is_view = sql.startswith("create or replace view")
            with duckdb.connect() as connection:
                for one in (TABLES, *([] if is_view else [ORDERS]), *made):
                    connection.execute(one)
                if sql not in made:
                    connection.execute(sql)
            ran += 1
    assert ran >= 8
