"""Several builds in one process, as `mkdocs serve` makes them: none sees another's state."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort

from site_support import AGAIN, DRAFT, write_repository

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
