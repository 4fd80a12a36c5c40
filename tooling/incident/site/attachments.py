"""Files next to postmortems, as the site shows them: no attachment can run code."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, InclusionLevel

from incident.archive import attachments
from incident.archive.attachments import Kind
from incident.site import attached_pages, drawings

log = get_plugin_logger(__name__)


class Alias(File):
    """An alias under which links refer to another file of the site."""

    def __init__(self, path: str, target: File, config: MkDocsConfig) -> None:
        urls, level = config.use_directory_urls, InclusionLevel.NOT_IN_NAV
        super().__init__(
            path, None, config.site_dir, urls, dest_uri=target.dest_uri, inclusion=level
        )

    def is_documentation_page(self) -> bool:
        """Never: the target is one."""
        return False

    def copy_file(self, dirty: bool = False) -> None:
        """Do nothing: the target is written."""


def files(
    found: Mapping[str, Path], config: MkDocsConfig, at: Callable[[str], str]
) -> Iterator[File]:
    """The files that MkDocs copies or links to; omitted files are logged.

    `at`: from a path in the wiki to the path in the site.
    """
    for page, source in found.items():
        kind, path = attachments.kind(page), at(page)
        if why := attachments.problem(source):
            log.log(_level(kind), "%s %s", path, why)
        elif kind is Kind.PICTURE:
            yield File.generated(config, path, abs_src_path=str(source))
        elif kind is Kind.TEXT:
            yield Alias(path, File.generated(config, f"{path}.md", content=""), config)
        else:
            try:
                raw = attached_pages.start(source, drawings.LIMIT + 1)
                yield File.generated(config, path, content=drawings.clean(raw))
            except drawings.DrawingError as error:
                log.warning("%s is not shown in the wiki: %s", path, error)


def _level(kind: Kind) -> int:
    """The log level for an omitted file: only pictures are warnings, others may serve programs."""
    return logging.WARNING if kind is Kind.PICTURE else logging.INFO
