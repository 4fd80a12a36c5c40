"""From Markdown to HTML with Python-Markdown, as the wiki does it."""

from __future__ import annotations

import copy
from types import TracebackType
from typing import Any

from markdown import Extension, Markdown

from incident.postmortem.markdown.link_rewriting import Leads
from incident.postmortem.markdown.rendering import EXTENSIONS, slug
from incident.site import graph_fence, guard


class Conversion:
    """Converts while it is open, and the guard with it; its caller sanitizes the result."""

    def __init__(self, has_graphs: bool) -> None:
        options: dict[str, dict[str, Any]] = copy.deepcopy(EXTENSIONS)
        options["toc"]["slugify"] = slug
        options["pymdownx.superfences"]["custom_fences"] = [graph_fence.fence(has_graphs)]
        extensions: list[str | Extension] = [*EXTENSIONS, guard.makeExtension()]
        self.markdown = Markdown(extensions=extensions, extension_configs=options)

    def __enter__(self) -> Conversion:
        guard.set_sanitizing(True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        guard.set_leads(None)
        guard.set_sanitizing(False)

    def __call__(self, text: str, leads: Leads) -> str:
        """The HTML of a text, not sanitized; its links lead where `leads` says."""
        guard.set_leads(leads)
        return self.markdown.reset().convert(text)
