"""One build of the site: created when it starts, dropped when it ends."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from incident.reports import _rendering
from incident.site import (
    archive_in_mkdocs,
    attachments,
    cache,
    contents,
    csp,
    guard,
    kept_files,
    leak_check,
    repository_urls,
    search,
    theme,
)
from incident.site.kept_pages import KeptFile, ReadyPage
from incident.site.options import Options
from incident.site.page_links import PageLinks
from incident.site.page_skeleton import Skeletons
from incident.site.reuse import Reuse, Warnings

log = get_plugin_logger(__name__)


class Build:
    """The state of one build. Raises IncidentError if the archive cannot be read."""

    def __init__(self, config: MkDocsConfig, options: Options) -> None:
        _rendering.reload()
        self.config, self.options = config, options
        self.settings = archive_in_mkdocs.settings(config)
        self.in_nav = set(archive_in_mkdocs.in_nav(config.nav))
        usable = cache.usable(config)
        trusted = options.cache and cache.is_trusted(self.settings.root)
        self.folder = self.settings.root / cache.FOLDER / options.edition
        self.is_cached = usable and trusted
        self.indexes = self.folder / "search" if trusted else None
        store = None
        if self.is_cached:
            store = cache.opened(self.folder, cache.shared(config, self.settings))
        self.reuse = Reuse(Path(config.site_dir), store)
        self.skeletons = Skeletons(usable and theme.own(self.settings.root, config))
        self.contents = contents.read(self.settings, config, options, store)
        self.files = Files(())
        self.links = PageLinks(
            self.settings, repository_urls.of_site(config, self.settings.root, options.edition)
        )
        self.searched: dict[str, dict[str, str]] = {}
        self.unprotected: list[str] = []
        self.warnings = Warnings()

    def hide_last_site(self) -> None:
        """Set the last build's files aside until we know which to keep."""
        if self.is_cached:
            kept_files.hide(self.reuse.site)

    def place(self, files: Files) -> Files:
        """Replace the archive's files with pages, and add the generated ones."""
        shown = self.contents.pictures()
        attached = archive_in_mkdocs.take_archive(files, self.config, self.settings, shown)
        for one in attachments.files(attached, self.config):
            files.append(one)
        self.contents.add(attachments.pages(attached, self.contents.wiki))
        made = self.contents.files
        for path, source in theme.static(self.settings.root).items():
            files.append(File.generated(self.config, path, abs_src_path=str(source)))
        everything = {*files.src_uris, *made, *self.contents.paths}
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
                files.append(KeptFile(path, self.config, digests[path]))
            else:
                files.append(File.generated(self.config, path, content=text))
        for path in self.contents.paths:
            file = kept.get(path)
            if file and self._is_there(file):
                self._search_for(path, file.dest_uri, file.digest)
                files.append(file)
            else:
                files.append(self._file(path))
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
        """The Markdown that MkDocs converts."""
        file = File.generated(self.config, path, content=self.contents.markdown(path))
        made, entry = self.contents.pages.get(path), self.contents.entries.get(path)
        if made and made.html and path not in self.in_nav:
            ReadyPage(None, file, self.config)
        if entry and not self.contents.wiki.public:
            file.edit_uri = entry.document.path.removeprefix(f"{self.settings.archive}/")
        return file

    def _search_for(self, path: str, place: str, digest: str) -> None:
        """Register an incident's page, at `place` in the site, for search."""
        entry = self.contents.entries.get(path)
        if entry and not entry.postmortem.drill:
            day = entry.postmortem.date
            self.searched.setdefault(f"{day.year:04}" if day else "undated", {})[place] = digest

    def set_policy(self, env: Environment) -> None:
        """Pass the Content-Security-Policy to templates, and write it to header files."""
        env.auto_reload = False  # templates do not change during a build
        self.skeletons.env = env
        policy = env.globals["incident_policy"] = csp.policy(env, self.config)
        for path, text in csp.files(policy).items():
            target = self.reuse.site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def start_page(self, page: Page) -> None:
        """Prepare a page before conversion."""
        self.warnings.seen = False
        self.contents.start(page)
        entry = self.contents.entries.get(page.file.src_uri)
        guard.set_leads(partial(self.links.lead, page, entry.document.path) if entry else None)

    def content(self, converted: str, page: Page) -> str:
        """The content of a page, from the converted Markdown."""
        path = page.file.src_uri
        guard.set_leads(None)
        found = self.contents.html(converted, page)
        if self.warnings.seen:
            self.reuse.forget(path)
        if path in self.contents.entries or isinstance(page, ReadyPage):
            page.content = found
            self.skeletons.take(page)
        return found

    def finish_page(self, output: str, page: Page) -> str:
        """The finished page."""
        output = self.skeletons.fill(page, output)
        if not csp.is_in(output):
            self.unprotected.append(page.file.src_uri)
        digest = self.reuse.keep(page, output)
        self._search_for(page.file.src_uri, page.file.dest_uri, digest)
        return output

    def in_sitemap(self, pages: Collection[File]) -> list[File]:
        """The files for the sitemap, given MkDocs' own `pages`."""
        return [file for file in self.files if isinstance(file, KeptFile) or file in pages]

    def finish(self) -> None:
        """Check the public edition, build the search index, and save state for the next build."""
        site = self.reuse.site
        if self.options.search and self.searched:
            search.index(site, self.searched, self.indexes)
        else:
            search.remove(site)  # the last build's, which may have more pages
        if public := self.contents.public:
            shipped = self._shipped() | search.code(site)
            leak_check.check(site, public, self.contents.origins(public), shipped)
        self.reuse.save()
        if self.unprotected:
            log.warning(
                "%s and %d more: %s", self.unprotected[0], len(self.unprotected) - 1, csp.MISSING
            )
        self.warnings.close()

    def _shipped(self) -> set[str]:
        """The files of the theme and of this package, by their place in the site.

        The pages of the rules are among them: their examples know nothing of the archive.
        """
        folders = [Path(_rendering.__file__).parents[1], *map(Path, self.config.theme.dirs)]
        custom = self.config.theme.custom_dir
        return {
            file.dest_uri
            for file in self.files
            if file.abs_src_path
            and any(Path(file.abs_src_path).is_relative_to(one) for one in folders)
            and not (custom and Path(file.abs_src_path).is_relative_to(custom))
        } | {file.dest_uri for file in self.files if file.src_uri.startswith("rules/")}

    def abandon(self) -> None:
        """Remove the last build from the site, and discard this one from the store."""
        self.reuse.abandon()
        self.warnings.close()
