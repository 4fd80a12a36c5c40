"""The search page of this repository's own archive, in Chromium: kinds, ranking, spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROW = "#found > li"


def search(page: Page, address: str, query: str) -> list[dict[str, str]]:
    """Kind, title and reason of each result on the first page."""
    page.goto(f"{address}search/?{query}")
    page.wait_for_selector("#found[data-state=done]", state="attached")
    found: list[dict[str, str]] = page.locator(ROW).evaluate_all(
        """rows => rows.map((row) => ({
            kind: row.querySelector(".hit-facts b").textContent,
            title: row.querySelector("h2").textContent,
            why: row.querySelector(".why")?.textContent ?? "",
        }))"""
    )
    return found


@pytest.mark.parametrize(
    ("words", "kind", "title", "why"),
    [
        ("fct_orders", "Asset", "fct_orders", "Exact name"),
        ("FCT_Orders", "Asset", "fct_orders", "Exact name"),
        ("dbt:model.tidewater.fct_orders", "Asset", "fct_orders", "Exact name"),
        ("fct-orders", "Asset", "fct_orders", "In the name"),
        ("fct_order", "Asset", "fct_orders", "In the name"),  # singular
        ("order", "Asset", "orders", "In the name"),
        ("_orders", "Asset", "orders", "Exact name"),
        ("INC302", "Rule", "Every action item has a due date", "Exact code"),
        ("action-item-due", "Rule", "Every action item has a due date", "Exact name"),
        ("backfill", "Playbook", "Backfill", "Exact title"),
        ("incident response", "Guide", "Incident response", "Exact title"),
        ("2025-02-11-orders-late-after-shop-maintenance", "Incident", "Orders five", "Exact id"),
        ("maintenance calendar", "Action item", "Add the shop's maintenance", "In the title"),
        ("P0", "Incident", "Stock feed offered", "Severity"),
    ],
)
def test_an_exact_name_comes_first_with_that_reason(
    page: Page, address: str, words: str, kind: str, title: str, why: str
) -> None:
    first = search(page, address, f"q={words.replace(' ', '+')}")[0]
    assert (first["kind"], first["why"]) == (kind, why)
    assert first["title"].startswith(title)


def test_a_kind_narrows_the_results_and_is_in_the_url(page: Page, address: str) -> None:
    kinds = {one["kind"] for one in search(page, address, "q=backfill")}
    assert {"Incident", "Action item", "Playbook"} <= kinds
    counts = page.locator("#kinds .n").all_inner_texts()
    numbers = [int(one) for one in counts]
    assert numbers[0] == sum(numbers[1:])
    page.get_by_role("radio", name="Action items").focus()
    page.keyboard.press("Space")
    page.wait_for_url("**kind=action-item")
    page.wait_for_selector("#found[data-state=done]", state="attached")
    assert set(page.locator(".hit-facts b").all_inner_texts()) == {"Action item"}
    assert page.locator(ROW).count() == numbers[2]
    assert page.locator("#kinds .n").all_inner_texts() == counts
    page.reload()
    assert page.get_by_role("radio", name="Action items").is_checked()


def test_an_action_item_leads_to_its_place_on_the_incident(page: Page, address: str) -> None:
    search(page, address, "q=maintenance+calendar&kind=action-item")
    facts = page.locator(".hit-facts").first.inner_text()
    assert "Done" in facts and "ingestion" in facts
    page.locator(f"{ROW} a").first.click()
    page.wait_for_url("**/#item-ai-2")
    assert "maintenance calendar" in page.locator("tr:target").inner_text()


def test_a_misspelled_word_is_replaced_by_the_nearest(page: Page, address: str) -> None:
    for words, better in (
        ("ordres", "orders"),
        ("late ordres", "late orders"),
        ("orderzzz", "order"),
        ("bakcfill", "backfill"),
        ("fct_ordres", "fct_orders"),
    ):
        search(page, address, f"q={words.replace(' ', '+')}")
        link = page.locator("#ideas a").first
        assert link.inner_text() == better, words
        link.click()
        page.wait_for_selector(ROW)
    found = search(page, address, "q=late+ordres")
    assert found[0]["title"].startswith("Orders five hours late")
    assert "Nothing has “ordres”" in page.locator("#ideas").inner_text()


def test_a_full_reference_finds_what_its_name_finds(page: Page, address: str) -> None:
    named = search(page, address, "q=fct_orders")
    assert search(page, address, "q=dbt:model.tidewater.fct_orders") == named
    assert ("Incident", "Affected fct_orders") in {(one["kind"], one["why"]) for one in named}


@pytest.mark.parametrize(
    ("word", "better"),
    [
        ("denied", ""),
        ("retained", ""),
        ("shcema", "schema"),
        ("pipeln", "pipeline"),
        ("rodres", "orders"),
        ("cohse", "chose"),
        ("tranzactoins", "transactions"),
    ],
)
def test_another_spelling_is_not_another_word(
    page: Page, address: str, word: str, better: str
) -> None:
    page.goto(f"{address}search/")
    known = ["decide", "repaired", "schema", "pipeline", "orders", "chose", "transactions"]
    said = page.evaluate(
        "async ([word, known]) => new (await import('/assets/incident/search_text.mjs'))"
        ".Vocabulary([known]).nearest(word)",
        [word, known],
    )
    assert said == better


def test_nothing_found_shows_the_results_of_the_better_spelling(page: Page, address: str) -> None:
    expected = [one["title"] for one in search(page, address, "q=backfill&kind=incident")]
    found = search(page, address, "q=bakcfill&kind=incident")
    assert [one["title"] for one in found] == expected != []
    assert page.locator("#ideas").inner_text() == "No results for “bakcfill”; showing “backfill”."
    assert "q=bakcfill" in page.url
    assert (
        page.locator("#count")
        .inner_text()
        .endswith(" incident" if len(expected) == 1 else " incidents")
    )


def test_a_filter_that_no_result_has_stays(page: Page, address: str) -> None:
    assert search(page, address, "severity=P9") == []
    page.locator("select[name=severity] option", has_text="P9 (0)").wait_for(state="attached")
    assert page.locator("select[name=severity]").input_value() == "P9"
    assert "severity=P9" in page.url


def test_singular_and_plural_find_the_same(page: Page, address: str) -> None:
    one, many = (search(page, address, f"q={word}&kind=incident") for word in ("query", "queries"))
    assert sorted(r["title"] for r in one) == sorted(r["title"] for r in many) != []


@pytest.mark.parametrize("words", ["%25%25", "xyzzy plugh"])
def test_unknown_words_find_nothing(page: Page, address: str, words: str) -> None:
    assert search(page, address, f"q={words}&kind=incident") == []
    assert page.locator("#count").inner_text() == "0 incidents"
    assert page.get_by_role("link", name="See all incidents").is_visible()


def test_one_more_letter_does_not_reorder_the_results(page: Page, address: str) -> None:
    """Pagefind/pagefind#791."""
    before = {one["title"] for one in search(page, address, "q=maintenance&kind=incident")}
    after = {one["title"] for one in search(page, address, "q=maintenance+m&kind=incident")}
    assert before and after <= before


