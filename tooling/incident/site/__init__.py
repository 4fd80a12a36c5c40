"""The MkDocs plugin: a thin adapter between MkDocs' events and the pages that `reports` makes.

Postmortems and computed pages are virtual files; what a document says is cleaned after conversion,
and what its frontmatter says is escaped before it reaches a template.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import escape
from mkdocs.config.base import Config as PluginConfig
from mkdocs.config.config_options import Choice, ExtraScriptValue, Optional, Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils.templates import TemplateContext

from incident import archive, reports
from incident.archive import Archive, Entry, public_edition
from incident.archive.public_edition import Edition
from incident.git.history import History
from incident.git.history import read as read_history
from incident.postmortem import reading
from incident.postmortem.document import Document
from incident.reports import Wiki, _incident, _rendering
from incident.repository import config
from incident.site import (
    archive_in_mkdocs,
    cache,
    csp,
    kept_files,
    kept_pages,
    leak_check,
    page_skeleton,
    sanitize,
    search,
    theme,
)
from incident.site.kept_pages import KeptFile, ReadyPage
from incident.site.page_skeleton import Shells

log = get_plugin_logger(__name__)

_HEADING = re.compile(r'<h2 [^>]*id="([^"]+)">([^<]+)</h2>')


class Options(PluginConfig):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    search = Type(bool, default=True)
    history = Type(bool, default=True)
    cache = Type(bool, default=True)
    edition = Choice(("internal", "public"), default="internal")
    dbt_manifest = Optional(Type(str))


class IncidentPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Publishes the archive of the repository that holds mkdocs.yml."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.broken: dict[str, Document] = {}
        self.pages: dict[str, reports.Page] = {}
        self.wiki = Wiki(Archive((), ()), date.min)
        self.policy = ""
        self.public: Edition | None = None
        self.store: cache.Store | None = None
        self.keys: dict[str, str] = {}
        self.files = Files(())
        self.site = Path()
        self.in_nav: set[str] = set()
        self.digests: dict[str, str] = {}
        self.views: dict[str, _incident.View] = {}
        self.searched: dict[str, dict[str, str]] = {}
        self.warnings = kept_pages.Warnings()
        self.shells: Shells | None = None
        self.parts: dict[str, dict[str, str]] = {}
        self.env = Environment(autoescape=True)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Bring the wiki's own templates, style and script."""
        _rendering.reload()
        with archive_in_mkdocs.told():
            theme.prepare(config, archive_in_mkdocs.settings(config).root)
        config.extra_css.insert(0, f"{theme.ASSETS}/incident.css")
        script = ExtraScriptValue(f"{theme.ASSETS}/incident.mjs")
        script.type = "module"
        config.extra_javascript.insert(0, script)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Let the last build's pages wait until it is known which of them may stay."""
        self.site = Path(config.site_dir)
        if self.config.cache and cache.usable(config):
            kept_files.hide(self.site)

    def on_build_error(self, *, error: Exception) -> None:
        """Leave nothing of the last build where it could be taken for a part of this one."""
        kept_files.drop(self.site)
        if self.store:
            self.store.abandon()
            self.store = None

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Replace the archive's files by pages, and add the computed ones."""
        with archive_in_mkdocs.told():
            return self._pages_for(files, config)

    def _pages_for(self, files: Files, config: MkDocsConfig) -> Files:
        settings = archive_in_mkdocs.settings(config)
        self.in_nav = set(archive_in_mkdocs.in_nav(config.nav))
        self.store, self.keys, self.searched, self.parts = None, {}, {}, {}
        if self.config.cache and cache.usable(config):
            shared = cache.shared(config, settings)
            self.store = cache.opened(self._cache_folder(settings), shared)
        own = cache.usable(config) and theme.own(settings.root, config)
        self.shells = Shells() if own else None
        self.wiki = self._read(settings, config)
        archive_in_mkdocs.take_archive(files, config, settings, self._pictures())
        found = self.wiki.archive
        self.entries = {_rendering.page_path(e.document.path): e for e in found.entries}
        self.broken = {_rendering.page_path(d.path): d for d in found.broken}
        self.views = {
            path: _incident.view(entry.postmortem, self.wiki)
            for path, entry in self.entries.items()
        }
        texts: dict[str, str] = {}
        self.pages = {}
        for made in reports.build_all(self.wiki):
            if isinstance(made, reports.Page):
                self.pages[made.path] = made
            else:
                texts[made.path] = made.text
        for path, source in theme.static(settings.root).items():
            files.append(File.generated(config, path, abs_src_path=str(source)))
        virtual = [*self.pages, *self.entries, *self.broken]
        kept = self._kept(cache.key(sorted({*files.src_uris, *texts, *virtual})), config)
        digests = {path: cache.key(text) for path, text in texts.items()}
        self.digests = digests | {file.dest_uri: file.digest for file in kept.values()}
        stands = self._stands()
        for path, text in texts.items():
            if path in stands:
                files.append(KeptFile(path, config, digests[path]))
            else:
                files.append(File.generated(config, path, content=text))
        for path in virtual:
            if (file := kept.get(path)) and (file.dest_uri in stands or self._written(file)):
                self._search_for(path, file.dest_uri, file.digest)
                files.append(file)
            else:
                files.append(self._file(path, config, settings))
        self.files = files
        return files

    def _kept(self, paths: str, config: MkDocsConfig) -> dict[str, KeptFile]:
        """The pages of the last build into which nothing else would go now.

        `paths` stands for all files: where a link leads, and whether it is a warning, depends on
        them.
        """
        if self.store is None:
            return {}
        found = {}
        for path in [*self.pages, *self.entries]:
            if path in self.in_nav:
                continue
            if made := self.pages.get(path):
                inputs: tuple[object, ...] = (*made, paths if made.markdown else "")
            else:
                document = self.entries[path].document
                linked = paths if leak_check.linking(document.text) else ""
                inputs = (self.wiki.marks[document.path], self.views[path], linked)
            self.keys[path] = cache.key(self.store.shared, path, *inputs)
            if head := self.store.head(self.keys[path]):
                self.store.used.add(self.keys[path])
                found[path] = kept_pages.kept(path, config, head)
        return found

    def _stands(self) -> set[str]:
        """Which files of `digests` stand in the site already; what is in their way goes."""
        if self.store is None:
            kept_files.drop(self.site)
            return set()
        stamps = self.store.get(f"site {self.site}")
        found = kept_files.intact(self.site, json.loads(stamps) if stamps else {}, self.digests)
        kept_files.restore(self.site, found, search.FOLDER)
        return found

    def _written(self, file: KeptFile) -> bool:
        """Write a page of the last build, if the store still holds it."""
        found = self.store.get(self.keys[file.src_uri]) if self.store else None
        if found:
            file.write(found)
        return bool(found)

    def _file(self, path: str, config: MkDocsConfig, settings: config.Config) -> File:
        """What MkDocs makes the page from."""
        content = ""
        if made := self.pages.get(path):
            # after an empty line MkDocs looks for no metadata of its own in the text
            content = f"\n{made.markdown}"
        elif entry := self.entries.get(path):
            content = f"\n{_incident.body(entry.document)}"
        file = File.generated(config, path, content=content)
        if made and made.html and path not in self.in_nav:
            ReadyPage(None, file, config)
        if path in self.entries and not self.wiki.public:
            source = self.entries[path].document.path
            file.edit_uri = source.removeprefix(f"{settings.archive}/")
        return file

    def _search_for(self, path: str, place: str, digest: str) -> None:
        """Note an incident's page, at `place` in the site, for the search."""
        entry = self.entries.get(path)
        if entry and not entry.postmortem.drill:
            day = entry.postmortem.date
            self.searched.setdefault(f"{day.year:04}" if day else "undated", {})[place] = digest

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Allow the theme's own inline scripts, and no others."""
        env.auto_reload = False  # no template changes while a site is built
        self.env = env
        self.policy = csp.policy(env, config)
        env.globals["incident_policy"] = self.policy
        for path, text in csp.files(self.policy).items():
            target = Path(config.site_dir) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return env

    def on_page_markdown(
        self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Give a page its title, and keep the sidebars off the computed ones."""
        path = page.file.src_uri
        self.warnings.seen = False
        titled = "title" in vars(page)  # by the navigation
        if entry := self.entries.get(path):
            page.title = _plain(entry.postmortem.title or entry.postmortem.id)
            page.meta = {"hide": ["navigation"]}
        elif made := self.pages.get(path):
            if not titled:
                page.title = _plain(made.title)
            page.meta = {"hide": ["navigation"] if made.markdown else ["navigation", "toc"]}
        elif document := self.broken.get(path):
            page.title = _plain(Path(path).stem)
            page.meta = {"hide": ["navigation"]}
            for fault in document.faults:
                line = document.span(fault.start, fault.end).line
                log.warning("%s:%s: %s", document.path, line, fault.message)
        return markdown

    def on_page_content(
        self, html_: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Clean what the document says, and put the computed head above it."""
        path = page.file.src_uri
        content = self._content(html_, page)
        if self.warnings.seen:  # a page that is warned of is made anew, and warned of again
            self.keys.pop(path, None)
        if self.shells and (path in self.entries or isinstance(page, ReadyPage)):
            page.content = content
            if not self.shells.first(page):
                page.meta["template"] = kept_pages.TEMPLATE
            self.parts[path] = {}
        return content

    def _content(self, html_: str, page: Page) -> str:
        path = page.file.src_uri
        if entry := self.entries.get(path):
            text = sanitize.clean(html_)
            seen = self.views[path]
            minutes = reading.minutes(entry.document)
            try:
                head = _incident.head(entry.postmortem, seen, self.wiki.root, minutes)
            except Exception as error:  # one incident must not take the others' pages away
                log.warning("%s: its page has no head: %s", entry.document.path, error)
                head = _incident.headless(entry.postmortem, error)
            page.toc.items[:0] = [
                AnchorLink(title, id_, 2) for id_, title in _HEADING.findall(head)
            ]
            return f'<article class="incident" data-pagefind-body>{head}{text}</article>'
        if made := self.pages.get(path):
            return f'<div class="report">{made.html or sanitize.clean(html_)}</div>'
        if document := self.broken.get(path):
            return _incident.broken(document, self.wiki.root)
        return sanitize.clean(html_)

    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Let the theme render one page of each kind, with marks for what differs."""
        path = page.file.src_uri
        if self.shells and path in self.parts:
            toc = page_skeleton.contents(self.env, page)
            self.parts[path] = {**self.shells.mark(page), "toc": toc}
        return context

    def on_post_page(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Keep the finished page for the next build."""
        path = page.file.src_uri
        if self.shells and path in self.parts:
            if page.meta.get("template") != kept_pages.TEMPLATE:
                self.shells.learn(page, output)
            output = self.shells.fill(page, self.parts.pop(path))
        digest = self.digests[page.file.dest_uri] = cache.key(output)
        if self.store and path in self.keys and kept_pages.alone(page):
            anchors = page.present_anchor_ids or ()
            self.store.put(self.keys[path], "page", kept_pages.head(digest, anchors), output)
        self._search_for(path, page.file.dest_uri, digest)
        return output

    def on_template_context(
        self, context: TemplateContext, /, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Name the pages of the last build in the site's map."""
        if config.site_url and template_name == "sitemap.xml":
            context["pages"] = [
                f for f in self.files if isinstance(f, KeptFile) or f in context["pages"]
            ]
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Index the finished pages for the search, and note what stands in the site."""
        if self.public:
            pages = {
                path.removesuffix(".md"): self.public.names[entry.document.path]
                for path, entry in self.entries.items()
            }
            leak_check.check(Path(config.site_dir), self.public, pages)
        if self.config.search and self.searched:
            folder = self._cache_folder(archive_in_mkdocs.settings(config)) / "search"
            search.index(
                Path(config.site_dir), self.searched, folder if self.config.cache else None
            )
        if self.store:  # last of all: the index links to the pages, which is a change of theirs
            stamps = kept_files.stamps(self.site, self.digests)
            self.store.put(f"site {self.site}", "site", "", json.dumps(stamps))
            self.store.close()
            self.store = None

    def on_serve(
        self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Build again when a postmortem or the configuration changes."""
        settings = archive_in_mkdocs.settings(config)
        for path in (settings.archive_dir, settings.root / "pyproject.toml"):
            if path.exists():
                server.watch(str(path))
        return server

    def _cache_folder(self, settings: config.Config) -> Path:
        return settings.root / cache.FOLDER / self.config.edition

    def _read(self, settings: config.Config, site: MkDocsConfig) -> Wiki:
        outside = self.config.edition == "public"
        reader = archive.read if outside else self.store.read if self.store else cache.slim
        found = archive.load(settings, reader)  # an error of the public edition names its line
        past = History()
        if outside:
            self.public = public_edition.edition(found, settings)
            leak_check.check_sources(self.public)
            leak_check.check_attachments(self.public)
            found = self.public.archive
        elif self.config.history:
            past = read_history(settings.root, settings.archive)
        address = f"{site.site_url.rstrip('/')}/" if site.site_url else ""
        return Wiki(
            found,
            datetime.now(UTC).date(),
            past,
            address,
            site.site_name,
            outside,
            tests=archive_in_mkdocs.dbt_tests(settings.root, self.config.dbt_manifest),
            remember=self.store.remember if self.store else reports.make,
        )

    def _pictures(self) -> set[str] | None:
        """Which files beside postmortems people outside may see; None for all."""
        if self.config.edition != "public":
            return None
        return leak_check.referenced(
            (_rendering.page_path(e.document.path), _incident.body(e.document))
            for e in self.wiki.archive.entries
        )


def _plain(title: str) -> str:
    # the theme strips tags and then undoes the escape: what looks like a tag must not be there
    return str(escape(title.replace("<", "\u2039").replace(">", "\u203a")))
