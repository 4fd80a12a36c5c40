"""Where the links of a postmortem lead in the wiki.

To pages and files of the site; for other files of the repository, to their address at `repo_url`,
if there is one. A link that leads nowhere is a warning, and the page has only its text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import relpath
from urllib.parse import quote, unquote

from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url

from incident.archive.files import is_outside
from incident.postmortem import wiki_urls
from incident.postmortem.markdown import link_targets
from incident.postmortem.markdown.link_rewriting import Lead
from incident.postmortem.markdown.links import Link
from incident.repository.config import Config
from incident.site.repository_urls import RepositoryUrls

log = get_plugin_logger(__name__)


@dataclass
class PageLinks:
    """The links of one build.

    `at`: from the path of a page of the wiki to its path in the site. `documents`: the handbook's
    `docs_dir`, whose other pages a postmortem may link to.
    """

    settings: Config
    repository: RepositoryUrls
    at: Callable[[str], str]
    documents: Path | None = None
    files: Files = field(default_factory=lambda: Files(()))

    def lead(self, page: Page, here: str, link: Link, must_be_url: bool) -> Lead | None:
        """Where a link leads in the document at `here`; None if it stays as it is."""
        if not link.is_inside or not link.target:
            return None
        if not link.path:
            return self._on_page(link, must_be_url)
        for place in link_targets.places(link.path, here):
            file = self._file(place)
            if file is None or file.inclusion is InclusionLevel.EXCLUDED:
                continue
            anchor = f"#{unquote(link.anchor)}" if link.anchor else ""
            if must_be_url:
                return Lead(get_relative_url(file.url, page.file.url) + anchor)
            path = relpath(file.src_uri, page.file.src_uri.rpartition("/")[0] or ".")
            return Lead(quote(path) + anchor, is_path=True)
        for place in link_targets.existing(link.path, here, self.settings.root):
            if not is_outside(self.settings.root / place, self.settings.root):
                return Lead(self.repository.url(place, link.rest), is_shown=False)
        log.warning("%s: the link %s leads nowhere", here, link.target)
        return Lead("")

    def _file(self, place: str) -> File | None:
        """The page or file of the site that comes from a place in the repository."""
        archive = self.settings.archive
        if place == archive:
            return self.files.get_file_from_path(self.at(wiki_urls.LIST))
        if place.startswith(f"{archive}/"):
            return self.files.get_file_from_path(self.at(wiki_urls.page_path(place, archive)))
        source = self.settings.root / place
        if self.documents and source.is_relative_to(self.documents):
            path = source.relative_to(self.documents).as_posix()
            return self.files.get_file_from_path(path)
        return None

    def _on_page(self, link: Link, must_be_url: bool) -> Lead | None:
        """A link to a place on the same page: MkDocs knows its headings, and not its top."""
        if link.anchor in {"", "top"}:
            return Lead(link.target)
        return Lead(f"#{unquote(link.anchor)}", is_path=not must_be_url)
