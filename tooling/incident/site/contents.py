"""The contents of the site before MkDocs converts them: the archive's pages and generated ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from markupsafe import escape
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink, TableOfContents

from incident import archive, reports
from incident.archive import Entry, public_edition
from incident.archive.public_edition import Edition
from incident.dbt import manifest
from incident.git.history import History
from incident.git.history import read as read_history
from incident.postmortem import wiki_urls
from incident.postmortem.document import Document
from incident.postmortem.wiki_urls import Layout
from incident.reports import Search, Wiki, incident_page
from incident.repository.config import Config
from incident.site import cache, leak_check, mount, sanitize, search_sheets
from incident.site.cache import Store
from incident.site.options import Options

log = get_plugin_logger(__name__)

_HEADING = re.compile(r'<h2 [^>]*?id="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)


@dataclass(frozen=True)
class Contents:
    """Everything by its path in the site ("incidents/2025/x.md").

    `public`: the public edition, if that is being built. `folder`: the wiki's folder in the site.
    """

    wiki: Wiki
    public: Edition | None = None
    folder: str = ""

    def at(self, page: str) -> str:
        """The path in the site of one of the wiki's pages or files."""
        return f"{self.folder}{self.wiki.layout.path(page)}"

    def _at(self, document: Document) -> str:
        return self.at(wiki_urls.page_path(document.path, document.archive))

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """The readable postmortems."""
        return {self._at(entry.document): entry for entry in self.wiki.archive.entries}

    @cached_property
    def broken(self) -> dict[str, Document]:
        """The unreadable documents."""
        found = ((self._at(document), document) for document in self.wiki.archive.broken)
        return {path if path.endswith(".md") else f"{path}.md": one for path, one in found}

    @cached_property
    def views(self) -> dict[str, incident_page.View]:
        """What each postmortem's page shows from others."""
        return {p: incident_page.view(e.postmortem, self.wiki) for p, e in self.entries.items()}

    @cached_property
    def _made(self) -> list[reports.Page | reports.File]:
        found = reports.build_all(self.wiki)
        return [one._replace(path=f"{self.folder}{one.path}") for one in found]

    @cached_property
    def pages(self) -> dict[str, reports.Page]:
        """The generated pages."""
        return {one.path: one for one in self._made if isinstance(one, reports.Page)}

    @cached_property
    def files(self) -> dict[str, str]:
        """The text of generated files other than pages."""
        return {one.path: one.text for one in self._made if isinstance(one, reports.File)}

    def add(self, pages: Iterable[reports.Page]) -> None:
        """Add pages; a document with the same path takes precedence."""
        for page in pages:
            path = self.at(page.path)
            if path not in self.entries and path not in self.broken:
                self.pages[path] = page

    @property
    def paths(self) -> list[str]:
        """Every page."""
        return [*self.pages, *self.entries, *self.broken]

    def markdown(self, path: str) -> str:
        """The Markdown for MkDocs; after an empty line, it does not look for its own metadata."""
        if page := self.pages.get(path):
            return f"\n{page.markdown}"
        if entry := self.entries.get(path):
            return f"\n{incident_page.body(entry.document)}"
        return ""

    def pictures(self) -> set[str] | None:
        """Which files next to postmortems the site may contain; None for all."""
        if not self.wiki.public:
            return None
        return {file for entry in self.entries.values() for file in _attached(entry.document)}

    def origins(self, public: Edition) -> dict[str, set[str]]:
        """The documents behind each page, and each file that they show."""
        found: dict[str, set[str]] = {}
        for path, entry in self.entries.items():
            source = public.names[entry.document.path]
            found.setdefault(path.removesuffix(".md"), set()).add(source)
            for file in _attached(entry.document):
                found.setdefault(self.at(file), set()).add(source)
        return found

    def start(self, page: Page, title: str | None) -> None:
        """Set a page's title, hide the sidebars, and warn about a document's faults.

        `title`: the navigation's own. A handbook's sidebar is the way back to its other pages.
        """
        path = page.file.src_uri
        hidden = [] if self.folder else ["navigation"]
        if entry := self.entries.get(path):
            page.title = title or _plain(entry.postmortem.title or entry.postmortem.id)
        elif made := self.pages.get(path):
            page.title = title or _plain(made.title)
            hidden += [] if made.markdown else ["toc"]
        elif document := self.broken.get(path):
            page.title = title or _plain(Path(path).stem)
            _warn(document)
        page.meta = {"hide": hidden}
        if self.folder and not self._is_found(path):
            page.meta["search"] = {"exclude": True}

    def _is_found(self, path: str) -> bool:
        """Whether a handbook's search finds a page: what people wrote, not lists of it."""
        is_text = path in self.entries or path.startswith(self.at("guide/"))
        return is_text and self.wiki.search == "handbook"

    def html(self, converted: str, page: Page) -> str:
        """The page's content from the converted Markdown."""
        path = page.file.src_uri
        if entry := self.entries.get(path):
            return self._incident(entry, converted, page)
        if made := self.pages.get(path):
            body = f" {search_sheets.BODY}" if made.markdown else ""  # the guide, the rules
            return f'<div class="report"{body}>{made.html or sanitize.clean(converted)}</div>'
        return incident_page.broken(self.broken[path], self.wiki)

    def _incident(self, entry: Entry, converted: str, page: Page) -> str:
        text = sanitize.clean(converted)
        seen, edit = self.views[page.file.src_uri], page.edit_url or ""
        shown, fault = incident_page.article(
            entry.document, entry.postmortem, seen, self.wiki, text, edit
        )
        if fault:
            log.warning("%s: the page could not be rendered: %s", entry.document.path, fault)
        page.toc = TableOfContents(
            [AnchorLink(_text(title), id_, 2) for id_, title in _HEADING.findall(shown)]
        )
        return f'<article class="incident" {search_sheets.BODY}>{shown}</article>'


