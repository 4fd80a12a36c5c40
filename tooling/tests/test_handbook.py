"""The wiki as a guest in a team's handbook: everything of theirs stays as it was.

Compared for every file of the site, without us and with us: each page's article byte for byte, then
the rest of the page except for navigation and previous/next, then all other files. Only the sitemap
and the search index may differ, and everything new is below one folder.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from handbook_support import (
    NAVIGATION,
    PLUGINS,
    RUNBOOK,
    add_us,
    article,
    entries,
    files_of,
    frame,
    tabs,
    write_handbook,
)
from incident.site.navigation import ENTRIES
from site_support import AGAIN, ARCHIVE, FIRST, Built, build

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_rules")]

MAY_DIFFER = {"sitemap.xml", "sitemap.xml.gz", "search/search_index.json"}
REVENUE = "incidents/2025/2025-05-14-revenue-drops"


@dataclass(frozen=True)
class Guest:
    """A handbook built without us and with us."""

    root: Path
    before: Built
    after: Built


Make = Callable[..., Guest]


@pytest.fixture
def guest(tmp_path: Path) -> Make:
    """Build a handbook without us, and with us."""

    def make(archive: str = "docs/incidents", options: str = "", **handbook: object) -> Guest:
        root = write_handbook(tmp_path / "repository", archive, **handbook)  # type: ignore[arg-type]
        before = build(root, tmp_path / "before", "--strict")
        assert before.code == 0, before.log
        there = files_of(root)
        add_us(root, options)
        after = build(root, tmp_path / "after", "--strict")
        assert after.code == 0, after.log
        changed = files_of(root)
        assert changed.pop("mkdocs.yaml") != there.pop("mkdocs.yaml")
        assert changed == there, "the build changes nothing in the repository"
        return Guest(root, before, after)

    return make


def assert_theirs_unchanged(found: Guest, folder: str = "incidents") -> int:
    """Compare everything of theirs; the number of pages."""
    before, after = files_of(found.before.site), files_of(found.after.site)
    ours = {name for name in after if name.startswith(f"{folder}/")}
    theirs = {name for name in before if not name.startswith("incidents/")}
    assert theirs == after.keys() - ours
    pages = 0
    for name in sorted(theirs - MAY_DIFFER):
        old, new = before[name].decode(errors="replace"), after[name].decode(errors="replace")
        if name.endswith(".html") and "<article" in old:
            pages += 1
            assert article(new) == article(old), name
            assert frame(new) == frame(old), name
        elif name.endswith(".html"):
            assert frame(new) == frame(old), name
        else:
            assert after[name] == before[name], name
    return pages


@pytest.mark.parametrize("archive", ["docs/incidents", "analytics/incidents", "incidents"])
def test_every_page_of_a_handbook_is_unchanged(guest: Make, archive: str) -> None:
    found = guest(archive)
    assert assert_theirs_unchanged(found) >= 7
    runbook = found.after.page("runbook")
    for part in ('type="radio"', "<iframe", 'class="mermaid"', "twemoji", "arithmatex", "onclick"):
        assert part in runbook
    assert "Revenue" in found.after.page(REVENUE)


@pytest.mark.parametrize("nav", [NAVIGATION, ""], ids=["explicit", "automatic"])
def test_a_navigation_gets_one_short_section(guest: Make, nav: str) -> None:
    found = guest(nav=nav)
    assert_theirs_unchanged(found)
    for page in ("", "runbook", "incidents/actions", REVENUE):
        assert tabs(found.after.page(page)).count("Incidents") == 1
    assert entries(found.after.page("incidents")) == list(ENTRIES.values())[1:]
    text = found.after.page("runbook")
    assert "incidents/rules/" not in text
    assert "incidents/2025" not in text


def test_a_navigation_that_has_our_pages_stays_as_it_is(guest: Make) -> None:
    found = guest(nav=f"{NAVIGATION}  - Postmortems: incidents/{FIRST}\n")
    assert_theirs_unchanged(found)
    assert tabs(found.after.page("runbook"))[-1] == "Postmortems"


def test_flat_addresses_lead_to_our_pages(guest: Make) -> None:
    found = guest(more="use_directory_urls: false\n")
    assert_theirs_unchanged(found)
    for page in (found.after.site / "incidents").rglob("*.html"):
        text = article(page.read_text(encoding="utf-8"))
        for link in re.findall(r'(?:href|src)="((?!https?:|mailto:)[^"#?]+)', text):
            assert (page.parent / unquote(link)).is_file(), f"{page}: {link}"


def test_removing_us_leaves_nothing_behind(guest: Make, tmp_path: Path) -> None:
    found = guest()
    path = found.root / "mkdocs.yaml"
    path.write_text(path.read_text("utf-8").replace("  - incident\n", ""), encoding="utf-8")
    again = build(found.root, found.after.site, "--strict")
    assert files_of(again.site).keys() == files_of(found.before.site).keys()
    status = ["git", "status", "--short", "--ignored"]
    assert not subprocess.run(status, cwd=found.root, capture_output=True, check=True).stdout


def test_our_policy_style_and_script_are_on_our_pages_only(guest: Make) -> None:
    found = guest()
    for path, page in files_of(found.after.site).items():
        if path.endswith(".html"):
            is_ours = path.startswith("incidents/")
            text = page.decode()
            assert ("Content-Security-Policy" in text) == is_ours, path
            assert ("assets/incident/" in text) == is_ours, path
            assert ("assets/team.css" in text) or "http-equiv=refresh" in text
    assert not (found.after.site / "_headers").exists()
    assert not (found.after.site / ".htaccess").exists()


def test_a_handbook_has_one_search_box_which_finds_incidents(guest: Make) -> None:
    found = guest()
    home = found.after.page("incidents")
    assert home.count('type="search"') + home.count('class="md-search__input"') == 1
    assert "The search box at the top finds incidents" in home
    assert 'rel="search"' not in home
    assert not (found.after.site / "incidents" / "pagefind").exists()
    places = searched(found.after)
    assert f"{REVENUE}/" in places
    assert "incidents/guide/" in places
    assert not any(place.startswith(("incidents/rules", "incidents/data")) for place in places)
    assert searched(found.before) - places == set()


def test_a_handbook_may_leave_incidents_out_of_its_search(guest: Make) -> None:
    found = guest(options=": {search: false}")
    assert "The search box at the top doesn't find incidents" in words(found.after, "incidents")
    assert not any(place.startswith("incidents/") for place in searched(found.after))


def test_a_handbook_without_a_search_gets_ours_on_our_pages(guest: Make) -> None:
    found = guest(plugins=["tags", "blog"])
    assert_theirs_unchanged(found)
    assert 'rel="search" type="text/html" title="Search" href="./search/"' in found.after.page(
        "incidents"
    )
    assert (found.after.site / "incidents/pagefind/indexes.json").is_file()


def searched(built: Built) -> set[str]:
    """The pages that the handbook's search finds."""
    text = (built.site / "search" / "search_index.json").read_text(encoding="utf-8")
    return {one["location"].partition("#")[0] for one in json.loads(text)["docs"]}


