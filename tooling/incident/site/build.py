"""One build of the site: created when it starts, dropped when it ends."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import get_relative_url
from mkdocs.utils.templates import TemplateContext

from incident.postmortem.document import Document
from incident.reports import rendering, search_records
from incident.site import (
    archive_in_mkdocs,
    attached_pages,
    attachments,
    cache,
    contents,
    csp,
    guard,
    kept_files,
    leak_check,
    mount,
    navigation,
    page_head,
    page_skeleton,
    repository_urls,
    search,
    search_sheets,
    static_files,
)
from incident.site.kept_pages import KeptFile
from incident.site.options import Options
from incident.site.own_pages import OwnFile, OwnPage, conversion
from incident.site.page_links import PageLinks
from incident.site.page_skeleton import Skeletons
from incident.site.reuse import Reuse, Warnings
from incident.site.search_sheets import Sheet

log = get_plugin_logger(__name__)


class Build:
    """The state of one build. Raises IncidentError if the archive cannot be read.

    `documents`: `docs_dir` as mkdocs.yml has it; some plugins build from a copy.
    """

    def __init__(self, config: MkDocsConfig, options: Options, documents: Path) -> None:
        rendering.reload()
        self.config, self.options = config, options
        self.settings = archive_in_mkdocs.settings(config)
        self.folder = mount.folder(documents, self.settings, options)
        self.in_handbook = bool(self.folder)
        self.has_search = mount.has_search(config)
        has_graphs = static_files.has_graphs(self.settings.root)
        self.conversion = conversion(config, self.in_handbook, has_graphs)
        self.in_nav = dict(archive_in_mkdocs.in_nav(config.nav))
        trusted = options.cache and cache.is_trusted(self.settings.root)
        self.has_skeletons = not self.in_handbook and cache.usable(config)
        self.is_cached = self.has_skeletons and trusted
        kept_at = self.settings.root / cache.FOLDER / options.edition
        self.indexes = kept_at / "search" if trusted and not self.in_handbook else None
        store = None
        if self.is_cached:
            store = cache.opened(kept_at, cache.shared(config, self.settings))
        self.reuse = Reuse(Path(config.site_dir), store)
        self.contents = contents.read(self.settings, config, options, store, self.folder)
        self.titles: dict[str, str] = {}  # of a handbook's entries for us
        if self.in_handbook:
            self.titles = {self.contents.at(at): name for at, name in navigation.ENTRIES.items()}
        self.files = Files(())
        self.nav = Navigation([], [])
        urls = repository_urls.of_site(config, self.settings.root, options.edition)
        self.documents = documents
        shown = self.documents if self.in_handbook else None
        self.links = PageLinks(self.settings, urls, self.contents.at, shown)
        self.searched: dict[str, dict[str, Sheet]] = {}
        self.unprotected: list[str] = []
        self.warnings = Warnings()
        self.scripts: dict[str, list[str]] = {}
        self.sources = csp.handbook_sources(config) if self.in_handbook else {}
        self.env = Environment(autoescape=True)

    def hide_last_site(self) -> None:
        """Set the last build's files aside until we know which to keep."""
        if self.is_cached:
            kept_files.hide(self.reuse.site)

    def place(self, files: Files) -> Files:
        """Replace the archive's files with pages, and add the generated ones.

        Raises PluginError if one of them has the address of a page that is not ours.
        """
        shown = self.contents.pictures()
        attached = archive_in_mkdocs.take_archive(
            files, self.config, self.settings, shown, self.documents, in_handbook=self.in_handbook
        )
        ours = list(attachments.files(attached, self.config, self.contents.at))
        self.contents.add(attached_pages.pages(attached, self.contents.wiki))
        made = self.contents.files
        for path, source in static_files.static(self.settings.root).items():
            place = f"{self.folder}{path}"
            ours.append(File.generated(self.config, place, abs_src_path=str(source)))
        everything = {
            *files.src_uris,
            *(file.src_uri for file in ours),
            *made,
            *self.contents.paths,
        }
        kept = {
            path: KeptFile(path, self.config, digest, anchors)
            for path, (digest, *anchors) in self.reuse.heads(
                self.contents, self.in_nav, everything
            ).items()
        }
        digests = {path: cache.key(text) for path, text in made.items()}
        self.reuse.restore(digests | {file.dest_uri: file.digest for file in kept.values()})
        for path, text in made.items():
            if path in self.reuse.present:
                ours.append(KeptFile(path, self.config, digests[path]))
            else:
                ours.append(File.generated(self.config, path, content=text))
        for path in self.contents.paths:
            file = kept.get(path)
            if file and self._is_there(file):
                self._search_for(path, file.dest_uri, file.digest)
                ours.append(file)
            else:
                ours.append(self._file(path))
        mount.refuse_clashes([f for f in ours if not isinstance(f, attachments.Alias)], files)
        for one in (*ours, *self._aliases(files, ours)):
            files.append(one)
        self.files = self.links.files = files
        return files

    def _is_there(self, file: KeptFile) -> bool:
        """Whether a page of the last build is in the site, or can be restored."""
        if file.dest_uri in self.reuse.present:
            return True
        text = self.reuse.text(file.src_uri)
        if text:
            file.write(text)
        return bool(text)

    def _file(self, path: str) -> File:
        """A page that MkDocs builds."""
        file = OwnFile(path, None, self.config.site_dir, self.config.use_directory_urls)
        file.generated_by = "incident"
        if not self.contents.wiki.public and self.contents.entries:
            entry = self.contents.entries.get(path)
            # other plugins read dates and authors from git by this path; reports have the newest's
            newest = entry or next(iter(self.contents.entries.values()))
            source = self.settings.root / newest.document.path
            file.abs_src_path = str(source)
            if entry:
                file.generated_by = None
                file.edit_uri = Path(os.path.relpath(source, self.documents)).as_posix()
        if self.in_handbook and (path != self.contents.at(navigation.HOME) or self.config.nav):
            file.inclusion = InclusionLevel.NOT_IN_NAV
        OwnPage(file, self)
        return file

    def _is_document(self, document: Document) -> bool:
        """Whether a postmortem is one of the handbook's own files."""
        return (self.settings.root / document.path).is_relative_to(self.documents)

    def _aliases(self, files: Files, ours: Iterable[File]) -> Iterator[File]:
        """For links to postmortems by their paths in the handbook, if their pages are elsewhere."""
        if not self.in_handbook:
            return
        pages = {file.src_uri: file for file in ours}
        for path, entry in self.contents.entries.items():
            source = self.settings.root / entry.document.path
            if source.is_relative_to(self.documents):
                own = source.relative_to(self.documents).as_posix()
                if own != path and own not in files.src_uris:
                    yield attachments.Alias(own, pages[path], self.config)

    def _search_for(self, path: str, place: str, digest: str) -> None:
        """Register a page, at `place` in the site, for search."""
        entry = self.contents.entries.get(path)
        if entry:
            drill = entry.postmortem.drill
            record = None if drill else search_records.of_incident(entry.postmortem)
        else:
            page = path.removeprefix(self.folder)
            record = search_records.of_page(page, self.contents.wiki)
        if record:
            self._search_record(record, place, digest)

    def _search_record(self, record: search_records.Record, place: str, digest: str = "") -> None:
        place = search_sheets.name(record, place.removeprefix(self.folder))
        group = self.searched.setdefault(record.group, {})
        group[place] = search_sheets.of(record, digest)

    def navigate(self, nav: Navigation) -> Navigation:
        """In a handbook, show our section, unless the team's navigation has one of our pages."""
        if not self.in_handbook and nav.homepage is None:  # no tab, but the site's name leads there
            home = self.files.src_uris.get(navigation.HOME)
            nav.homepage = home.page if home else None
        entries = map(self.contents.at, navigation.ENTRIES)
        if self.in_handbook and not self.in_nav.keys() & {*self.contents.paths}:
            files = [self.files.src_uris[path] for path in entries if path in self.files.src_uris]
            shown = [file.page for file in files if file.page]
            ours = [file.page for file in self.files if isinstance(file.page, OwnPage)]
            navigation.add_section(nav, shown, ours)
        self.nav = nav
        return nav

    def mark_tab(self, page: Page, is_active: bool) -> None:
        """Mark the tab of a page of ours while the theme renders it."""
        if isinstance(page, OwnPage) and not self.in_handbook:
            navigation.mark(self.nav, page, is_active)

    def set_policy(self, env: Environment) -> None:
        """In a wiki of its own, write the Content-Security-Policy to header files."""
        self.env = env
        if self.in_handbook:
            return
        env.auto_reload = False  # templates do not change during a build
        if self.has_skeletons:
            self.skeletons = Skeletons(env, self.with_head)
        for path, text in csp.files(csp.policy(self._trusted(""))).items():
            target = self.reuse.site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def start_page(self, page: Page) -> None:
        """Prepare a page before conversion."""
        self.warnings.seen = False
        path = page.file.src_uri
        self.contents.start(page, self.in_nav.get(path) or self.titles.get(path))
        if self.has_skeletons and path not in self.in_nav:
            page.meta["template"] = page_skeleton.EMPTY
        entry = self.contents.entries.get(path)
        if entry and self.in_handbook and self._is_document(entry.document):
            page.meta["tags"] = contents.plain_tags(entry)  # their pages had them before us
        if self.in_handbook and path == self.contents.at(navigation.HOME):
            page.meta["title"] = navigation.TITLE  # of the window; "Overview" is the entry's

    @contextmanager
    def converting(self, page: Page) -> Iterator[None]:
        """While a page is converted, the links of a postmortem lead where it says."""
        entry = self.contents.entries.get(page.file.src_uri)
        guard.set_leads(partial(self.links.lead, page, entry.document.path) if entry else None)
        try:
            yield
        finally:
            guard.set_leads(None)

    def content(self, converted: str, page: Page) -> str:
        """The content of a page of ours, from the converted Markdown."""
        found = self.contents.html(converted, page)
        if self.warnings.seen:
            self.reuse.forget(page.file.src_uri)
        return found

    def fill_page(self, page: Page, context: TemplateContext) -> None:
        """Fill in the skeleton of a page's kind; for MkDocs, its template is empty."""
        if page.meta.get("template") == page_skeleton.EMPTY and isinstance(page, OwnPage):
            page.filled = self.skeletons.render(page, context)

    def finish_page(self, output: str, page: Page) -> str:
        """The finished page; one that is not ours stays as it is."""
        if not isinstance(page, OwnPage):
            return output
        output = page.filled or self.with_head(output, page)
        digest = self.reuse.keep(page, output)
        self._search_for(page.file.src_uri, page.file.dest_uri, digest)
        return output

    def with_head(self, output: str, page: Page | None = None) -> str:
        """A page of the theme, or its error page, with our policy, style and script."""
        wiki = self.contents.wiki
        url, path = (page.url, page.file.src_uri) if page else ("404.html", "404.html")
        base = get_relative_url(self.folder or ".", url).rstrip("/")
        added = page_head.feeds(self.config.site_name, base)
        if wiki.search == "own":
            added.append(page_head.search(f"{base}/{wiki.layout.url('search.md')}"))
        if self.in_handbook:
            added.append(page_head.style(f"{base}/{static_files.STYLE}"))
            added.append(page_head.script(f"{base}/{static_files.SCRIPT}"))
            output = page_head.without_instant(output)
        else:
            output = page_head.squeeze(output)
        output = page_head.with_skip_link(output)
        scripts = self._trusted(url)
        policy = csp.policy([*scripts, *csp.as_on(output, scripts)], self.sources)
        made = page_head.add(output, policy, added)
        if made is None:
            self.unprotected.append(path)
        return made or output

    def _trusted(self, url: str) -> list[str]:
        """The inline scripts that the theme has on the page at `url`."""
        base = get_relative_url(".", url)
        if base not in self.scripts:
            self.scripts[base] = csp.inline(self.env, self.config, base)
        return self.scripts[base]

    def in_sitemap(self, pages: Collection[File]) -> list[File]:
        """The files for the sitemap, given MkDocs' own `pages`.

        The theme loads pages in the sitemap instantly, without the policy of their own.
        """
        if self.in_handbook:
            features = self.config.theme.get("features") or []
            is_instant = any(one.startswith(page_head.INSTANT) for one in features)
            return [file for file in pages if not (is_instant and isinstance(file, OwnFile))]
        return [file for file in self.files if isinstance(file, KeptFile) or file in pages]

    def finish(self) -> None:
        """Check the public edition, build the search index, and save state for the next build."""
        site = self.reuse.site
        ours = site / self.folder
        if self.contents.wiki.search == "own" and self.options.search:
            for record in search_records.records(self.contents.wiki):
                file = self.files.src_uris[self.contents.at(record.page)]
                self._search_record(record, file.dest_uri)
            language = str(self.config.theme.get("language") or "en")
            search.index(ours, self.searched, self.indexes, language)
        elif not self.in_handbook:
            search.remove(ours)  # the last build's, which may have more pages
        if public := self.contents.public:
            shipped = self._shipped() | {f"{self.folder}{one}" for one in search.derived(ours)}
            leak_check.check(site, public, self.contents.origins(public), shipped)
        self.reuse.save()
        if self.unprotected:
            log.warning(
                "%s and %d more: %s",
                self.unprotected[0],
                len(self.unprotected) - 1,
                page_head.MISSING,
            )
        self.warnings.close()

    def _shipped(self) -> set[str]:
        """The files of the theme and of this package, by their place in the site.

        The pages of the rules are among them: their examples know nothing of the archive.
        """
        folders = [Path(rendering.__file__).parents[1], *map(Path, self.config.theme.dirs)]
        custom = self.config.theme.custom_dir
        return {
            file.dest_uri
            for file in self.files
            if file.abs_src_path
            and any(Path(file.abs_src_path).is_relative_to(one) for one in folders)
            and not (custom and Path(file.abs_src_path).is_relative_to(custom))
        } | {
            file.dest_uri for file in self.files if file.src_uri.startswith(f"{self.folder}rules/")
        }

    def abandon(self) -> None:
        """Remove the last build from the site, and discard this one from the store."""
        self.reuse.abandon()
        self.warnings.close()
