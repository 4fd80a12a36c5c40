"""Every way to publish the wiki: no link is dead, and search works or the page says why not."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crawler
from site_support import Built, build, serve, write_repository

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOST = "https://pages.example.com"


@dataclass(frozen=True)
class Way:
    """A way to publish. `prefix`: the path on the host; `index`: its answer for a folder."""

    name: str
    prefix: str = "/data/"
    has_folders: bool = True
    index: str | None = "index.html"


WAYS = [
    Way("a host of its own", "/"),
    Way("a path of a host, GitHub Pages, GitLab Pages"),
    Way("use_directory_urls: false", has_folders=False),
    Way("a bucket, without index pages", "/bucket/", has_folders=False, index=None),
    Way("a folder on disk", "/", has_folders=False, index=None),
]


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> object:
    """The site for each way, built once."""
    folder = tmp_path_factory.mktemp("published")

    @cache
    def site(has_folders: bool, url: str) -> Built:
        root = write_repository(folder / f"{has_folders}{len(url)}")
        mkdocs = root / "mkdocs.yml"
        options = f"site_url: {url}\nuse_directory_urls: {str(has_folders).lower()}\n"
        mkdocs.write_text(options + mkdocs.read_text(encoding="utf-8"), encoding="utf-8")
        (root / "incidents" / "2025" / "rows.csv").write_text("a\n")
        path = root / "incidents" / "2026" / "2026-03-01-orders-late.md"
        links = "[rows](../2025/rows.csv), [all](..), [top](#summary)"
        path.write_text(f"{path.read_text()}\n{links}\n")
        return build(root, root / "site", "--strict")

    return lambda way: site(way.has_folders, HOST + way.prefix)


@pytest.fixture(params=WAYS, ids=lambda way: way.name)
def way(request: pytest.FixtureRequest) -> Way:
    found: Way = request.param
    return found


@pytest.mark.slow
def test_no_link_is_dead(sites: object, way: Way) -> None:
    built: Built = sites(way)  # type: ignore[operator]
    assert built.code == 0, built.log
    url = HOST + way.prefix
    pages, dead = crawler.dead_links(built.site, way.prefix, index=way.index, name=url)
    assert dead == []
    assert pages > 90
    assert crawler.missing(built.site, _in_files(built.site, url), way.index) == []


def _in_files(site: Path, url: str) -> list[str]:
    """The addresses in files that are not pages, from the site's root."""
    rows = json.loads((site / "incidents" / "index.json").read_text(encoding="utf-8"))
    found = [row[rows["columns"].index("url")] for row in rows["rows"]]
    for name in ("feed.xml", "feed.json", "incidents.json", "llms.txt", "sitemap.xml"):
        text = (site / name).read_text(encoding="utf-8")
        inside = re.findall(rf"{re.escape(url)}([^\s\"'<>)]*)", text)
        assert inside, name
        found += inside
    return [address for address in found if address]  # every host has a page for its root


@pytest.mark.slow
@pytest.mark.browser
def test_search_and_filters_work_from_a_host(sites: object, way: Way, browser: Browser) -> None:
    if way.index is None and "disk" in way.name:
        return
    built: Built = sites(way)  # type: ignore[operator]
    with serve(built.site) as address:
        page = browser.new_page()
        ending = "/" if way.has_folders else ".html"
        page.goto(f"{address}search{ending}?q=marmalade")
        page.wait_for_selector("#found[data-state=done] a")
        page.click("#found a")
        page.wait_for_selector("article.incident")
        page.goto(f"{address}incidents/{'' if way.has_folders else 'index.html'}?severity=P0")
        page.wait_for_selector("table#incidents[data-state=done]")
        assert page.locator("table#incidents tbody tr").count() == 1
        page.click("table#incidents tbody a")
        page.wait_for_selector("article.incident")
        page.fill(".head-seek input", "marmalade")
        page.press(".head-seek input", "Enter")
        page.wait_for_selector("#found[data-state=done] a")
        assert page.locator(".no-script").count() == 0
        page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_a_copy_on_disk_says_how_to_search_it(sites: object, browser: Browser) -> None:
    built: Built = sites(WAYS[-1])  # type: ignore[operator]
    page = browser.new_page()
    for name in ("search.html", "incidents/index.html"):
        page.goto((built.site / name).as_uri())
        page.wait_for_timeout(1200)
        assert page.locator(".no-script").is_visible()
        assert "python3 -m http.server" in page.locator(".no-script").inner_text()
    assert page.locator("table#incidents tbody tr").count() == 3
    page.click("table#incidents tbody a >> nth=0")
    assert page.locator("article.incident h1").is_visible()
    color = page.evaluate("getComputedStyle(document.querySelector('.sev')).borderRadius")
    assert color != "0px"  # styles are loaded
    page.close()
