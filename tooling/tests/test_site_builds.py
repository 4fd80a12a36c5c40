"""Several builds in one process, as `mkdocs serve` makes them: none sees another's state."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import pytest
from markdown import Markdown
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, BuildError

from site_support import AGAIN, DRAFT, write_repository
from support import git_init

pytestmark = pytest.mark.slow


@pytest.fixture
def config(tmp_path: Path) -> MkDocsConfig:
    """The configuration of a small wiki without a search."""
    root = write_repository(tmp_path / "repository")
    path = root / "mkdocs.yml"
    path.write_text(path.read_text().replace("- incident\n", "- incident: {search: false}\n", 1))
    found = load_config(str(path), site_dir=str(tmp_path / "site"))
    found.plugins.on_startup(command="serve", dirty=False)
    return found


def again(config: MkDocsConfig) -> MkDocsConfig:
    """The configuration as a server reads it before the next build: the plugins stay."""
    found = load_config(config.config_file_path, site_dir=config.site_dir)
    found.plugins = config.plugins
    return found


def home(config: MkDocsConfig) -> str:
    return Path(config.site_dir, "index.html").read_text(encoding="utf-8")


def test_nothing_is_left_when_a_build_ends(config: MkDocsConfig) -> None:
    before = list(logging.getLogger("mkdocs").handlers)
    build(config)
    plugin = config.plugins["incident"]
    assert not hasattr(plugin, "build")
    assert logging.getLogger("mkdocs").handlers == before


def test_a_build_that_failed_leaves_nothing_to_the_next(config: MkDocsConfig) -> None:
    root = Path(config.config_file_path).parent
    before = list(logging.getLogger("mkdocs").handlers)
    build(config)
    template = root / "templates" / "pages" / "home.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text("{{ no.such }}")
    config = again(config)
    with pytest.raises(Abort):
        build(config)
    assert not hasattr(config.plugins["incident"], "build")
    assert logging.getLogger("mkdocs").handlers == before
    template.write_text("<h1>Ours</h1>")
    build(again(config))
    assert "<h1>Ours</h1>" in home(config)


def test_the_next_build_sees_what_has_changed(config: MkDocsConfig) -> None:
    root = Path(config.config_file_path).parent
    template = root / "templates" / "pages" / "home.html.j2"
    template.parent.mkdir(parents=True)
    template.write_text("<h1>First</h1>")
    build(config)
    assert "<h1>First</h1>" in home(config)
    template.write_text("<h1>Second</h1>")
    (root / "incidents" / DRAFT).unlink()
    config = again(config)
    build(config)
    assert "<h1>Second</h1>" in home(config)
    site = Path(config.site_dir, "incidents")
    assert not (site / DRAFT.removesuffix(".md")).exists()
    assert (site / AGAIN.removesuffix(".md") / "index.html").is_file()


def test_no_page_is_converted_without_the_plugin(
    config: MkDocsConfig, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(config.config_file_path)
    text = path.read_text().replace("- incident: {search: false}", "- search")
    assert "  - incident #" in text
    path.write_text(text[: text.index("nav:")])
    with pytest.raises(Abort):
        build(load_config(str(path), site_dir=config.site_dir))
    assert "add `- incident` under `plugins:`" in caplog.text


def test_the_guard_opens_for_one_build_only(config: MkDocsConfig) -> None:
    build(config)
    with pytest.raises(BuildError, match="sanitizes the pages"):
        Markdown(extensions=["incident"]).convert("text")


def test_a_configuration_without_the_guard_is_reported(
    config: MkDocsConfig, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(config.config_file_path)
    (line,) = [one for one in path.read_text().splitlines(True) if "  - incident #" in one]
    path.write_text(path.read_text().replace(line, ""))
    build(again(config))
    assert "add `- incident` under `markdown_extensions:`" in caplog.text


def test_every_theme_gets_the_policy_or_the_build_warns(
    config: MkDocsConfig, caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(config.config_file_path)
    own = path.parent / "overrides"
    own.mkdir()
    (own / "main.html").write_text('{% extends "base.html" %}')
    themed = path.read_text().replace("name: material", "name: material\n  custom_dir: overrides")
    path.write_text(themed)
    build(again(config))
    assert "Content-Security-Policy" not in caplog.text
    assert "default-src" in home(config)
    (own / "main.html").write_text("{{ page.content }}")
    build(again(config))
    assert "no Content-Security-Policy, style or script: the theme's pages have no" in caplog.text


@pytest.mark.parametrize("force", [".cache/incident", ".cache"])
def test_a_cache_that_git_tracks_is_refused(config: MkDocsConfig, force: str) -> None:
    root = Path(config.config_file_path).parent
    git_init(root)
    build(config)
    assert (root / ".cache" / "incident").is_dir()
    build(again(config))
    subprocess.run(["git", "add", "-f", force], cwd=root, check=True)
    with pytest.raises(Abort):
        build(again(config))


def test_a_symlinked_cache_is_refused(
    config: MkDocsConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = Path(config.config_file_path).parent
    (root / "mine").mkdir()
    (root / ".cache").symlink_to("mine")
    with pytest.raises(Abort):
        build(config)
    assert ".cache/incident is a link to another folder" in caplog.text
