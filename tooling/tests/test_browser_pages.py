"""Every kind of page in Chromium: accessible, fits a phone, loads from no other host."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from conftest import Watch
from site_support import build, serve, write_repository
from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route, ViewportSize

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLOSED = "incidents/2025/2025-05-14-revenue-drops-new-product-line/"
DRAFT = "incidents/2026/2026-11-20-returns-missing-in-margin-report/"
KINDS = {
    "home": "",
    "incidents": "incidents/",
    "year": "incidents/all/2025/",
    "incident": CLOSED,
    "draft": DRAFT,
    "assets": "data/",
    "asset": "data/dbt.model.tidewater.fct_orders/",
    "actions": "actions/",
    "owner": "actions/data-platform/",
    "patterns": "patterns/",
    "metrics": "metrics/",
    "rules": "rules/",
    "rule": "rules/action-item-due/",
    "guide": "guide/",
    "playbook": "guide/schema-evolution/",
    "queries": "guide/queries-snowflake/",
    "search": "search/?q=null",
}
PHONE: ViewportSize = {"width": 390, "height": 844}
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


def settle(page: Page) -> None:
    """Wait until nothing moves any more."""
    page.wait_for_load_state("networkidle")
    if page.locator("pre.graph").count():
        page.wait_for_selector("html[data-graphs=done]", state="attached")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_serious(
    browser: Browser, address: str, scheme: Literal["light", "dark"]
) -> None:
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if scheme == "dark":  # the same elements in other colors
        options["runOnly"] = ["color-contrast", "link-in-text-block"]
    found = {}
    for kind, path in KINDS.items():
        page.goto(address + path)
        settle(page)
        page.wait_for_timeout(300)  # colors fade in
        page.evaluate(axe)
        result: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
        severe = [
            f"{v['id']}: {v['nodes'][0]['target']} {v['nodes'][0]['failureSummary']}"
            for v in result["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
        if severe:
            found[kind] = severe
    context.close()
    assert found == {}


@pytest.mark.parametrize("width", [PHONE["width"], 900])
def test_every_kind_of_page_fits_its_window(page: Page, address: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for kind, path in KINDS.items():
        page.goto(address + path)
        settle(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, kind


def test_links_in_cells_are_marked_by_more_than_color(page: Page, address: str) -> None:
    plain = """[...document.querySelectorAll('.md-content td a')].filter(a => {
        const style = getComputedStyle(a)
        return style.textDecorationLine === 'none' && style.fontWeight < 600
    }).map(a => a.textContent)"""
    for kind, path in KINDS.items():
        page.goto(address + path)
        settle(page)
        assert page.evaluate(plain) == [], kind


def with_a_diagram(folder: Path) -> Path:
    repository = write_repository(folder)
    path = repository / "incidents" / "2025" / "2025-05-14-revenue-drops.md"
    path.write_text(f"{path.read_text()}\n```mermaid\nflowchart LR\n a --> fct_orders\n```\n")
    return repository


def test_a_diagram_in_a_postmortem_is_drawn(browser: Browser, tmp_path: Path) -> None:
    drawer = CHECKOUT / "node_modules" / "mermaid" / "dist" / "mermaid.min.js"
    if not drawer.is_file():
        pytest.skip("no mermaid here: `make setup` brings it where there is npm")
    repository = with_a_diagram(tmp_path / "repository")
    (repository / "node_modules").symlink_to(CHECKOUT / "node_modules")
    page, watch = browser.new_page(), Watch()
    watch.follow(page)
    with serve(build(repository, tmp_path / "site").site) as address:
        for path, there in (("incidents/2025/2025-05-14-revenue-drops/", True), ("", False)):
            watch.paths.clear()
            page.goto(address + path)
            settle(page)
            assert any(one.endswith("mermaid.min.js") for one in watch.paths) is there
            assert page.locator(".drawn-graph svg", has_text="fct_orders").count() == there
    page.close()


def test_without_mermaid_a_diagram_is_code_with_a_note(tmp_path: Path) -> None:
    built = build(with_a_diagram(tmp_path / "repository"), tmp_path / "site")
    shown = built.page("incidents/2025/2025-05-14-revenue-drops")
    assert "this wiki has no mermaid.min.js" in shown
    assert 'class="graph-source"' in shown
    assert 'class="graph"' not in shown


def test_screen_readers_can_read_the_clock(page: Page, address: str) -> None:
    page.goto(address + CLOSED)
    clock = page.get_by_role("figure", name=re.compile("10 h 30 min from start to resolution"))
    assert clock.is_visible()
    phases = clock.get_by_role("list").first.get_by_role("listitem")
    assert phases.first.inner_text().split("\n") == ["Undetected", "7 h 25 min"]


# the list of incidents


@pytest.fixture
def index(page: Page, address: str) -> Page:
    page.goto(f"{address}incidents/")
    page.wait_for_selector("#incidents[data-state=done]")
    return page


ROWS = "#incidents tbody tr"


def test_filters_narrow_the_list_and_are_in_the_url(index: Page) -> None:
    everything = index.locator(ROWS).count()
    for name in ("severity", "status", "kind", "cause", "trigger", "owner", "asset", "tag", "year"):
        assert index.locator(f"select[name={name}] option").count() > 1, name
    index.locator("select[name=severity]").select_option("P1")
    index.locator("select[name=year]").select_option("2025")
    narrowed = index.locator(ROWS).count()
    assert 0 < narrowed < everything
    assert "severity=P1" in index.url and "year=2025" in index.url
    assert f"{narrowed} of {everything}" in index.locator("#tally").inner_text()
    index.reload()
    index.wait_for_selector("#incidents[data-state=done]")
    assert index.locator(ROWS).count() == narrowed
    index.get_by_role("button", name="Clear").click()
    assert index.locator(ROWS).count() == everything
    assert "?" not in index.url


def test_open_incidents_can_be_chosen(index: Page) -> None:
    index.locator("select[name=status]").select_option("open")
    shown = index.locator(f"{ROWS} td[data-label=Status]").all_inner_texts()
    assert shown
    assert all("open" in one.lower().split() for one in shown)


def test_free_text_finds_titles_assets_owners_and_tags(index: Page) -> None:
    for words in ("null rename", "fct_orders", "ingestion", "stock"):
        index.locator("#narrow input").fill(words)
        index.wait_for_url("**/?q=*")
        index.wait_for_timeout(150)
        shown = index.locator(ROWS).all_inner_texts()
        assert 0 < len(shown) < 10, words


def test_columns_sort_by_keyboard_and_announce_it(index: Page) -> None:
    head = index.get_by_role("columnheader", name="Severity")
    head.get_by_role("button").press("Enter")
    order = index.locator(f"{ROWS} td[data-label=Severity]").all_inner_texts()
    assert order == sorted(order)
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").press("Enter")
    assert index.locator(f"{ROWS} td[data-label=Severity]").all_inner_texts() == order[::-1]
    assert "sort=severity-desc" in index.url


def test_unknown_times_sort_last_in_both_directions(index: Page) -> None:
    button = index.get_by_role("button", name="Time to resolve")
    for _ in range(2):
        button.click()
        last = index.locator(f"{ROWS} td[data-label='Time to resolve']").all_inner_texts()[-1]
        assert last == "\u2013"


def test_the_matrix_leads_to_its_incidents(page: Page, address: str) -> None:
    page.goto(f"{address}patterns/")
    page.get_by_role("link", name="2 with cause schema change and trigger upstream change").click()
    page.wait_for_selector("#incidents[data-state=done]")
    assert page.locator(ROWS).count() == 2


def test_without_javascript_every_incident_is_in_a_table(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}incidents/")
    assert page.locator(ROWS).count() == len(list(CHECKOUT.glob("incidents/*/*.md")))
    assert not page.locator("#narrow").is_visible()
    page.get_by_role("link", name="2025", exact=True).click()
    assert page.locator("tbody tr").count() == 4
    context.close()


def test_typing_filters_the_assets(page: Page, address: str) -> None:
    page.goto(f"{address}data/")
    page.get_by_role("searchbox", name="Filter assets").fill("orders")
    shown = [row for row in page.locator("#assets tbody tr").all() if row.is_visible()]
    assert shown and all("orders" in row.inner_text() for row in shown)


def test_every_kind_of_page_is_reached_by_keyboard(page: Page, address: str) -> None:
    """From home, by Tab and Enter alone, to each of the tabs."""
    for name in ("Incidents", "Action items", "Assets", "Patterns", "Metrics", "Guide"):
        page.goto(address)
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = str(page.evaluate("document.activeElement.textContent.trim()"))
            if focused == name:
                break
        else:
            pytest.fail(f"{name} is not reached")
        assert page.evaluate("document.activeElement.matches(':focus-visible')")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: url != address)


# paper


def test_paper_is_white_in_dark_mode_too(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(address + CLOSED)
    settle(page)
    page.emulate_media(media="print", color_scheme="dark")
    for selector in ("h1", "h2", ".stats dd b", ".line", ".tl time"):
        color = page.locator(f".incident {selector}").first.evaluate(
            "e => getComputedStyle(e).color"
        )
        assert max(map(int, re.findall(r"\d+", color)[:3])) < 130, (selector, color)
    page.close()


def test_an_incident_prints_to_few_clean_pages(page: Page, address: str, tmp_path: Path) -> None:
    page.goto(address + CLOSED)
    settle(page)
    raw = page.pdf(format="A4", print_background=False)
    pages = len(re.findall(rb"/Type\s*/Page\b", raw))
    assert 2 <= pages <= 5
    page.emulate_media(media="print")
    for selector in (".md-header", ".md-tabs", ".md-footer", ".md-sidebar", ".head-seek"):
        assert not any(one.is_visible() for one in page.locator(selector).all()), selector
    assert page.locator(".clock").is_visible()


def test_dark_readers_print_black_on_white(browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(address + CLOSED)
    settle(page)
    page.emulate_media(media="print", color_scheme="dark")
    colors = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('.incident .lead')).color]"
    )
    context.close()
    assert colors[0] in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert max(map(int, re.findall(r"\d+", colors[1])[:3])) < 80


def test_the_board_is_filtered_and_the_address_keeps_it(page: Page, address: str) -> None:
    page.goto(f"{address}actions/")
    page.wait_for_selector("html[data-board=done]", state="attached")
    cards = page.locator(".board .card")
    everything = cards.count()
    page.locator("#board-filters select[name=owner]").select_option("ingestion")
    chosen = cards.count()
    assert 0 < chosen < everything
    assert f"{chosen} of {everything} open items" in page.locator("#tally").inner_text()
    page.get_by_label("Overdue only").check()
    assert page.url.endswith("?owner=ingestion&overdue=1")
    shown = cards.all_inner_texts()
    assert shown and all("overdue" in one for one in shown)
    page.reload()
    page.wait_for_selector("html[data-board=done]", state="attached")
    assert cards.all_inner_texts() == shown
    page.get_by_role("button", name="Clear").click()
    assert cards.count() == everything
    assert page.url.endswith("/actions/")


@pytest.mark.parametrize("query", ["severity=P9", "owner=merchandising", "asset=no_such_table"])
def test_a_value_that_no_incident_has_shows_none(page: Page, address: str, query: str) -> None:
    page.goto(f"{address}incidents/?{query}")
    page.wait_for_selector("#incidents[data-state=done]")
    name, value = query.split("=")
    assert page.locator(ROWS).count() == 0
    assert page.locator(f"select[name={name}]").input_value() == value
    assert page.locator("#tally").inner_text().startswith("0 of ")
    assert page.url.endswith(f"?{query}")


def test_a_team_without_open_items_has_an_empty_board(page: Page, address: str) -> None:
    page.goto(f"{address}actions/?owner=merchandising")
    page.wait_for_selector("html[data-board=done]", state="attached")
    assert page.locator(".board .card").count() == 0
    assert page.locator("#board-filters select[name=owner]").input_value() == "merchandising"
    assert page.locator("#tally").inner_text().startswith("0 of ")
    assert all(one.is_visible() for one in page.locator(".board .empty").all())
    assert page.url.endswith("?owner=merchandising")


def test_unknown_is_a_value_that_the_list_filters_by(page: Page, address: str) -> None:
    """The cell of the matrix for incidents without a cause leads to these, not to all."""
    rows = f"{address}incidents/index.json"

    def without_causes(route: Route) -> None:
        data = route.fetch().json()
        at = data["columns"].index("cause")
        data["rows"][0][at], data["rows"][1][at] = "", "unknown"
        route.fulfill(json=data)

    page.route(rows, without_causes)
    page.goto(f"{address}incidents/?cause=unknown")
    page.wait_for_selector("#incidents[data-state=done]")
    assert page.locator(ROWS).count() == 2
    assert page.locator("select[name=cause] option:checked").inner_text() == "unknown (2)"


def test_large_numbers_have_separators(page: Page, address: str) -> None:
    def many(route: Route) -> None:
        data = route.fetch().json()
        data["rows"] = [data["rows"][n % len(data["rows"])] for n in range(1200)]
        route.fulfill(json=data)

    page.route(f"{address}**/*.json", many)
    page.goto(f"{address}incidents/")
    page.wait_for_selector("#incidents[data-state=done]")
    assert page.locator("#tally").inner_text() == "1,200 postmortems"
    page.goto(f"{address}actions/")
    page.wait_for_selector("html[data-board=done]", state="attached")
    page.locator("#board-filters select[name=owner]").select_option("ingestion")
    assert "of 1,200 open items" in page.locator("#tally").inner_text()


def test_labels_in_the_cards_of_a_phone_do_not_cover_their_values(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{address}metrics/")
    settle(page)
    wraps = "e => getComputedStyle(e, '::before').whiteSpace"
    for cell in page.locator("table.stack td.num:visible").all():
        assert cell.evaluate(wraps) == "normal", cell.inner_text()


def test_filters_do_not_fold_where_there_is_room(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}incidents/?owner=ingestion")
    page.wait_for_selector("#incidents[data-state=done]")
    assert not page.locator(".filter-toggle").is_visible()
    page.set_viewport_size(PHONE)
    assert page.locator(".filter-toggle").inner_text() == "Filters (1)"
    label = (
        "getComputedStyle(document.querySelector('[data-label=\"Time to detect\"]'), '::before')"
    )
    assert "Time to detect" in page.evaluate(f"{label}.content")


def test_the_trust_of_an_asset_fills_its_frame(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{address}data/dbt.model.tidewater.fct_orders/")
    width = "document.querySelector('.trust{}').getBoundingClientRect().width"
    frame, said = page.evaluate(f"[{width.format('')}, {width.format(' > .say')}]")
    assert frame - said < 3


def test_filters_fold_on_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{address}actions/")
    page.wait_for_selector("html[data-board=done]", state="attached")
    owner = page.locator("#board-filters select[name=owner]")
    assert not owner.is_visible()
    page.get_by_role("button", name="Filters").click()
    assert owner.is_visible()