def test_snippets_begin_where_a_sentence_does(page: Page, address: str) -> None:
    for words in ("orders", "noticed", "backfill"):
        search(page, address, f"q={words}&kind=incident")
        for text in page.locator(".hit-text").all_inner_texts():
            assert text.startswith("… ") or text[0].isupper() or not text[0].isalpha(), text


TEXTS: list[tuple[str, list[int], str]] = [
    ("Title. One two. Three four five six.", [3], "One two. Three four five six."),
    (
        f"Title. {'word ' * 45}end. It was late, e.g. at noon, {'so ' * 12}on. Else.",
        [50],
        f"It was late, e.g. at noon, {'so ' * 12}on.",
    ),
    (f"Title. {'word ' * 30}and then: at last it came {'back ' * 30}here.", [37], "… at last it"),
]


@pytest.mark.parametrize(("content", "hits", "expected"), TEXTS)
def test_a_snippet_is_the_sentence_with_the_hit(
    page: Page, address: str, content: str, hits: list[int], expected: str
) -> None:
    page.goto(f"{address}search/")
    weighted = [{"location": at, "balanced_score": 1} for at in hits]
    data: dict[str, Any] = {"raw_content": content, "meta": {"title": "Title"}, "anchors": []}
    shown = page.evaluate(
        "async (data) => (await import('/assets/incident/search_text.mjs')).snippet(data)"
        ".map((one) => one.word).join('')",
        data | {"locations": hits, "weighted_locations": weighted},
    )
    assert shown.startswith(expected)


def test_a_screen_reader_hears_kinds_results_and_their_count(page: Page, address: str) -> None:
    search(page, address, "q=fct_orders")
    box = page.get_by_role("searchbox", name="Search")
    assert box.get_attribute("aria-controls") == "found"
    assert page.get_by_role("group", name="Kind of result").get_by_role("radio").count() == 7
    assert page.get_by_role("status").inner_text() == page.locator("#count").inner_text() != ""
    results = page.get_by_role("list", name="Results")
    assert results.get_by_role("heading", level=2, name="fct_orders", exact=True).is_visible()
    assert "Asset" in results.get_by_role("listitem").first.inner_text()
