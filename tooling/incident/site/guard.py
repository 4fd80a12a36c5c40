"""A Markdown extension that refuses to convert unless the plugin sanitizes the output.

Plugins are specific to MkDocs: another engine that reads mkdocs.yml ignores them, and would publish
unsanitized text. Extensions belong to Python-Markdown, so every engine that uses it runs this one,
even without MkDocs.
"""

from __future__ import annotations

from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from incident.postmortem.markdown.link_rewriting import Leads, LinkRewriting

try:
    from mkdocs.exceptions import BuildError as Refused  # MkDocs reports this on one line
except ImportError:
    from incident.errors import IncidentError as Refused  # type: ignore[assignment]

WHY = "an engine that ignores plugins would publish what authors write unsanitized"
_sanitizing = False
_leads: Leads | None = None


class Guard(Extension):
    """`- incident` under `markdown_extensions:`. It also rewrites the links of postmortems."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Run before anything else."""
        md.preprocessors.register(_Refusal(md), "incident", 1_000)
        LinkRewriting(lambda: _leads).extendMarkdown(md)


class _Refusal(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        if not _sanitizing:
            raise Refused(
                "this engine runs without the plugin `incident`, which sanitizes the pages: add "
                "`- incident` under `plugins:`, and build with MkDocs or ProperDocs"
            )
        return lines


def set_leads(leads: Leads | None) -> None:
    """Set where the links of the page lead that is converted next; None: as they are written."""
    global _leads
    _leads = leads


def set_sanitizing(value: bool) -> None:
    """Set whether the plugin sanitizes output from now on."""
    global _sanitizing
    _sanitizing = value


def makeExtension(**options: Any) -> Guard:  # noqa: N802 - Python-Markdown's name
    """Called by Python-Markdown when mkdocs.yml lists this module."""
    return Guard(**options)
