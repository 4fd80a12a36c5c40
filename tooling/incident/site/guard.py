"""A Markdown extension that converts nothing unless the plugin sanitizes what comes out.

Plugins are MkDocs' own: another engine that reads mkdocs.yml ignores them, and would publish what
authors write as it is. Extensions belong to Python-Markdown, so every engine that uses it gets
here, even if MkDocs is not installed.
"""

from __future__ import annotations

from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

try:
    from mkdocs.exceptions import BuildError as Refused  # MkDocs reports it in one line
except ImportError:
    from incident.errors import IncidentError as Refused  # type: ignore[assignment]

WHY = "an engine that ignores plugins would publish what authors write unsanitized"
_sanitizing = False


class Guard(Extension):
    """`- incident` under `markdown_extensions:`."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is Python-Markdown's
        """Look before anything else does."""
        md.preprocessors.register(_Refusal(md), "incident", 1_000)


class _Refusal(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        if not _sanitizing:
            raise Refused(
                "this engine runs without the plugin `incident`, which sanitizes the pages: add "
                "`- incident` under `plugins:`, and build with MkDocs or ProperDocs"
            )
        return lines


def set_sanitizing(value: bool) -> None:
    """Say whether the plugin sanitizes what is converted from now on."""
    global _sanitizing
    _sanitizing = value


def makeExtension(**options: Any) -> Guard:  # noqa: N802 - the name is Python-Markdown's
    """What Python-Markdown calls when mkdocs.yml names this module."""
    return Guard(**options)
