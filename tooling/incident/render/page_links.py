"""Where the links of rendered pages lead: to pages and files by their final addresses."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, unquote

from incident.archive.files import is_outside
from incident.postmortem import wiki_urls
from incident.postmortem.markdown import link_targets
from incident.postmortem.markdown.link_rewriting import Lead
from incident.postmortem.markdown.links import Link
from incident.postmortem.wiki_urls import Layout
from incident.repository.config import Config
from incident.site.repository_urls import RepositoryUrls


@dataclass
class PageLinks:
    """`names`: all pages and files of the wiki. `dead` gets the links that lead nowhere."""

    settings: Config
    layout: Layout
    repository: RepositoryUrls
    names: Collection[str]
    dead: list[str]

    def from_page(self, page: str, link: Link, must_be_url: bool) -> Lead | None:
        """A link of a generated page."""
        if not link.is_inside or not link.path:
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), link.path))
        return self._lead(page, target, link) or self._nowhere(page, link)

    def from_document(self, page: str, here: str, link: Link, must_be_url: bool) -> Lead | None:
        """A link of the document at `here`."""
        if not link.is_inside or not link.path:
            return Lead(f"#{unquote(link.anchor)}") if link.is_inside and link.anchor else None
        archive = self.settings.archive
        for place in link_targets.places(link.path, here):
            name = wiki_urls.LIST if place == archive else wiki_urls.page_path(place, archive)
            is_ours = place == archive or place.startswith(f"{archive}/")
            if is_ours and (lead := self._lead(page, name, link)):
                return lead
        for place in link_targets.existing(link.path, here, self.settings.root):
            if not is_outside(self.settings.root / place, self.settings.root):
                return Lead(self.repository.url(place, link.rest), is_shown=False)
        return self._nowhere(here, link)

    def _lead(self, page: str, name: str, link: Link) -> Lead | None:
        """The relative address of a page or file of the wiki."""
        name = name if name in self.names and not self._is_text(name) else f"{name}.md"
        if name not in self.names:
            return None
        anchor = f"#{quote(unquote(link.anchor))}" if link.anchor else ""
        return Lead(f"{self.layout.base(page)}/{self.layout.url(name)}{anchor}")

    def _is_text(self, name: str) -> bool:
        """Whether a file is shown on a page."""
        return f"{name}.md" in self.names

    def _nowhere(self, where: str, link: Link) -> Lead:
        self.dead.append(f"{where}: {link.target}")
        return Lead("")
