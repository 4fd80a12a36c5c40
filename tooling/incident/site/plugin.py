"""The MkDocs plugin: passes each event of a build to the `Build` that the first one creates."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext

from incident.site import archive_in_mkdocs, guard, theme
from incident.site.build import Build
from incident.site.options import Options

log = get_plugin_logger(__name__)


class IncidentPlugin(BasePlugin[Options]):  # type: ignore[no-untyped-call]
    """Publishes the archive of the repository that contains mkdocs.yml.

    `build` exists only during a build, so that under `mkdocs serve` no event can see state from an
    earlier build.
    """

    build: Build

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the wiki's own templates, styles and scripts."""
        if "incident" not in config.markdown_extensions:
            log.warning("add `- incident` under `markdown_extensions:`: %s", guard.WHY)
        with archive_in_mkdocs.plugin_errors():
            theme.prepare(config, archive_in_mkdocs.settings(config).root)
        config.extra_css.insert(0, f"{theme.ASSETS}/incident.css")
        script = ExtraScriptValue(f"{theme.ASSETS}/incident.mjs")
        script.type = "module"
        config.extra_javascript.insert(0, script)
        return config

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Start a build; MkDocs empties the site's folder next."""
        with archive_in_mkdocs.plugin_errors():
            self.build = Build(config, self.config)
        self.build.hide_last_site()
        guard.set_sanitizing(True)

    def on_files(self, files: Files, /, *, config: MkDocsConfig) -> Files:
        """Replace the archive's files with pages, and add the generated ones."""
        with archive_in_mkdocs.plugin_errors():
            return self.build.place(files)

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Allow the theme's own inline scripts and no others."""
        self.build.set_policy(env)
        return env

    def on_page_markdown(
        self, markdown: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Set a page's title, and hide the sidebars on generated ones."""
        self.build.start_page(page)
        return markdown

    def on_page_content(
        self, html: str, /, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Sanitize the document's HTML, and add the generated header."""
        return self.build.content(html, page)

    def on_page_context(
        self, context: TemplateContext, /, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Have the theme render one page of each kind, with marks for the parts that differ."""
        self.build.skeletons.mark(page)
        return context

    def on_post_page(self, output: str, /, *, page: Page, config: MkDocsConfig) -> str:
        """Keep the finished page for the next build."""
        return self.build.finish_page(output, page)

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
