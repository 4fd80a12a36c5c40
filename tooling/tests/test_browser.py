"""The wiki of this repository's own archive, in Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

from incident import archive, config
from site_support import build, serve, write_repository
from support import CHECKOUT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ASSET = "fct_orders"
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
RESULT = "#found > li"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium: in CI the browser tests must run")
        pytest.skip("no Chromium here: `make browser` installs it where it may")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def address(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    built = build(CHECKOUT, tmp_path_factory.mktemp("site"), "--strict")
    assert built.code == 0, built.log
    with serve(built.site) as found:
        yield found


@dataclass
class Watch:
    """What a page asked for and complained about."""

    hosts: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(browser: Browser, address: str, watch: Watch) -> Iterator[Page]:
    """A page that fails the test when it asks another host or reports an error."""
    context = browser.new_context(viewport=DESK)
    context.set_default_timeout(10_000)
    opened = context.new_page()
    opened.on("request", lambda request: watch.hosts.add(urlsplit(request.url).netloc))
    opened.on("pageerror", lambda error: watch.errors.append(str(error)))
    opened.on(
        "console",
        lambda said: watch.errors.append(said.text) if said.type in {"error", "warning"} else None,
    )
    yield opened
    context.close()
    assert watch.hosts <= {urlsplit(address).netloc, ""}
    assert watch.errors == []


def count(page: Page) -> int:
    """How many results there are, once the search has come to rest."""
    page.wait_for_function("document.querySelector('#found').dataset.state === 'done'")
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
    assert page.locator("table tbody tr").count() == len(list(CHECKOUT.glob("incidents/*/*.md")))


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


def test_a_filter_narrows_the_results_and_stands_in_the_address(page: Page, address: str) -> None:
    page.goto(f"{address}search/")
    everything = count(page)
    assert everything == len(list(CHECKOUT.glob("incidents/*/*.md")))
    for name in ("severity", "status", "cause", "asset"):
        assert page.locator(f"select[name={name}] option").count() > 1
    page.locator("select[name=severity]").select_option("P1")
    page.wait_for_url("**severity=P1*")
    narrowed = count(page)
    assert 0 < narrowed < everything
    assert set(page.locator(f"{RESULT} .chip-p1").all_inner_texts()) == {"P1"}
    page.reload()
    assert count(page) == narrowed
    assert page.locator("select[name=severity]").input_value() == "P1"


def test_words_that_no_postmortem_holds_together_still_find(page: Page, address: str) -> None:
    first, second = words_apart()
    page.goto(f"{address}search/?q={first}+{second}")
    assert count(page) == 2
    assert "any of the words" in page.locator("#count").inner_text()


def test_nothing_found_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}search/?q=xylophonezebrafish")
    assert count(page) == 0
    assert "0 postmortems" in page.locator("#count").inner_text()


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


def test_no_page_scrolls_sideways_on_a_telephone(page: Page, address: str) -> None:
    page.set_viewport_size(TELEPHONE)
    paths = ["", "incidents/", "actions/", "search/", f"search/?q={ASSET}"]
    paths += [p.relative_to(CHECKOUT).with_suffix("").as_posix() + "/" for p in _documents()]
    for path in paths:
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= TELEPHONE["width"], path


def test_search_can_be_reached_from_an_incident_on_a_telephone(page: Page, address: str) -> None:
    page.set_viewport_size(TELEPHONE)
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


def test_both_colour_schemes_are_readable(page: Page, address: str) -> None:
    """The text of every chip and every quiet line against what is behind it: 4.5 to 1."""
    schemes: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        for path in ("", "incidents/", incident()[1]):
            page.goto(address + path)
            page.wait_for_timeout(400)
            weak = page.evaluate(CONTRAST)
            assert weak == [], f"{scheme} {path}"


PAYLOADS = (
    "</title><script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 2'>",
    "<svg onload='window.ran = 3'></svg>",
    "<iframe srcdoc='<script>top.ran = 4</script>'></iframe>",
    "<details open ontoggle='window.ran = 5'>x</details>",
    "<a id=evil href='javascript:window.ran = 6'>x</a>",
    "[x](javascript:window.ran=7)",
    "<form id=seek action='javascript:window.ran = 8'><input name=q></form>",
    "<input autofocus onfocus='window.ran = 9'>",
    "<style>@import 'https://example.com/x.css'</style>",
    "<img src='https://example.com/x.png'>",
    "<object data='https://example.com/x'></object>",
    "<base href='https://example.com/'>",
    "<meta http-equiv='refresh' content='0; url=https://example.com/'>",
)


def hostile(number: int, payload: str) -> str:
    """A postmortem that says `payload` wherever it may say something."""
    said = json.dumps(payload)
    return f"""---
id: 2025-01-01-{number}
title: {said}
severity: {said}
status: draft
kind: {said}
owner: {said}
tags: [{said}]
roles: {{{said}: x}}
detection: {{method: {said}, source: {said}}}
impact: {{summary: {said}, assets: [{{ref: {said}, role: {said}}}]}}
action_items: [{{id: {said}, title: {said}, owner: {said}, status: {said}, proof: {said}}}]
evidence: [{{kind: {said}, title: {said}, url: {said}}}]
---

## {payload}

{payload}

> {payload}
"""


def test_nothing_that_an_author_writes_runs(browser: Browser, tmp_path: Path) -> None:
    files = {f"2025/2025-01-01-{n}.md": hostile(n, text) for n, text in enumerate(PAYLOADS)}
    repository = write_repository(tmp_path / "repository", files)
    built = build(repository, tmp_path / "site")
    assert built.code == 0, built.log
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
    paths = ["", "incidents/", "actions/", "search/"]
    paths += [f"incidents/{name.removesuffix('.md')}/" for name in files]
    with serve(built.site) as address:
        for path in paths:
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            for link in page.locator("main a[href^='javascript:']").all():
                link.click()
            assert page.evaluate("window.ran") is None, path
            assert page.url == address + path
    assert hosts <= {"127.0.0.1", ""}
    context.close()


def _documents() -> list[Path]:
    return sorted(CHECKOUT.glob("incidents/*/*.md"))


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const over = (top, below) => {
    const a = top[3] / 255;
    return [0, 1, 2].map((i) => top[i] * a + below[i] * (1 - a)).concat(255);
  };
  const behind = (node) => {
    const stack = [];
    for (let at = node; at; at = at.parentElement) {
      const c = rgba(getComputedStyle(at).backgroundColor);
      stack.push(c);
      if (c[3] === 255) break;
    }
    return stack.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 255]);
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    if (node.closest(".headerlink, .md-clipboard, .md-top, [hidden]")) continue;
    const ground = behind(node);
    const style = getComputedStyle(node);
    const colour = rgba(style.color);
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) opacity *= +getComputedStyle(at).opacity;
    colour[3] *= opacity;
    const a = light(over(colour, ground)), b = light(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const text = node.textContent.trim().slice(0, 40);
    if (ratio < (large ? 3 : 4.5)) weak.push(`${text}: ${ratio.toFixed(2)} ${node.className}`);
  }
  return weak;
}"""