def read(
    settings: Config, site: MkDocsConfig, options: Options, store: Store | None, folder: str
) -> Contents:
    """Read the archive, without what the public must not see. Raises IncidentError."""
    outside = options.edition == "public"
    reader = archive.read if outside else store.read if store else cache.slim
    found = archive.load(settings, reader)  # errors of the public edition name a line
    past, public = History(), None
    if outside:
        for document in found.broken:  # it may be public, and omitting it reveals nothing
            _warn(document)
        public = public_edition.edition(found, settings)
        leak_check.check_sources(public)
        leak_check.check_attachments(public)
        found = public.archive
    elif options.history:
        past = read_history(settings.root, settings.archive)
    wiki = Wiki(
        found,
        datetime.now(UTC).date(),
        past,
        f"{site.site_url.rstrip('/')}/{folder}" if site.site_url else "",
        site.site_name,
        outside,
        manifest=manifest.configured(settings.root, settings.dbt_manifest),
        layout=Layout(bool(folder), site.use_directory_urls),
        search=_search(site, options, folder),
        remember=store.remember if store else reports.make,
    )
    return Contents(wiki, public, folder)


def _search(site: MkDocsConfig, options: Options, folder: str) -> Search:
    """Whose search box the pages have, and whether it finds incidents."""
    if mount.has_search(site):
        return "handbook" if options.search else "elsewhere"
    return "own" if options.search or not folder else "none"


def _attached(document: Document) -> set[str]:
    """The files next to postmortems that a document links to or shows, by path in the site."""
    return {
        wiki_urls.page_path(file, document.archive)
        for file in leak_check.referenced(document)
        if file.startswith(f"{document.archive}/")
    }


def _warn(document: Document) -> None:
    """Warn of what keeps a document from being read."""
    for fault in document.faults:
        line = document.span(fault.start, fault.end).line
        log.warning("%s:%s: %s", document.path, line, fault.message)


def _text(heading: str) -> str:
    """A heading as the outline shows it: without its link and markup."""
    return re.sub(r'<a class="headerlink".*?</a>|<[^>]*>', "", heading).strip()


def plain_tags(entry: Entry) -> list[str]:
    """The tags of a postmortem, for the theme."""
    return [_plain(tag) for tag in entry.postmortem.tags]


def _plain(title: str) -> str:
    # the theme strips tags and then unescapes: nothing may look like a tag
    return str(escape(title.replace("<", "\u2039").replace(">", "\u203a")))
