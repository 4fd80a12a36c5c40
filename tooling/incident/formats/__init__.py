"""An output format of the linter is one module here, with `render(report) -> str`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from incident import discovery
from incident.diagnostic import Diagnostic


@dataclass(frozen=True)
class Report:
    """What a format shows. `sources`: the text of each file by path, for excerpts."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    color: bool = False
    wiki_url: str = ""

    def url(self, diagnostic: Diagnostic) -> str | None:
        """The page of the diagnostic's rule, where the wiki's address is configured."""
        if not self.wiki_url:
            return None
        return f"{self.wiki_url.rstrip('/')}/rules/{diagnostic.name}/"


def names() -> list[str]:
    """The formats there are."""
    return discovery.names(__name__)


def render(name: str, report: Report) -> str:
    """`report` in the format `name`; ends with a line end unless it is empty."""
    text: str = discovery.load(__name__, name).render(report)
    return text