def words(built: Built, page: str) -> str:
    """The text of a page."""
    return html.unescape(built.page(page))


@pytest.mark.parametrize(
    ("theirs", "address"),
    [
        ({"docs/incidents.md": "# Ours\n"}, "incidents/index.html: incidents.md"),
        ({"docs/incidents/README.md": "# Ours\n"}, "incidents/index.html: incidents/README.md"),
        ({"docs/incidents/feed.xml": "<x/>"}, ""),
    ],
)
def test_a_name_clash_fails_the_build_and_lists_the_names(
    tmp_path: Path, theirs: dict[str, str], address: str
) -> None:
    plugins = ["search", "tags"]  # Material's blog fails after any error of another plugin
    root = write_handbook(tmp_path / "repository", files=theirs, plugins=plugins)
    add_us(root)
    built = build(root, tmp_path / "site")
    if address:
        assert built.code == 1
        assert (
            f"1 page of the archive would replace what is already there:\n  {address}" in built.log
        )
        assert "plugin's option `mount`" in built.log
        add_us(root, ": {mount: postmortems}")
        path = root / "mkdocs.yaml"
        path.write_text(path.read_text("utf-8").replace("  - incident\n", ""), encoding="utf-8")
        built = build(root, tmp_path / "site", "--strict")
        assert "Ours" in built.page("incidents")
        assert "Revenue" in built.page("postmortems/2025/2025-05-14-revenue-drops")
    assert built.code == 0, built.log


