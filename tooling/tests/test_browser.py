"""The wiki of this repository's own archive, in Chromium."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from incident import archive
from incident.repository import config
from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASSET = "fct_orders"
PHONE: ViewportSize = {"width": 390, "height": 844}
RESULT = "#found > li"


def count(page: Page) -> int:
    """How many results there are, once the search has come to rest."""
    page.wait_for_selector("#found[data-state=done]", state="attached")
    return page.locator(RESULT).count()


def incident() -> tuple[str, str]:
    """Title and address of an incident of the archive that touched `ASSET`."""
    found = archive.load(config.load(CHECKOUT)).postmortems
    one = next(p for p in found if ASSET in {asset.name for asset in p.assets})
    return one.title, one.path.removesuffix(".md") + "/"


def words_apart() -> tuple[str, str]:
    """Two long words, each of one postmortem only, and not of the same one."""
    where: dict[str, set[int]] = {}
    for number, path in enumerate(_documents()):
        for word in re.findall(r"[a-z]{5,}", path.read_text(encoding="utf-8").lower()):
            where.setdefault(word[:5], set()).add(number)  # what a stemmer would keep apart
    body = [
        set(re.findall(r"\b[a-z]{5}\b", p.read_text("utf-8").split("---\n", 2)[2]))
        for p in _documents()
    ]
    own = [sorted(w for w in words if where[w] == {i}) for i, words in enumerate(body)]
    first, second = (words[0] for words in [words for words in own if words][:2])
    return first, second


def test_the_index_opens(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Incidents", exact=True).first.click()
    page.wait_for_url("**/incidents/")
    assert page.locator("#incidents tbody tr").count() == len(
        list(CHECKOUT.glob("incidents/*/*.md"))
    )


def test_a_search_for_an_asset_finds_its_incident(page: Page, address: str) -> None:
    title, path = incident()
    page.goto(address)
    page.locator("main input[type=search]").fill(ASSET)
    page.locator("main input[type=search]").press("Enter")
    page.wait_for_url("**/search/?q=*")
    assert count(page) >= 1
    page.locator(RESULT).get_by_role("link").filter(has_text=title).click()
    page.wait_for_url(f"**/{path}*")
    assert page.locator("h1").inner_text() == title


def test_filters_narrow_the_results_and_are_in_the_url(page: Page, address: str) -> None:
    page.goto(f"{address}search/")
    everything = count(page)
    assert everything == len(list(CHECKOUT.glob("incidents/*/*.md")))
    page.locator("#filters").hover()  # what can be chosen is loaded when it is needed
    for name in ("severity", "status", "cause", "asset"):
        page.locator(f"select[name={name}] option").nth(1).wait_for(state="attached")
    page.locator("select[name=severity]").select_option("P1")
    page.wait_for_url("**severity=P1*")
    narrowed = count(page)
    assert 0 < narrowed < everything
    assert set(page.locator(f"{RESULT} .sev-p1").all_inner_texts()) == {"P1"}
    page.reload()
    assert count(page) == narrowed
    assert page.locator("select[name=severity]").input_value() == "P1"


def test_words_without_a_common_match_still_find_something(page: Page, address: str) -> None:
    first, second = words_apart()
    page.goto(f"{address}search/?q={first}+{second}&kind=incident")
    assert count(page) == 2
    assert "any of the words" in page.locator("#count").inner_text()


def test_empty_results_are_announced(page: Page, address: str) -> None:
    page.goto(f"{address}search/?q=xylophonezebrafish")
    assert count(page) == 0
    assert "0 results" in page.locator("#count").inner_text()


def test_an_empty_result_offers_next_steps(page: Page, address: str) -> None:
    page.goto(f"{address}search/?q=tranzactions&severity=P3")
    page.wait_for_selector("#ideas li")
    links = page.locator("#ideas a")
    assert links.all_inner_texts() == [
        "transactions",
        "Search without the filters",
        "See all incidents",
    ]
    links.first.click()
    page.wait_for_url("**/search/?q=transactions*")
    page.wait_for_selector("#found li")
    assert page.locator("#seek input").input_value() == "transactions"


def test_the_search_works_by_keyboard_alone(page: Page, address: str) -> None:
    _, path = incident()
    page.goto(f"{address}{path}")
    page.keyboard.press("/")
    page.keyboard.type(ASSET)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    count(page)
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("ArrowDown")
    target = str(page.evaluate("document.activeElement.href"))
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(target)
    page.go_back()
    count(page)
    page.keyboard.press("s") if page.evaluate("document.activeElement === document.body") else None
    page.locator("#seek input").focus()
    page.keyboard.press("Escape")
    assert page.locator("#seek input").input_value() == ""


def test_no_page_scrolls_sideways_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    paths = ["", "incidents/", "actions/", "search/", f"search/?q={ASSET}"]
    paths += [p.relative_to(CHECKOUT).with_suffix("").as_posix() + "/" for p in _documents()]
    for path in paths:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], path


def test_search_is_reachable_from_an_incident_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address + incident()[1])
    page.locator("header").get_by_role("link", name="Search").click()
    page.wait_for_url("**/search/")
    assert count(page) > 0


def test_the_index_is_read_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{address}incidents/")
    title, _ = incident()
    page.get_by_role("link", name=title).click()
    assert page.locator("h1").inner_text() == title
    context.close()


def _documents() -> list[Path]:
    return sorted(CHECKOUT.glob("incidents/*/*.md"))
