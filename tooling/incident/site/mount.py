"""Where the wiki is in the site: alone at its root, or in one folder of a team's handbook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, InclusionLevel

from incident.errors import ConfigError
from incident.repository.config import Config
from incident.site.options import Options

FOLDER = "incidents"
_FOLDER = re.compile(r"[\w-][\w.-]*(?:/[\w-][\w.-]*)*")
SHOWN = 20


def folder(documents: Path, settings: Config, options: Options) -> str:
    """The wiki's folder in the site, with a slash at the end; "" in a wiki of its own.

    `documents`: `docs_dir`. Without the option `mount`, a site is a wiki of its own if it publishes
    the archive alone. Raises ConfigError.
    """
    if options.mount is None:
        alone = documents.resolve() == settings.archive_dir.resolve()
        return "" if alone else f"{FOLDER}/"
    chosen = options.mount.strip("/")
    if chosen and not _FOLDER.fullmatch(chosen):
        raise ConfigError(
            f"the plugin's option `mount` must be a folder, got {options.mount!r}",
            f"for instance `mount: {FOLDER}`",
        )
    return f"{chosen}/" if chosen else ""


def has_search(site: MkDocsConfig) -> bool:
    """Whether another plugin puts a search box on every page."""
    return any(name.rpartition("/")[2] == "search" for name in site.plugins)


def refuse_clashes(ours: Iterable[File], theirs: Iterable[File]) -> None:
    """Raise PluginError with the names of all pages that would have the same address."""
    excluded = InclusionLevel.EXCLUDED
    taken = {file.dest_uri: file.src_uri for file in theirs if file.inclusion != excluded}
    clashes = []
    for file in ours:
        if file.dest_uri in taken:
            clashes.append(f"{file.dest_uri}: {taken[file.dest_uri]}")
        taken[file.dest_uri] = "another page of the archive"
    if clashes:
        more = [f"and {len(clashes) - SHOWN} more"] if len(clashes) > SHOWN else []
        listed = "".join(f"\n  {one}" for one in [*clashes[:SHOWN], *more])
        pages = "1 page" if len(clashes) == 1 else f"{len(clashes)} pages"
        raise PluginError(
            f"{pages} of the archive would replace what is already there:{listed}\n"
            "  help: rename them, or choose another folder with the plugin's option `mount`"
        )
