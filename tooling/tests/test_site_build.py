"""The wiki as MkDocs builds it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from site_support import (
    ARCHIVE,
    DRAFT,
    FIRST,
    Built,
    build,
    build_elsewhere,
    environment,
    write_repository,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_rules")]

REVENUE = "incidents/2025/2025-05-14-revenue-drops"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    repository = write_repository(tmp_path_factory.mktemp("repository"))
    return build_elsewhere(repository, tmp_path_factory.mktemp("site"), "--strict")


def test_a_strict_build_passes_without_a_warning(built: Built) -> None:
    assert built.code == 0, built.log
    assert "WARNING" not in built.log


def test_every_incident_has_its_address(built: Built) -> None:
    for name in ARCHIVE:
        assert (built.site / "incidents" / name.removesuffix(".md") / "index.html").is_file()
    assert not list(built.site.rglob("*.md"))


def test_incidents_are_not_in_the_navigation(built: Built) -> None:
    page = built.page("actions")
    navigation = page[page.index('class="md-tabs"') : page.index('class="md-content"')]
    assert "Incidents" in navigation
    assert REVENUE not in navigation


@pytest.mark.parametrize(
    ("page", "tab"),
    [
        ("incidents", "Incidents"),
        (f"{REVENUE}*", "Incidents"),
        ("data/dbt.*", "Assets"),
        ("actions/data-platform", "Action items"),
        ("guide/backfill", "Guide"),
        ("rules", "Guide"),
        ("metrics", "Metrics"),
        (".", None),
    ],
)
def test_the_tab_of_a_page_is_marked(built: Built, page: str, tab: str | None) -> None:
    file = next(built.site.glob(f"{page}/index.html"))
    html = file.read_text(encoding="utf-8")
    marked = re.findall(r'md-tabs__item--active"?>\s*<a [^>]*>\s*([^<]*?)\s*</a>', html)
    assert marked == ([tab] if tab else [])


def test_the_error_page_links_to_the_wiki(built: Built) -> None:
    page = (built.site / "404.html").read_text(encoding="utf-8")
    content = page[page.index("<article") : page.index("</article>")]
    links = re.findall(r'href="?([^" >]+)', content)
    assert len(links) == 3
    for link in links:
        assert (built.site / link.strip("/") / "index.html").is_file(), link


def test_every_page_begins_with_a_link_to_its_content(built: Built) -> None:
    for file in built.site.rglob("*.html"):
        page = file.read_text(encoding="utf-8")
        target = page.partition('class="md-skip"')[0].rpartition('href="')[2].partition('"')[0]
        assert f'id="{target.removeprefix("#")}"' in page, file


def test_document_text_cannot_run(built: Built) -> None:
    page = built.page(REVENUE)
    assert "<script>document.title" not in page
    assert "<title>Revenue ‹b›18%‹/b› low" in page
    assert "<b>18%</b>" not in page


def test_guidance_and_handles_are_not_in_the_site(built: Built) -> None:
    for file in built.site.rglob("*.*"):
        if file.suffix not in {".html", ".json", ".xml", ".txt", ".svg"}:
            continue
        text = file.read_text(encoding="utf-8")
        assert "no reader sees" not in text
        for who in ("zelda", "link", "midna", "ganon", "epona"):
            assert f"{who}-handle" not in text


def test_links_between_postmortems_lead_to_pages(built: Built) -> None:
    assert 'href="../../2026/2026-03-01-orders-late/"' in built.page(REVENUE)


def test_search_finds_incidents_items_assets_guide_and_rules(built: Built) -> None:
    counts = {}
    for entry in built.site.glob("pagefind/*/pagefind-entry.json"):
        languages = json.loads(entry.read_text("utf-8"))["languages"]
        counts[entry.parent.name] = sum(one["page_count"] for one in languages.values())
    pages = [*built.site.glob("guide/*/index.html"), *built.site.glob("rules/*/index.html")]
    items = sum(text.count("{id: AI-") for text in ARCHIVE.values())
    assert counts == {"2025-2026": len(ARCHIVE) + items, "assets": 3, "guide": len(pages)}
    found = json.loads((built.site / "pagefind" / "indexes.json").read_text())
    assert found == {"indexes": ["guide", "2025-2026", "assets"], "joins_words": False}
    assert not (built.site / "search" / "search_index.json").exists()


def test_no_page_names_another_host_to_load_from(built: Built) -> None:
    for file in built.site.rglob("*.html"):
        text = file.read_text(encoding="utf-8")
        for loading in ('src="http', 'src="//', '<link rel="stylesheet" href="http', "@import"):
            assert loading not in text, f"{file}: {loading}"


def test_a_template_that_fails_on_one_incident_breaks_only_a_strict_build(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    template = repository / "templates" / "pages" / "incident.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text(
        "<h1>{{ p.title }}</h1>{% if p.severity == 'P0' %}{{ p.no.such }}{% endif %}"
    )
    lax = build(repository, tmp_path / "lax")
    assert lax.code == 0, lax.log
    assert "incidents/2026/2026-03-01-orders-late.md: the page could not be rendered" in lax.log
    late = lax.page("incidents/2026/2026-03-01-orders-late")
    assert "This page could not be rendered; its text follows" in late
    assert "We are on it" in late
    assert "could not be rendered" not in lax.page(REVENUE)
    assert build(repository, tmp_path / "strict", "--strict").code != 0


def test_a_template_of_the_repository_runs_in_the_sandbox_and_is_named(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    template = repository / "templates" / "pages" / "home.html.j2"
    template.parent.mkdir(parents=True)
    for text in ("<h1>Home</h1>\n{{ ''.__class__.__mro__ }}", "\n{% if %}", "\n{{ no.such }}"):
        template.write_text(text)
        built = build(repository, tmp_path / "site")
        assert built.code == 1
        assert f"{template}:2: " in built.log
        assert "Traceback" not in built.log


def test_a_template_of_the_repository_reads_no_other_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("zq-secret-zq")
    repository = write_repository(tmp_path / "repository")
    template = repository / "templates" / "pages" / "home.html.j2"
    template.parent.mkdir(parents=True)
    for name in (str(secret), "../../../secret", "../../incident.toml"):
        template.write_text(f"{{% include {name!r} %}}")
        built = build(repository, tmp_path / "site")
        assert built.code == 1
        assert "zq-secret-zq" not in built.log
        assert "Traceback" not in built.log


def test_a_template_of_a_page_ends(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    template = repository / "templates" / "pages" / "home.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text(
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    )
    built = build(repository, tmp_path / "site")
    assert built.code == 1
    assert f"{template}:1: takes over 5 s" in built.log


def test_files_outside_the_repository_are_not_published(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    secret = tmp_path / "outside" / "secret.txt"
    secret.parent.mkdir()
    secret.write_text("zq-secret-zq")
    (repository / ".git").mkdir(exist_ok=True)
    (repository / ".git" / "token").write_text("zq-secret-zq")
    archive = repository / "incidents"
    (archive / "a.txt").symlink_to(secret)
    (archive / "b.md").symlink_to(secret)
    (archive / "c.txt").symlink_to("../.git/token")
    (archive / "folder").symlink_to(secret.parent)
    (archive / "loop").symlink_to("loop")
    built = build(repository, tmp_path / "site")
    assert built.code == 0, built.log
    for file in built.site.rglob("*"):
        assert not file.is_file() or b"zq-secret-zq" not in file.read_bytes(), file


def test_a_broken_document_is_a_page_and_breaks_only_a_strict_build(tmp_path: Path) -> None:
    files = {FIRST: ARCHIVE[FIRST], "2025/broken.md": "---\nid: a\nid: b\n---\n"}
    repository = write_repository(tmp_path / "repository", files)
    lax = build(repository, tmp_path / "site")
    assert lax.code == 0, lax.log
    assert "incidents/2025/broken.md:3" in lax.log
    assert "line 3" in lax.page("incidents/2025/broken")
    assert "broken.md" in lax.page("incidents")
    assert "Revenue" in lax.page(REVENUE)
    strict = build(repository, tmp_path / "strict", "--strict")
    assert strict.code != 0
    assert "incidents/2025/broken.md:3" in strict.log


@pytest.mark.parametrize(
    "body",
    ["Note: a first line with a colon\n", "---\nhide: all\n---\nthe text\n", "# Another title\n"],
)
def test_a_body_is_never_read_as_metadata(tmp_path: Path, body: str) -> None:
    text = f"---\nid: 2025-01-01-a\ntitle: A\nseverity: P3\n---\n{body}"
    repository = write_repository(tmp_path / "repository", {"2025/2025-01-01-a.md": text})
    result = build(repository, tmp_path / "site", "--strict")
    assert result.code == 0, result.log
    last = [line for line in body.splitlines() if line.strip()][-1].lstrip("# ")
    assert last in result.page("incidents/2025/2025-01-01-a")


def test_an_archive_of_another_name_has_the_same_addresses(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    (repository / "incidents").rename(repository / "postmortems")
    (repository / "incident.toml").write_text('archive = "postmortems"\n')
    site = (
        (repository / "mkdocs.yml").read_text().replace("docs_dir: inc", "docs_dir: postmortems #")
    )
    (repository / "mkdocs.yml").write_text(site)
    result = build(repository, tmp_path / "site", "--strict")
    assert result.code == 0, result.log
    assert "Revenue" in result.page(REVENUE)


def test_an_empty_archive_is_built_too(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository", {})
    result = build(repository, tmp_path / "site", "--strict")
    assert result.code == 0, result.log
    assert "No incidents yet" in result.page("")


def test_drills_have_a_page_but_are_not_listed(tmp_path: Path) -> None:
    drill = ARCHIVE[FIRST].replace("related: [", "drill: true\nrelated: [")
    repository = write_repository(tmp_path / "repository", {FIRST: drill, DRAFT: ARCHIVE[DRAFT]})
    result = build(repository, tmp_path / "site", "--strict")
    assert result.code == 0, result.log
    page = result.site / REVENUE / "index.html"
    text = page.read_text("utf-8")
    assert ">drill</span>" in text
    article = text.partition("<article")[2].partition("</article>")[0]
    for link in re.findall(r'href="(\.\./[^"#]*)"', article):
        target = (page.parent / link).resolve()
        assert (target / "index.html").exists() or target.is_file(), link
    assert "revenue-drops" not in result.page("")
    assert "revenue-drops" not in (result.site / "incidents.json").read_text("utf-8")
    found = json.loads((result.site / "pagefind" / "indexes.json").read_text())
    assert found["indexes"] == ["guide", "2026"]


def test_images_next_to_a_postmortem_are_published(tmp_path: Path) -> None:
    text = ARCHIVE[FIRST] + "\n![plot](plot.svg)\n"
    repository = write_repository(tmp_path / "repository", {**ARCHIVE, FIRST: text})
    (repository / "incidents" / "2025" / "plot.svg").write_text("<svg/>")
    result = build(repository, tmp_path / "site", "--strict")
    assert result.code == 0, result.log
    assert (result.site / "incidents" / "2025" / "plot.svg").is_file()
    assert 'src="../plot.svg"' in result.page(REVENUE)


def test_serve_builds_again_when_a_postmortem_changes(tmp_path: Path) -> None:
    repository = write_repository(tmp_path)
    port = 8000 + os.getpid() % 20000
    command = [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"]
    server = subprocess.Popen(
        command, cwd=repository, env=environment(), stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}/incidents/2026/2026-03-01-orders-late/"
        assert "We are on it" in _until(address, "We are on it")
        path = repository / "incidents" / "2026" / "2026-03-01-orders-late.md"
        path.write_text(path.read_text().replace("We are on it", "It is fixed"))
        assert "It is fixed" in _until(address, "It is fixed")
    finally:
        server.terminate()
        server.communicate(timeout=20)


def _until(address: str, wanted: str, seconds: float = 30) -> str:
    """The page at `address`, as soon as it holds `wanted`, else as it was at the end."""
    text = ""
    end = time.monotonic() + seconds
    while wanted not in text and time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            pass
        time.sleep(0.2)
    return text


def test_an_incident_has_a_link_to_edit_it_where_the_repository_is_known(tmp_path: Path) -> None:
    repository = write_repository(tmp_path / "repository")
    site = (repository / "mkdocs.yml").read_text()
    where = "repo_url: https://example.com/shop/data\nedit_uri: edit/main/incidents/\n"
    (repository / "mkdocs.yml").write_text(where + site)
    built = build(repository, tmp_path / "site", "--strict")
    assert built.code == 0, built.log
    link = f'href="https://example.com/shop/data/edit/main/incidents/{FIRST}"'
    assert link in built.page(REVENUE)
    assert link not in built.page("incidents/2026/2026-03-01-orders-late")
    assert 'rel="edit"' not in built.page("actions")