def test_links_to_a_postmortem_work_wherever_its_page_is(guest: Make) -> None:
    link = {"docs/links.md": f"# Links\n\n[first](incidents/{FIRST})\n"}
    nav = f"{NAVIGATION}  - links.md\n"
    found = guest(files=link, nav=nav, options=": {mount: data/postmortems}")
    assert "data/postmortems/2025/2025-05-14-revenue-drops/" in found.after.page("links")
    assert "Revenue" in found.after.page("data/postmortems/2025/2025-05-14-revenue-drops")
    assert tabs(found.after.page("links"))[-1] == "Incidents"


@pytest.mark.parametrize("mount", ["../x", "a b", "/", "x/../y", '"<x>"'])
def test_a_mount_must_be_a_folder(tmp_path: Path, mount: str) -> None:
    root = write_handbook(tmp_path / "repository", plugins=["search"])
    add_us(root, f": {{mount: {mount}}}")
    built = build(root, tmp_path / "site")
    assert built.code == 1
    assert "mount" in built.log
    assert "Traceback" not in built.log


RISKY = """
## Resolution

Set `{{ config.site_name }}` and {{ 7 * 191 }} and {% for x in range(3) %}zq{% endfor %}.

    --8<-- "../incident.toml"

--8<-- "mkdocs.yaml"
"""


@pytest.mark.parametrize("navigation", ["awesome-nav", "awesome-pages"])
def test_other_plugins_neither_run_our_text_nor_change_what_is_theirs(
    guest: Make, navigation: str
) -> None:
    macros = {"docs/macro.md": "# Macro\n\n{{ 6 * 7 }}\n"}
    text = ARCHIVE[AGAIN] + RISKY
    found = guest(
        plugins=[
            *PLUGINS,
            "macros: {on_error_fail: true}",
            navigation,
            "git-revision-date-localized: {type: iso_date, fallback_to_build_date: true}",
            'redirects: {redirect_maps: {"old.md": "runbook.md"}}',
            "minify: {minify_html: true}",
        ],
        nav="",
        files={
            **macros,
            **{path: text.replace("{{ not_a_macro }}", "") for path, text in THEIRS.items()},
            f"docs/incidents/{AGAIN}": text,
        },
    )
    assert_theirs_unchanged(found)
    assert "<p>42" in found.after.page("macro")
    again = article(found.after.page("incidents/2025/2025-09-02-revenue-drops-again"))
    assert "{{ 7 * 191 }}" in again
    assert "1337" not in again
    assert "zqzqzq" not in again
    assert "site_name: Data" not in again
    assert "archive =" not in again
    assert "2026-02-03" in again, "the date of its commit"
    page = found.after.page("incidents")
    assert tabs(page).count("Incidents") == 1
    assert entries(page) == list(ENTRIES.values())[1:]


THEIRS = {"docs/runbook.md": RUNBOOK}


COPY = """
import shutil, tempfile
def on_config(config):
    copied = tempfile.mkdtemp()
    shutil.copytree(config.docs_dir, copied, dirs_exist_ok=True)
    config.docs_dir = copied
    return config
"""


def test_a_plugin_may_build_from_a_copy_of_the_documents(guest: Make) -> None:
    files = {"copy_docs.py": COPY}
    found = guest(files=files, more="hooks: [copy_docs.py]\n", plugins=["search", "tags"])
    assert_theirs_unchanged(found)
    page = found.after.page(REVENUE)
    assert "Revenue" in page
    assert f"https://github.com/example/data/edit/main/docs/incidents/{FIRST}" in page


def test_tags_of_postmortems_stay_in_the_teams_index_of_tags(guest: Make) -> None:
    text = ARCHIVE[AGAIN].replace("recurrence_of:", "tags: [on-call, <b>bold</b>]\nrecurrence_of:")
    found = guest(files={f"docs/incidents/{AGAIN}": text.replace(", <b>bold</b>", "")})
    assert "Revenue low again" in found.before.page("tags")
    assert_theirs_unchanged(found)


def test_every_page_of_ours_has_a_source_that_git_knows(guest: Make) -> None:
    hook = "def on_page_content(html, page, **kw):\n    assert page.file.abs_src_path\n"
    found = guest(files={"hook_source.py": hook}, more="hooks: [hook_source.py]\n")
    assert "Revenue" in found.after.page(REVENUE)
