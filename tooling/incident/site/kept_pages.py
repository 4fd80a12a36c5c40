"""Pages that MkDocs need not make: finished in the last build, or HTML of another function."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import weak_property

TEMPLATE = "incident-ready.html"


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
    """What the last build left at `path`: to MkDocs a file that others may link to.

    `anchors`: those that others may link to, of a page.
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
        """Only until it has its place as a page has: MkDocs would make it anew."""
        return not self.placed and super().is_documentation_page()

    def write(self, text: str) -> None:
        """Put it in the site."""
        target = Path(self.abs_dest_path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())

    def copy_file(self, dirty: bool = False) -> None:
        """Nothing: it is there."""

    @weak_property
    def page(self) -> Page:
        """What a link, and the site's map, want to know of it; made when somebody asks."""
        made = ReadyPage(None, self, self.config)
        made.present_anchor_ids = self.anchors
        return made


def kept(path: str, config: MkDocsConfig, head: str) -> KeptFile:
    """The page of the last build whose `head` is this."""
    digest, *anchors = json.loads(head)
    return KeptFile(path, config, digest, anchors)


def head(digest: str, anchors: Iterable[str]) -> str:
    """What `kept` wants to know of a page."""
    return json.dumps([digest, *sorted(anchors)])


def alone(page: Page) -> bool:
    """Whether MkDocs has nothing to warn of when other pages change: no anchor leads out or astray.

    It looks at anchors when all pages are built, so a finished page could not be warned of.
    """
    for target, anchors in (page.links_to_anchors or {}).items():
        if target.src_uri != page.file.src_uri:
            return False
        if not set(anchors) <= (page.present_anchor_ids or set()):
            return False
    return True


class Warnings(logging.Handler):
    """Notes whether MkDocs warned of something."""

    seen = False

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        self.seen = True
