"""Every engine that reads mkdocs.yml: attacks run under none of them, in pages or attachments."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

import crawler
import test_render
from article_support import articles, differences
from integration_support import installed
from site_support import Built, environment, serve, write_repository
from support import CHECKOUT
from test_browser_safe import PAYLOADS, SCRIPT, hostile, settle

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.slow]

DRAWING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"><script>{SCRIPT}</script></svg>'
)
ATTACHED = {
    "drawing.svg": DRAWING,
    "page.html": f"<script>{SCRIPT}</script>",
    "page.xhtml": f'<script xmlns="http://www.w3.org/1999/xhtml">{SCRIPT}</script>',
    "query.sql": f"</code><script>{SCRIPT}</script>",
    "plot.png": f"<script>{SCRIPT}</script>",
}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Attacks that any reader of YAML accepts."""
    files = {
        f"2025/2025-01-01-{n}.md": f"---\nid: 2025-01-01-{n}\ntitle: A\n---\n\n{payload}\n"
        for n, payload in enumerate(PAYLOADS)
    }
    return write_repository(tmp_path / "repository", files)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of nothing but attacks."""
    files = {f"2025/2025-01-01-{n}.md": hostile(n, text) for n, text in enumerate(PAYLOADS)}
    links = " ".join(f"[{name}]({name})" for name in ATTACHED)
    files["2025/2025-01-02-attached.md"] = (
        f"---\nid: 2025-01-02-attached\ntitle: A\n---\n\n{links}\n"
    )
    root = write_repository(tmp_path_factory.mktemp("attacked") / "repository", files)
    for name, text in ATTACHED.items():
        (root / "incidents" / "2025" / name).write_text(text)
    return root


def run(
    command: list[str], root: Path, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    own = {"PYTHONPATH": str(path)} if path else {}
    return subprocess.run(
        command, cwd=root, env={**environment(), **own}, capture_output=True, text=True, check=False
    )


def with_package(folder: Path) -> str:
    """A search path on which this package is installed, for another Python."""
    there = folder / "incident_docs-0.dist-info"
    there.mkdir(parents=True)
    found = importlib.metadata.distribution("incident-docs").read_text("entry_points.txt")
    (there / "entry_points.txt").write_text(found or "")
    (there / "METADATA").write_text("Metadata-Version: 2.1\nName: incident-docs\nVersion: 0\n")
    return os.pathsep.join([str(folder), str(CHECKOUT / "tooling")])


def ran(site: Path, browser: Browser, paths: list[str]) -> list[str]:
    """The addresses in a site at which an attack ran, without a Content-Security-Policy."""
    found = []
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    with serve(site) as address:
        for path in paths:
            page.goto(address + quote(path), wait_until="load")
            settle(page)
            if page.evaluate("window.ran") is not None:
                found.append(path)
    context.close()
    return found


@pytest.mark.parametrize("engine", ["mkdocs", "properdocs"])
def test_no_attack_runs(engine: str, attacked: Path, browser: Browser, tmp_path: Path) -> None:
    path = None
    if engine == "properdocs":
        path = next(installed(engine, "--no-deps").parent.glob("lib/python*/site-packages"))
    command = [sys.executable, "-m", engine, "build", "--quiet", "-f", "mkdocs.yml"]
    done = run([*command, "--site-dir", str(tmp_path / "site")], attacked, path)
    built = Built(done.returncode, tmp_path / "site", done.stdout + done.stderr)
    assert built.code == 0, built.log
    folder = built.site / "incidents" / "2025"
    attached = [name for name in ATTACHED if (folder / name).is_file()]
    assert attached == ["drawing.svg"]
    pages = [f.relative_to(built.site).as_posix() for f in folder.rglob("*.html")]
    assert len(pages) > len(PAYLOADS)
    assert ran(built.site, browser, [*pages, "incidents/2025/drawing.svg", "index.html"]) == []


def test_zensical_converts_no_page(plain: Path, browser: Browser, tmp_path: Path) -> None:
    zensical = [str(installed("zensical") / "zensical"), "build", "--clean"]
    site = plain / "site"
    for options in ([], ["--strict"]):
        own = {"PYTHONPATH": with_package(tmp_path / f"path{len(options)}")}
        done = subprocess.run(
            [*zensical, *options],
            cwd=plain,
            env={**environment(), **own},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "add `- incident` under `plugins:`" in done.stderr
        pages = [f.relative_to(site).as_posix() for f in site.rglob("*.html")]
        assert not [p for p in pages if "2025-01-01" in p]
        assert ran(site, browser, [p for p in pages if "page" not in p]) == []
    # without the package there is no extension to refuse, and so no build either
    assert run([*zensical, "--strict"], plain).returncode == 1


def zensical(root: Path, out: Path) -> Path:
    """What `incident render` makes of a repository, built with Zensical; the folder of the site."""
    command = [sys.executable, "-m", "incident", "render", "--quiet", str(out)]
    assert run(command, root).returncode == 0
    done = run([str(installed("zensical") / "zensical"), "build", "--clean", "--strict"], out)
    assert done.returncode == 0, done.stderr
    return out / "site"


def test_zensical_publishes_what_was_rendered_and_no_attack_runs(
    attacked: Path, browser: Browser, tmp_path: Path
) -> None:
    site = zensical(attacked, tmp_path / "rendered")
    folder = site / "incidents" / "2025"
    assert [name for name in ATTACHED if (folder / name).is_file()] == ["drawing.svg"]
    pages = [f.relative_to(site).as_posix() for f in folder.rglob("*.html")]
    assert len(pages) > len(PAYLOADS)
    assert ran(site, browser, [*pages, "incidents/2025/drawing.svg", "index.html"]) == []


def hugo(root: Path, out: Path) -> Path:
    """The same with Hugo."""
    command = [sys.executable, "-m", "incident", "render", "--quiet", str(out), "--format", "hugo"]
    assert run(command, root).returncode == 0
    done = run([str(installed("hugo") / "hugo"), "--quiet", "--panicOnWarning"], out)
    assert done.returncode == 0, done.stderr
    return out / "public"


def compare(root: Path, site: Path, scratch: Path) -> None:
    """Fail where a site differs from what MkDocs builds, or has a dead link."""
    built = run([sys.executable, "-m", "mkdocs", "build", "--site-dir", str(scratch)], root)
    assert built.returncode == 0, built.stderr
    other = articles(site)
    assert len(other) > 90
    assert differences(articles(scratch), other) == []
    assert crawler.dead_links(site)[1] == []


def test_zensical_has_the_same_pages_as_mkdocs(tmp_path: Path) -> None:
    root = test_render.repository(tmp_path / "repository")
    compare(root, zensical(root, tmp_path / "rendered"), tmp_path / "site")


def test_hugo_has_the_same_pages_as_mkdocs(tmp_path: Path) -> None:
    root = test_render.repository(tmp_path / "repository")
    compare(root, hugo(root, tmp_path / "rendered"), tmp_path / "site")


def test_what_the_guard_is_for(plain: Path, browser: Browser) -> None:
    """Without the extension, Zensical builds in strict mode, and the attacks run."""
    mkdocs = plain / "mkdocs.yml"
    before = mkdocs.read_text()
    (line,) = [one for one in before.splitlines(True) if one.startswith("  - incident #")]
    mkdocs.write_text(before.replace(line, ""))
    try:
        done = run([str(installed("zensical") / "zensical"), "build", "--clean"], plain)
        assert done.returncode == 0, done.stderr
        pages = [f.relative_to(plain / "site").as_posix() for f in (plain / "site").rglob("*.html")]
        chosen = [page for page in pages if "2025-01-01" in page][:10]
        assert ran(plain / "site", browser, chosen) != []
    finally:
        mkdocs.write_text(before)
