"""The MkDocs plugin: passes each event of a build to the `Build` that the first one creates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from incident.site import archive_in_mkdocs, guard, mount, not_found, theme
from incident.site.build import Build
from incident.site.options import Options

log = get_plugin_logger(__name__)


class IncidentPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Publishes the archive of the repository that contains mkdocs.yml.

    `build` exists only during a build, so that under `mkdocs serve` no event can see state from an
    earlier build.
    """

    build: Build
    documents: Path

    @event_priority(100)  # before plugins that build from a copy of `docs_dir`
    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Prepare the theme of a wiki of its own; a handbook's configuration stays as it is."""
        with archive_in_mkdocs.plugin_errors():
            settings = archive_in_mkdocs.settings(config)
            self.documents = Path(config.docs_dir)
            if not mount.folder(self.documents, settings, self.config):
                if "incident" not in config.markdown_extensions:
                    log.warning("add `- incident` under `markdown_extensions:`: %s", guard.WHY)
                theme.prepare(config, settings.root)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Start a build; MkDocs empties the site's folder next."""
        with archive_in_mkdocs.plugin_errors():
            self.build = Build(config, self.config, self.documents)
        self.build.hide_last_site()
        guard.set_sanitizing(True)

    @event_priority(-100)  # after plugins that add pages
    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Replace the archive's files with pages, and add the generated ones."""
        with archive_in_mkdocs.plugin_errors():
            return self.build.place(files)

    @event_priority(-100)  # after plugins that generate a navigation
    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Add our section to a handbook's navigation."""
        return self.build.navigate(nav)

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Allow the theme's own inline scripts and no others."""
        self.build.set_policy(env)
        return env

    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Mark the tab that the page belongs to; fill in a page that the theme need not render."""
        self.build.mark_tab(page, True)
        self.build.fill_page(page, context)
        return context

    @event_priority(-100)  # after plugins that rewrite HTML
    def on_post_page(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Add policy, style and script to a page of ours, and keep it for the next build."""
        self.build.mark_tab(page, False)
        return self.build.finish_page(output, page)

    @event_priority(-100)
    def on_post_template(
        self, output_content: str, /, *, template_name: str, config: MkDocsConfig
    ) -> str:
        """Give the error page of a wiki of its own the policy, and links to the wiki's pages."""
        if template_name == "404.html" and not self.build.in_handbook:
            layout = self.build.contents.wiki.layout
            page = not_found.with_links(output_content, config.site_url, layout)
            return self.build.with_head(page)
        return output_content

    def on_template_context(
        self, context: TemplateContext, /, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Add kept pages to the sitemap."""
        if config.site_url and template_name == "sitemap.xml":
            context["pages"] = self.build.in_sitemap(context["pages"])
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Check the finished site, build the search index, and end the build."""
        guard.set_sanitizing(False)
        self.build.finish()
        del self.build

    def on_build_error(self, *, error: Exception) -> None:
        """Remove leftovers of the last build, so that they cannot pass for part of this one."""
        guard.set_sanitizing(False)
        if build := self.__dict__.pop("build", None):
            build.abandon()

    def on_serve(
        self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Any
    ) -> LiveReloadServer:
        """Build again when a postmortem or the configuration changes."""
        settings = archive_in_mkdocs.settings(config)
        for path in (settings.archive_dir, settings.root / "pyproject.toml"):
            if path.exists():
                server.watch(str(path))
        return server
