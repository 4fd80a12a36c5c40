"""The cache of finished pages: a warm build equals a cold one, whatever has changed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest

import site_support
from incident.site import cache, contents, kept_files, search
from site_support import AGAIN, ARCHIVE, DRAFT, FIRST, write_repository
from support import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_rules")]

LINKED = """\
---
id: 2026-05-05-linked
title: Linked
severity: P3
---

[the late one](2026-03-01-orders-late.md), [a part](2026-03-01-orders-late.md#summary),
![plot](plot.svg)
"""


def build(repository: Path, site: Path) -> None:
    done = site_support.build(repository, site, "--quiet")
    assert done.code == 0, done.log


def build_by(code: Path, repository: Path, site: Path) -> None:
    """Build with a copy of the package."""
    done = site_support.build_elsewhere(repository, site, "--quiet", code=code)
    assert done.code == 0, done.log


def tree(site: Path) -> dict[str, bytes]:
    return {str(f.relative_to(site)): f.read_bytes() for f in site.rglob("*") if f.is_file()}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package, so that its code can change."""
    root = tmp_path_factory.mktemp("code")
    shutil.copytree(CHECKOUT / "tooling" / "incident", root / "tooling" / "incident")
    for name in ("templates", "schemas"):
        shutil.copytree(CHECKOUT / name, root / name)
    return root


def manifest(above: str, below: str) -> str:
    """dbt's manifest of two assets with one edge."""
    nodes = {
        above: {"resource_type": "model", "unique_id": above},
        below: {"resource_type": "exposure", "unique_id": below},
    }
    return json.dumps({"nodes": nodes, "child_map": {above: [below]}})


def repository(root: Path) -> Path:
    """The archive and a picture, without the search: its index differs every time."""
    write_repository(root, {**ARCHIVE, "2026/2026-05-05-linked.md": LINKED})
    (root / "incidents" / "2026" / "plot.svg").write_text("<svg/>")
    (root / "manifest.json").write_text(manifest("model.shop.fct_orders", "exposure.shop.other"))
    (root / "incident.toml").write_text('dbt_manifest = "manifest.json"\n')
    replaced("mkdocs.yml", "- incident\n", "- incident: {search: false}\n")(root)
    return root


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that has been built once, with its cache."""
    root = repository(tmp_path_factory.mktemp("built") / "repository")
    build(root, root.parent / "site")
    return root


def replaced(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def written(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return change


def removed(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def moved(name: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).rename(root / new)

    return change


def committed(root: Path) -> None:
    quiet = {"cwd": root, "check": True}
    subprocess.run(["git", "init", "-q"], **quiet)  # type: ignore[call-overload]
    subprocess.run(["git", "add", "-A"], **quiet)  # type: ignore[call-overload]
    who = ["-c", "user.name=Ines Halvorsen", "-c", "user.email=ines@example.com"]
    subprocess.run(["git", *who, "commit", "-qm", "x"], **quiet)  # type: ignore[call-overload]


AGAIN_WITH = ARCHIVE[AGAIN].replace("2025-09-02-revenue-drops-again", "2025-10-02-third")
CHANGES: dict[str, Callable[[Path], None]] = {
    "nothing": lambda root: None,
    "text": replaced(f"incidents/{DRAFT}", "We are on it", "It is fixed"),
    "frontmatter": replaced(f"incidents/{DRAFT}", "severity: P0", "severity: P3"),
    "the title of a related incident": replaced(f"incidents/{DRAFT}", "Orders late", "Later"),
    "the title of the first of a chain": replaced(f"incidents/{FIRST}", "low & late", "lower"),
    "another recurrence": written("incidents/2025/2025-10-02-third.md", AGAIN_WITH),
    "the title of an asset's incident": replaced(f"incidents/{AGAIN}", "low again", "again low"),
    "the severity of the first of a chain": replaced(f"incidents/{FIRST}", "y: P1", "y: P0"),
    "a renamed asset": replaced(f"incidents/{FIRST}", "model.shop.fct_orders", "model.shop.orders"),
    "a new manifest": written(
        "manifest.json", manifest("model.shop.fct_orders", "exposure.shop.revenue_dashboard")
    ),
    "an action item is done": replaced(f"incidents/{FIRST}", "committed", "done"),
    "another owner": replaced(f"incidents/{FIRST}", "owner: shop", "owner: store"),
    "a renamed file": moved(f"incidents/{DRAFT}", "incidents/2026/2026-03-02-orders-late.md"),
    "an incident goes": removed(f"incidents/{DRAFT}"),
    "another incident of an asset": written(
        "incidents/2026/2026-06-06-b.md",
        "---\nid: 2026-06-06-b\ntitle: B\nimpact:\n"
        '  assets: [{ref: "dbt:model.shop.fct_orders", role: root}]\n---\nText.\n',
    ),
    "a picture goes": removed("incidents/2026/plot.svg"),
    "an attached text": written("incidents/2026/check.sql", "select 1\n"),
    "a broken document": written("incidents/2026/2026-07-07-c.md", "---\nid: a\nid: b\n---\n"),
    "mkdocs.yml": replaced("mkdocs.yml", "site_name: Incident archive", "site_name: Ours"),
    "an extension's option": replaced("mkdocs.yml", "{permalink: true}", "{permalink: '¶¶'}"),
    "the navigation": replaced("mkdocs.yml", "Patterns: patterns.md", "Causes: patterns.md"),
    "incident.toml": written("incident.toml", "[severity_aliases]\nP0 = 'P2'\n"),
    "a template of the repository": written("templates/pages/asset.html.j2", "<h1>{{ s.name }}"),
    "the head of an incident": written("templates/pages/incident.html.j2", "<h1>{{ p.title }}"),
    "the theme": written("templates/theme/partials/copyright.html", "Ours"),
    "the style": written("templates/pages/assets/incident.css", "body { color: red }"),
    "a query of the guide": written("templates/queries/freshness.sql.j2", "-- Ours\nselect 1"),
    "the guide": written("templates/guide/extra.md", "# Extra\n\nSee [it](index.md).\n"),
    "history": committed,
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_warm_build_equals_a_cold_one(name: str, built: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(built, root)
    CHANGES[name](root)
    build(root, tmp_path / "warm")
    if name == "nothing":
        cold = tree(built.parent / "site")
    else:
        shutil.rmtree(root / ".cache")
        build(root, tmp_path / "cold")
        cold = tree(tmp_path / "cold")
        assert cold != tree(built.parent / "site")
    assert differing(tree(tmp_path / "warm"), cold) == []


def test_a_month_later_a_warm_build_equals_a_cold_one(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An action item becomes overdue, and every count of days grows."""

    class NextMonth(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(days=30)

    root = tmp_path / "repository"
    shutil.copytree(built, root)
    monkeypatch.setattr(contents, "datetime", NextMonth)
    build(root, tmp_path / "warm")
    shutil.rmtree(root / ".cache")
    build(root, tmp_path / "cold")
    cold = tree(tmp_path / "cold")
    assert differing(tree(tmp_path / "warm"), cold) == []
    assert cold != tree(built.parent / "site")


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Paths whose files differ or that only one of two sites has."""
    return [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]


IN_CODE = {
    "code of the plugin": replaced(
        "tooling/incident/postmortem/reading.py", "WORDS_A_MINUTE = 200", "WORDS_A_MINUTE = 1"
    ),
    "version of the plugin": replaced(
        "tooling/incident/__init__.py", '__version__ = "', '__version__ = "9'
    ),
    "allowed content of a page": replaced(
        "tooling/incident/site/sanitize.py", '_ANY = {"class", "id"', '_ANY = {"class"'
    ),
}


@pytest.fixture(scope="module")
def built_by_copy(tmp_path_factory: pytest.TempPathFactory, code: Path) -> Path:
    """A repository that a copy of the package has built, with its cache."""
    root = repository(tmp_path_factory.mktemp("built-by-copy") / "repository")
    build_by(code, root, root.parent / "site")
    return root


@pytest.mark.parametrize("name", IN_CODE)
def test_a_warm_build_by_changed_code_equals_a_cold_one(
    name: str, built_by_copy: Path, code: Path, tmp_path: Path
) -> None:
    root, own = tmp_path / "repository", tmp_path / "code"
    shutil.copytree(built_by_copy, root)
    shutil.copytree(code, own)
    IN_CODE[name](own)
    build_by(own, root, tmp_path / "warm")
    shutil.rmtree(root / ".cache")
    build_by(own, root, tmp_path / "cold")
    cold = tree(tmp_path / "cold")
    assert differing(tree(tmp_path / "warm"), cold) == []
    if name != "version of the plugin":
        assert cold != tree(built_by_copy.parent / "site")


def test_files_in_the_site_stay_only_if_correct(built: Path, tmp_path: Path) -> None:
    root, site = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(built, root)
    replaced("mkdocs.yml", "{search: false}", "{}")(root)
    build(root, site)
    page = site / "incidents" / FIRST.replace(".md", "/index.html")
    number, before = page.stat().st_ino, tree(site)
    build(root, site)
    assert page.stat().st_ino == number
    assert tree(site) == before

    (site / "incidents" / "stray.html").write_text("not of this site")
    page.write_text("not of this site")
    replaced(f"incidents/{AGAIN}", "another line", "one more line")(root)
    (root / "incidents" / DRAFT).unlink()
    build(root, site)
    shutil.rmtree(root / ".cache")
    build(root, tmp_path / "cold")
    warm, cold = without_index(tree(site)), without_index(tree(tmp_path / "cold"))
    assert differing(warm, cold) == []
    assert len(tree(site)) == len(tree(tmp_path / "cold"))


def without_index(site: dict[str, bytes]) -> dict[str, bytes]:
    """Pagefind renumbers pages in every run."""
    return {path: body for path, body in site.items() if not path.startswith("pagefind/")}


def test_what_is_excluded_stays_out_and_a_locked_store_leaves_nothing_behind(
    built: Path, tmp_path: Path
) -> None:
    root, site = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(built, root)
    replaced(
        "mkdocs.yml", "plugins:", "exclude_docs: |\n  /feed.json\n  /guide/roles.md\n\nplugins:"
    )(root)
    build(root, site)
    build(root, site)
    before = tree(site)
    assert not {"feed.json", "guide/roles/index.html"} & before.keys()
    (root / ".cache" / "incident" / "internal" / cache.NAME).write_bytes(os.urandom(4096))
    build(root, site)
    assert tree(site) == before
    assert not (site / kept_files.HIDDEN).exists()


def test_a_build_that_fails_leaves_nothing_of_the_last(built: Path, tmp_path: Path) -> None:
    root, site = tmp_path / "repository", tmp_path / "site"
    shutil.copytree(built, root)
    build(root, site)
    written("templates/pages/home.html.j2", "{{ nothing.there }}")(root)
    with pytest.raises(AssertionError):
        build(root, site)
    assert not (site / kept_files.HIDDEN).exists()
    (root / "templates" / "pages" / "home.html.j2").unlink()
    build(root, site)
    assert tree(site) == tree(built.parent / "site")


def test_only_changed_pages_are_rebuilt(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(built, root)
    build(root, tmp_path / "first")
    before = pages(root)
    replaced(f"incidents/{AGAIN}", "another line", "one more line")(root)
    build(root, tmp_path / "second")
    after = pages(root)
    assert len(before) > 30
    assert len(after - before) == len(before - after) == 1


def pages(root: Path) -> set[str]:
    known = cache.Store(root / cache.FOLDER / "internal").known
    return {key for key, (kind, _) in known.items() if kind == "page"}


def test_an_unusable_cache_is_not_a_failure(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(built, root)
    shutil.rmtree(root / ".cache")
    (root / ".cache").write_text("not a folder")
    build(root, tmp_path / "site")
    (root / ".cache").unlink()
    shutil.copytree(built / ".cache", root / ".cache")
    database = root / ".cache" / "incident" / "internal" / cache.NAME
    database.write_bytes(os.urandom(4096))
    build(root, tmp_path / "again")
    assert tree(tmp_path / "site") == tree(tmp_path / "again")


def test_a_year_that_did_not_change_keeps_its_index(built: Path, tmp_path: Path) -> None:
    """Pagefind renumbers pages in every run: an equal index was reused."""
    root = tmp_path / "repository"
    shutil.copytree(built, root)
    for n in range(search.LEAST):  # so many that the next year begins an index of its own
        id_ = f"2025-01-01-{n:03}"
        written(f"incidents/2025/{id_}.md", f"---\nid: {id_}\ntitle: A\n---\nText.\n")(root)
    replaced("mkdocs.yml", "{search: false}", "{}")(root)
    build(root, tmp_path / "first")
    replaced(f"incidents/{DRAFT}", "We are on it", "It is fixed")(root)
    build(root, tmp_path / "warm")
    shutil.rmtree(root / ".cache")
    build(root, tmp_path / "cold")
    first, warm = tree(tmp_path / "first"), tree(tmp_path / "warm")
    old = {path for path in first if path.startswith("pagefind/2025/")}
    assert old and all(warm[path] == first[path] for path in old)

    def fragments(found: dict[str, bytes]) -> set[str]:
        return {path for path in found if "/fragment/" in path}

    assert fragments(warm) == fragments(tree(tmp_path / "cold")) != fragments(first)


def test_with_other_plugins_nothing_is_cached(built: Path, tmp_path: Path) -> None:
    root = tmp_path / "repository"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(".cache"))
    (root / "hook.py").write_text(
        "def on_page_content(html, **_):\n    return html + '<p>hooked</p>'\n"
    )
    replaced("mkdocs.yml", "plugins:", "hooks: [hook.py]\n\nplugins:")(root)
    build(root, tmp_path / "site")
    assert not (root / ".cache" / "incident" / "internal" / cache.NAME).exists()
    assert b"hooked" in tree(tmp_path / "site")[f"incidents/{FIRST[:-3]}/index.html"]


def test_a_filled_page_equals_one_that_the_theme_rendered(built: Path, tmp_path: Path) -> None:
    """But for blanks between elements, and that the theme undoes the escape of a title's `&`.

    A hook keeps the plugin from filling pages.
    """
    root = tmp_path / "repository"
    shutil.copytree(built, root, ignore=shutil.ignore_patterns(".cache"))
    build(root, tmp_path / "filled")
    (root / "hook.py").write_text("def on_pre_build(**_):\n    pass\n")
    replaced("mkdocs.yml", "plugins:", "hooks: [hook.py]\n\nplugins:")(root)
    build(root, tmp_path / "rendered")

    def pages(site: Path) -> dict[str, str]:
        found = {
            name: text.decode().replace("&amp;", "&")
            for name, text in tree(site).items()
            if "html" in name
        }
        return {name: re.sub(r"\s*([<>])\s*", r"\1", text) for name, text in found.items()}

    filled, rendered = pages(tmp_path / "filled"), pages(tmp_path / "rendered")
    assert filled.keys() == rendered.keys()
    assert [name for name in filled if filled[name] != rendered[name]] == []


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, []),
        ({"2025": 1}, ["2025"]),
        ({"2024": 10, "2025": 10}, ["2024-2025"]),
        ({"2023": 100, "2024": 60, "2025": 10, "undated": 1}, ["2023-2024", "2025-undated"]),
        ({str(year): 1000 for year in range(2016, 2026)}, ["2016-2017", "2018-2019"]),
    ],
)
def test_years_share_an_index_so_that_there_are_few(
    counts: dict[str, int], expected: list[str]
) -> None:
    pages = {year: {f"{year}/{n}": "" for n in range(count)} for year, count in counts.items()}
    found = search.groups(pages)
    assert list(found)[:2] == expected
    assert len(found) <= search.MOST
    assert sum(map(len, found.values())) == sum(counts.values())
