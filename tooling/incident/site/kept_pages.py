"""Pages that MkDocs does not need to build: finished in the last build."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import weak_property


class KeptFile(File):
    """A page kept from the last build at `path`; to MkDocs, a file to link to.

    `anchors`: the valid link targets in the page.
    """

    def __init__(
        self, path: str, config: MkDocsConfig, digest: str, anchors: Iterable[str] = ()
    ) -> None:
        urls, level = config.use_directory_urls, InclusionLevel.NOT_IN_NAV
        super().__init__(path, None, config.site_dir, urls, inclusion=level)
        self.config, self.digest, self.anchors = config, digest, set(anchors)
        self.placed = bool(self.dest_uri)

    placed = False

    def is_documentation_page(self) -> bool:
        """Only until it has a page's position: MkDocs would build the page again."""
        return not self.placed and super().is_documentation_page()

    def write(self, text: str) -> None:
        """Write it to the site."""
        target = Path(self.abs_dest_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def copy_file(self, dirty: bool = False) -> None:
        """Do nothing: it already exists."""

    @weak_property
    def page(self) -> Page:
        """The page that links and the sitemap need; created on demand."""
        made = Page(None, self, self.config)
        made.present_anchor_ids = self.anchors
        return made
