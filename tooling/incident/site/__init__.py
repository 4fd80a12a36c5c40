"""The MkDocs plugin: a thin adapter between MkDocs' events and the pages that `reports` makes.

Postmortems and computed pages are virtual files; what a document says is cleaned after conversion,
and what its frontmatter says is escaped before it reaches a template.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import escape
from mkdocs.config.base import Config as PluginConfig
from mkdocs.config.config_options import Choice, ExtraScriptValue, ListOfItems, Optional, Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import AnchorLink
from mkdocs.utils.templates import TemplateContext

from incident import archive, config, history, redact, reports
from incident.archive import Archive, Entry
from incident.document import Document
from incident.errors import UsageError
from incident.redact import Secret
from incident.reports import Wiki, _incident, _page
from incident.site import cache, csp, html, public, search, shell, theme
from incident.site.shell import Shells

log = get_plugin_logger(__name__)

_HEADING = re.compile(r'<h2 [^>]*id="([^"]+)">([^<]+)</h2>')


class Options(PluginConfig):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    search = Type(bool, default=True)
    history = Type(bool, default=True)
    cache = Type(bool, default=True)
    edition = Choice(("internal", "public"), default="internal")
    redact = ListOfItems(Type(str), default=[])
    dbt_manifest = Optional(Type(str))


class IncidentPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Publishes the archive of the repository that holds mkdocs.yml."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.broken: dict[str, Document] = {}
        self.pages: dict[str, reports.Page] = {}
        self.wiki = Wiki(Archive((), ()), date.min)
        self.policy = ""
        self.secrets: list[Secret] = []
        self.store: cache.Store | None = None
        self.keys: dict[str, str] = {}
        self.views: dict[str, _incident.View] = {}
        self.searched: dict[str, dict[str, str]] = {}
        self.warnings = _Warnings()
        self.shells: Shells | None = None
        self.parts: dict[str, dict[str, str]] = {}
        self.env = Environment(autoescape=True)

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Bring the wiki's own templates, style and script."""
        theme.prepare(config, _settings(config).root)
        config.extra_css.insert(0, f"{theme.ASSETS}/incident.css")
        script = ExtraScriptValue(f"{theme.ASSETS}/incident.mjs")
        script.type = "module"
        config.extra_javascript.insert(0, script)
        return config

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Replace the archive's files by pages, and add the computed ones."""
        settings = _settings(config)
        self.store = None
        if self.config.cache and cache.usable(config):
            self.store = cache.opened(self._cache_folder(settings))
        self.wiki = self._read(settings, config)
        inside = settings.archive_dir.resolve()
        shown = self._pictures(settings)
        for file in list(files):
            if theme.unused(file.src_uri, config):
                files.remove(file)
                continue
            source = Path(file.abs_src_path or "").resolve()
            if file.abs_src_path and source.is_relative_to(inside):
                files.remove(file)
                path = f"incidents/{source.relative_to(inside).as_posix()}"
                # a picture stays beside its postmortem
                if not file.is_documentation_page() and (shown is None or path in shown):
                    files.append(File.generated(config, path, abs_src_path=str(source)))
        found = self.wiki.archive
        self.entries = {_page.page_path(e.document.path): e for e in found.entries}
        self.broken = {_page.page_path(d.path): d for d in found.broken}
        self.pages = {}
        for made in reports.build_all(self.wiki):
            if isinstance(made, reports.Page):
                self.pages[made.path] = made
                file = File.generated(config, made.path, content="\n" + made.markdown)
                files.append(file)
            else:
                files.append(File.generated(config, made.path, content=made.text))
        for path, entry in self.entries.items():
            file = File.generated(config, path, content=_body(entry.document))
            if not self.wiki.public:
                file.edit_uri = entry.document.path.removeprefix(f"{settings.archive}/")
            files.append(file)
        for path in self.broken:
            files.append(File.generated(config, path, content=""))
        for path, source in theme.static(settings.root).items():
            files.append(File.generated(config, path, abs_src_path=str(source)))
        self._reuse(files, config, settings)
        return files

    def _reuse(self, files: Files, site: MkDocsConfig, settings: config.Config) -> None:
        """Take finished pages from the last build, and make no conversion of finished HTML."""
        self.keys, self.searched = {}, {}
        self.views = {
            path: _incident.view(entry.postmortem, self.wiki)
            for path, entry in self.entries.items()
        }
        self.parts = {}
        self.shells = Shells() if cache.usable(site) and theme.own(settings.root, site) else None
        in_nav = set(_paths(site.nav))
        shared = cache.shared(site, settings) if self.store else ""
        paths = cache.key(sorted(file.src_uri for file in files))
        for path in [*self.entries, *self.pages]:
            file = files.get_file_from_path(path)
            if file is None or path in in_nav:
                continue
            found = None
            if self.store:
                self.keys[path] = cache.key(shared, path, *self._inputs(path, paths))
                found = self.store.get(self.keys[path])
            made = self.pages.get(path)
            if found or (made and made.html):
                cache.ready_page(file, site, found)

    def _inputs(self, path: str, paths: str) -> tuple[object, ...]:
        """What goes into a page beside what all share; `paths` stands for all files."""
        if made := self.pages.get(path):
            return made, paths if made.markdown else ""
        document = self.entries[path].document
        # where a link leads, and whether it is a warning, depends on the other files
        linked = paths if public.linking(document.text) else ""
        return document.path, document.text, document.data, self.views[path], linked

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
        if isinstance(page, cache.ReadyPage) and page.found:
            return markdown
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
        if self.warnings.seen:  # a page that is warned of is made anew, and warned of again
            self.keys.pop(path, None)
        if isinstance(page, cache.ReadyPage) and page.found:
            return html_
        content = self._content(html_, page)
        if self.shells and (path in self.entries or isinstance(page, cache.ReadyPage)):
            page.content = content
            if not self.shells.first(page):
                page.meta["template"] = cache.READY
            self.parts[path] = {}
        return content

    def _content(self, html_: str, page: Page) -> str:
        path = page.file.src_uri
        if entry := self.entries.get(path):
            text = html.clean(html_)
            seen = self.views[path]
            minutes = _incident.reading_minutes(page.markdown or "")
            head = _incident.head(entry.postmortem, seen, self.wiki.root, minutes)
            page.toc.items[:0] = [
                AnchorLink(title, id_, 2) for id_, title in _HEADING.findall(head)
            ]
            return f'<article class="incident" data-pagefind-body>{head}{text}</article>'
        if made := self.pages.get(path):
            return f'<div class="report">{made.html or html.clean(html_)}</div>'
        if document := self.broken.get(path):
            return _incident.broken(document, self.wiki.root)
        return html.clean(html_)

    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Let the theme render one page of each kind, with marks for what differs."""
        path = page.file.src_uri
        if self.shells and path in self.parts:
            toc = shell.contents(self.env, page)
            self.parts[path] = {**self.shells.mark(page), "toc": toc}
        return context

    def on_post_page(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Keep the finished page for the next build, or take the one of the last."""
        path = page.file.src_uri
        if isinstance(page, cache.ReadyPage) and page.found:
            output = page.found.html
        elif self.shells and path in self.parts:
            if page.meta.get("template") != cache.READY:
                self.shells.learn(page, output)
            output = self.shells.fill(page, self.parts.pop(path))
        if isinstance(page, cache.ReadyPage) and page.found:
            pass
        elif self.store and path in self.keys and cache.alone(page):
            anchors = tuple(page.present_anchor_ids or ())
            self.store.put(self.keys[path], cache.Ready(output, anchors))
        if (entry := self.entries.get(path)) and not entry.postmortem.drill:
            day = entry.postmortem.date
            year = self.searched.setdefault(f"{day.year:04}" if day else "undated", {})
            year[page.file.dest_uri] = cache.key(output)
        return output

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Index the finished pages for the search."""
        if self.store:
            self.store.close()
            self.store = None
        if self.config.edition == "public":
            pages = {
                path.removesuffix(".md"): entry.document.path
                for path, entry in self.entries.items()
            }
            public.check(Path(config.site_dir), self.secrets, pages)
        if self.config.search and self.searched:
            folder = self._cache_folder(_settings(config)) / "search"
            search.index(
                Path(config.site_dir), self.searched, folder if self.config.cache else None
            )

    def on_serve(
        self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Build again when a postmortem or the configuration changes."""
        settings = _settings(config)
        for path in (settings.archive_dir, settings.root / "pyproject.toml"):
            if path.exists():
                server.watch(str(path))
        return server

    def _cache_folder(self, settings: config.Config) -> Path:
        return settings.root / cache.FOLDER / self.config.edition

    def _read(self, settings: config.Config, site: MkDocsConfig) -> Wiki:
        reader = self.store.documents(cache.code()) if self.store else cache.slim
        found = archive.load(settings, reader)
        past = history.History()
        outside = self.config.edition == "public"
        if outside:
            try:
                found, self.secrets = redact.public(found, self.config.redact)
            except UsageError as error:
                raise PluginError(f"{error.message} ({error.hint})") from error
        elif self.config.history:
            past = history.read(settings.root, settings.archive)
        address = f"{site.site_url.rstrip('/')}/" if site.site_url else ""
        return Wiki(
            found,
            datetime.now(UTC).date(),
            past,
            address,
            site.site_name,
            outside,
            tests=theme.tests(settings.root, self.config.dbt_manifest),
        )

    def _pictures(self, settings: config.Config) -> set[str] | None:
        """Which files beside postmortems people outside may see; None for all."""
        if self.config.edition != "public":
            return None
        return public.referenced(
            (_page.page_path(e.document.path), _incident.body(e.document))
            for e in self.wiki.archive.entries
        )


class _Warnings(logging.Handler):
    """Notes whether MkDocs warned of something."""

    seen = False

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        logging.getLogger("mkdocs").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Note it."""
        self.seen = True


def _paths(nav: object) -> Iterator[str]:
    """The pages that an explicit navigation names."""
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, (list, dict)):
        for item in nav.values() if isinstance(nav, dict) else nav:
            yield from _paths(item)


def _body(document: Document) -> str:
    # after an empty line MkDocs looks for no metadata of its own in the text
    return "\n" + _incident.body(document)


def _plain(title: str) -> str:
    # the theme strips tags and then undoes the escape: what looks like a tag must not be there
    return str(escape(title.replace("<", "\u2039").replace(">", "\u203a")))


def _settings(site: MkDocsConfig) -> config.Config:
    """The configuration of the repository that mkdocs.yml stands in."""
    here = Path(site.config_file_path).parent if site.config_file_path else Path.cwd()
    root = config.find_root(here) or here
    return config.load(root)
