"""A team's handbook with our section, in Chromium: what theirs look like, and that ours work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from handbook_support import NAVIGATION, add_us, write_handbook
from site_support import build, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("few_rules")]

MERMAID = "window.mermaid = {initialize() {}, render: async () => ({svg: '<svg></svg>'})}"
LOOK = """() => [...document.querySelectorAll("article, article *")].map((one) => {
  const {x, y, width, height} = one.getBoundingClientRect();
  const style = getComputedStyle(one);
  const names = ["color", "backgroundColor", "fontFamily", "fontSize", "fontWeight", "lineHeight",
    "letterSpacing", "margin", "padding", "border", "display", "textDecoration", "opacity"];
  return [one.tagName, x, y, width, height, ...names.map((name) => style[name])].join(" ");
})"""
INSTANT = "  features: [navigation.tabs, navigation.instant]\n"
PALETTES = {
    scheme: json.dumps({"index": index, "color": {"scheme": scheme, "primary": "teal"}})
    for index, scheme in enumerate(("default", "slate"))
}
REVENUE = "incidents/2025/2025-05-14-revenue-drops/"


@dataclass(frozen=True)
class Served:
    """A handbook without us, and with us."""

    before: str
    after: str


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A handbook with instant loading, which fetches nothing from other hosts but one frame."""
    folder = tmp_path_factory.mktemp("handbook")
    root = write_handbook(folder / "repository", nav=NAVIGATION)
    path = root / "mkdocs.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines = [INSTANT if line.startswith("  features:") else line for line in lines]
    gone = ("cdn.example", "repo", "edit_uri")
    text = "".join(line for line in lines if not any(one in line for one in gone))
    text = text.replace("  custom_dir:", "  font: false\n  custom_dir:")
    path.write_text(text.replace("https://handbook.example.com", "http://127.0.0.1"), "utf-8")
    assert build(root, folder / "before", "--strict").code == 0
    add_us(root)
    built = build(root, folder / "after", "--strict")
    assert built.code == 0, built.log
    with serve(folder / "before") as before, serve(folder / "after") as after:
        sitemap = built.site / "sitemap.xml"  # instant loading is for the pages in it
        text = sitemap.read_text("utf-8").replace("http://127.0.0.1/data/", after)
        sitemap.write_text(text, "utf-8")
        yield Served(before, after)


@pytest.fixture
def page(browser: Browser, handbook: Served) -> Iterator[Page]:
    """A page; what a handbook loads from other hosts is not there."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.route(lambda url: not url.startswith("http://127.0.0.1"), lambda it: it.abort())
        context.route("**/mermaid.min.js", lambda it: it.fulfill(body=MERMAID))
        yield context.new_page()


@pytest.fixture
def refused(page: Page) -> list[str]:
    """What a policy refused, or a script failed at."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if "Content Security" in m.text else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_the_teams_pages_look_the_same(page: Page, handbook: Served, scheme: str) -> None:
    page.add_init_script(f"localStorage.setItem('/.__palette', '{PALETTES[scheme]}')")
    for path in ("", "runbook/", "guide/", "tags/"):
        seen = []
        for address in (handbook.before, handbook.after):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            assert page.locator("body").get_attribute("data-md-color-scheme") == scheme
            seen.append(page.evaluate(LOOK))
        assert seen[0] == seen[1], path
        assert len(seen[0]) > 3


def test_the_themes_header_works_on_our_pages(
    page: Page, handbook: Served, refused: list[str]
) -> None:
    for path in ("incidents/", "incidents/all/", REVENUE):
        page.goto(handbook.after + path)
        page.wait_for_selector("html.js")
        assert page.locator(".md-search__input").is_visible()
        assert page.locator(
            "input[type=search]:visible, .md-search__input:visible"
        ).count() == 1 + (
            path == "incidents/all/"  # the list's filter
        )
        page.locator("label[for=__palette_1]").click()
        assert page.locator("body").get_attribute("data-md-color-scheme") == "slate"
        page.locator("label[for=__palette_0]").click()
        assert page.locator(".md-tabs__item--active").inner_text().strip() == "Incidents"
    assert not refused


def test_the_handbooks_search_finds_incidents(page: Page, handbook: Served) -> None:
    page.goto(f"{handbook.after}incidents/")
    page.locator(".md-search__input").click()
    page.keyboard.type("marmalade")
    page.locator(f'.md-search-result__link[href*="{REVENUE}"]').first.wait_for(state="attached")


def test_our_policy_ends_where_their_pages_begin(
    page: Page, handbook: Served, refused: list[str]
) -> None:
    page.goto(f"{handbook.after}runbook/")
    page.evaluate("window.same = true")
    for path, is_same in (("guide/", True), ("incidents/", False), ("runbook/", False)):
        page.locator(f'.md-tabs__link[href$="{path}"]').first.click()
        page.wait_for_url(f"**/{path}")
        assert page.evaluate("window.same === true") == is_same, path
        page.evaluate("window.same = true" if is_same else "0")
    assert page.evaluate("window.team") == 1
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 0
    assert not refused
