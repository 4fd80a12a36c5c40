"""Where pages come from: the repository, its archive among MkDocs' files, and the navigation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

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
    files: Files,
    site: MkDocsConfig,
    settings: config.Config,
    shown: set[str] | None,
    documents: Path,
    *,
    in_handbook: bool,
) -> dict[str, Path]:
    """Remove the archive's files; in a wiki of its own, also unneeded files and files from outside.

    Returns the files next to postmortems by their path in the wiki ("incidents/2025/x.png"),
    limited to `shown` (None for all). In a handbook, the archive's README files stay pages of it.
    """
    found = {}
    places = _Places(settings.archive_dir, documents)
    for file in list(files):
        source = Path(file.abs_src_path or "")
        if not in_handbook and (
            _is_unused(file.src_uri, site)
            or (file.abs_src_path and is_outside(source, settings.root))
        ):
            files.remove(file)
            continue
        below = places.below(file)
        if below is None or (in_handbook and source.name.lower() == "readme.md"):
            continue
        files.remove(file)
        at = settings.archive_dir / below
        if is_outside(at, settings.root):
            continue
        path = f"incidents/{below}"
        is_shown = shown is None or path in shown
        if is_shown and not file.is_documentation_page() and at.is_file():
            found[path] = at
    return found


class _Places:
    """Where files are below the archive; another plugin may have copied them from `docs_dir`."""

    def __init__(self, archive: Path, documents: Path) -> None:
        self.archive, self.inside = archive, archive.resolve()
        self.real: Callable[[Path], Path] = cache(Path.resolve)
        is_below = archive.is_relative_to(documents) and archive != documents
        self.prefix = f"{archive.relative_to(documents).as_posix()}/" if is_below else ""

    def below(self, file: File) -> str | None:
        """The path of a file below the archive; None if it is elsewhere."""
        if not file.abs_src_path:
            return None
        source = Path(file.abs_src_path)
        at = self.real(source.parent) / source.name
        if at.is_relative_to(self.inside):
            return at.relative_to(self.inside).as_posix()
        if self.prefix and file.src_uri.startswith(self.prefix):
            path = file.src_uri.removeprefix(self.prefix)
            return path if (self.archive / path).is_file() else None
        return None


def in_nav(nav: object, title: str | None = None) -> Iterator[tuple[str, str | None]]:
    """The pages in an explicit navigation, with their titles there."""
    if isinstance(nav, str):
        yield nav, title
    elif isinstance(nav, list):
        for item in nav:
            yield from in_nav(item)
    elif isinstance(nav, dict):
        for name, value in nav.items():
            yield from in_nav(value, name)


def _is_unused(path: str, config: MkDocsConfig) -> bool:
    """Whether a theme file is not needed: its own search, and source maps."""
    if not path.startswith("assets/"):
        return False
    searches = any(name.endswith("search") for name in config.plugins)
    of_search = path.startswith(("assets/javascripts/lunr/", "assets/javascripts/workers/"))
    return path.endswith(".map") or (of_search and not searches)
