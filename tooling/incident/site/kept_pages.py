"""Pages that MkDocs does not have to make: finished in the last build, or HTML already."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import weak_property


class ReadyPage(Page):
    """A page that needs no conversion: another function makes its HTML."""

    def read_source(self, config: MkDocsConfig) -> None:
        """Read nothing."""
        self.markdown, self.meta = "", {}

    def render(self, config: MkDocsConfig, files: Files) -> None:
        """Convert nothing."""
        self.content = ""
        self.present_anchor_ids, self.links_to_anchors = set(), {}


class KeptFile(File):
    """What the last build left at `path`: for MkDocs a file to link to.

    `anchors`: where in a page links may lead.
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
        """Only until it has the place of a page: MkDocs would make the page again."""
        return not self.placed and super().is_documentation_page()

    def write(self, text: str) -> None:
        """Write it to the site."""
        target = Path(self.abs_dest_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def copy_file(self, dirty: bool = False) -> None:
        """Do nothing: it is there."""

    @weak_property
    def page(self) -> Page:
        """What links and the sitemap ask about; made when they ask."""
        made = ReadyPage(None, self, self.config)
        made.present_anchor_ids = self.anchors
        return made
