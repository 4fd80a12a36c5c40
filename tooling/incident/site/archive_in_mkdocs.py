"""Where pages come from: the repository, its archive among MkDocs' files, and the navigation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files

from incident.archive.files import is_outside
from incident.errors import IncidentError
from incident.repository import config


@contextmanager
def plugin_errors() -> Iterator[None]:
    """Make MkDocs print our errors on one line, like its own."""
    try:
        yield
    except IncidentError as error:
        raise PluginError(error.message + (f" ({error.hint})" if error.hint else "")) from error


def settings(site: MkDocsConfig) -> config.Config:
    """The configuration of the repository that contains mkdocs.yml."""
    here = Path(site.config_file_path).parent if site.config_file_path else Path.cwd()
    root = config.find_root(here) or here
    return config.load(root)


def take_archive(
    files: Files, site: MkDocsConfig, settings: config.Config, shown: set[str] | None
) -> dict[str, Path]:
    """Remove the archive, files outside the repository, and unneeded files of the theme.

    Returns the files next to postmortems by their path in the site, limited to `shown` (None for
    all).
    """
    found = {}
    inside = settings.archive_dir.resolve()
    real = cache(Path.resolve)
    for file in list(files):
        if _is_unused(file.src_uri, site):
            files.remove(file)
            continue
        source = Path(file.abs_src_path or "")
        if file.abs_src_path and is_outside(source, settings.root):
            files.remove(file)
            continue
        source = real(source.parent) / source.name
        if file.abs_src_path and source.is_relative_to(inside):
            files.remove(file)
            path = f"incidents/{source.relative_to(inside).as_posix()}"
            is_shown = shown is None or path in shown
            if is_shown and not file.is_documentation_page() and source.is_file():
                found[path] = source
    return found


def in_nav(nav: object) -> Iterator[str]:
    """The pages in an explicit navigation."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, (list, dict)):
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from in_nav(item)


def _is_unused(path: str, config: MkDocsConfig) -> bool:
    """Whether a theme file is not needed: its own search, and source maps."""
    if not path.startswith("assets/"):
        return False
    searches = any(name.endswith("search") for name in config.plugins)
    of_search = path.startswith(("assets/javascripts/lunr/", "assets/javascripts/workers/"))
    return path.endswith(".map") or (of_search and not searches)
