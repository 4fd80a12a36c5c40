"""The files open in an editor, with their diagnostics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pygls.uris import to_fs_path

from incident.archive.roster import Roster
from incident.diagnostic import Diagnostic
from incident.lint import linter
from incident.lint.linter import Linter
from incident.lsp.vocabulary import Known
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.repository import resources
from incident.repository.config import Config
from incident.repository.resources import EXAMPLE


@dataclass(frozen=True)
class Difference:
    """How the rest of the archive changes what a text with these `lines` gets on its own."""

    lines: list[str]
    more: frozenset[Diagnostic]
    less: frozenset[Diagnostic]

    def apply(self, own: list[Diagnostic], lines: list[str]) -> list[Diagnostic]:
        """The diagnostics of the next text, until it is compared with the archive, too."""

        def is_unchanged(d: Diagnostic) -> bool:
            place = slice(d.span.line - 1, d.span.end_line)
            return self.lines[place] == lines[place]

        # the offsets of a fix are those of the text before
        more = [d._replace(fix=None) for d in self.more if is_unchanged(d)]
        left = [d for d in own if d not in self.less]
        return sorted([*left, *more], key=lambda d: d.sort_key)


class OpenFiles:
    """The files open in an editor, and their repositories."""

    def __init__(self, configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> None:
        self.configure = configure
        self.clock = clock
        self.linters: dict[Path, Linter] = {}
        self.known: dict[Path, Known] = {}
        self.reported: set[Path] = set()
        self.results: dict[str, tuple[Document, list[Diagnostic]]] = {}
        self._own: dict[str, list[Diagnostic]] = {}
        self._differences: dict[str, Difference] = {}
        self._one_at_a_time = threading.Lock()

    def warm_up(self) -> None:
        """Load what every check needs, before the first file is open."""
        text = (resources.root() / EXAMPLE).read_bytes()
        nobody = linter.make(Config(root=Path()), self.clock(), Roster())
        nobody.check(document.parse_bytes(text, EXAMPLE))

    def linter_for(self, path: Path) -> Linter | None:
        """The linter of the repository around a file; None if it is not a postmortem.

        Raises IncidentError on an invalid configuration.
        """
        # a linter that a thread warms up must not replace a newer one
        with self._one_at_a_time:
            config = self.configure(path)
            inside = path.is_relative_to(config.archive_dir)
            if path.suffix != ".md" or path.name.lower() == "readme.md" or not inside:
                return None
            found = self.linters.get(config.root)
            if found is None or found.config != config:
                found = linter.make(config, self.clock())
                _ = found.settings  # report an invalid configuration now
                self.linters[config.root] = found
        return found.at(self.clock())

    def check(self, uri: str, path: Path, text: str) -> list[Diagnostic]:
        """The diagnostics of an open file. Raises IncidentError."""
        using = self.linter_for(path)
        if using is None:
            self.forget(uri)
            return []
        config = using.config
        read = document.parse_bytes(
            text.encode("utf-8", "replace"), config.relative(path), config.severity_aliases
        )
        diagnostics = self._own[uri] = using.check(read)
        if difference := self._differences.get(uri):
            diagnostics = difference.apply(diagnostics, read.text.split("\n"))
        self.results[uri] = (read, diagnostics)
        return diagnostics

    def compare(self, uri: str, whole: list[Diagnostic]) -> bool:
        """Take over the diagnostics for the whole archive; whether they differ."""
        read, diagnostics = self.results[uri]
        own, all_ = frozenset(self._own[uri]), frozenset(whole)
        self._differences[uri] = Difference(read.text.split("\n"), all_ - own, own - all_)
        self.results[uri] = (read, whole)
        return whole != diagnostics

    def forget(self, uri: str) -> None:
        """Forget a file that was closed."""
        for kept in (self.results, self._own, self._differences):
            kept.pop(uri, None)

    def new_gap(self, path: Path) -> str:
        """Why names are checked without git authors; once per repository."""
        for root, using in self.linters.items():
            if path.is_relative_to(root) and root not in self.reported:
                self.reported.add(root)
                return using.roster.gap
        return ""

    def wiki(self, uri: str) -> str:
        """The wiki's address, if the file's repository configures it."""
        path = Path(to_fs_path(uri) or "")
        near = [root for root in self.linters if path.is_relative_to(root)]
        return self.linters[max(near, key=lambda r: len(r.parts))].config.wiki_url if near else ""

    def diagnostics_at(self, uri: str, line: int, column: int) -> list[Diagnostic]:
        """The diagnostics at a line and column (1-based)."""
        _, diagnostics = self.results.get(uri, (None, []))
        place = line, column
        return [
            d
            for d in diagnostics
            if (d.span.line, d.span.column) <= place <= (d.span.end_line, d.span.end_column)
        ]

    def known_near(self, path: Path) -> tuple[Path | None, Known]:
        """The repository around a file, with its cached state."""
        roots = [root for root in self.known if path.is_relative_to(root)]
        root = max(roots, key=lambda r: len(r.parts), default=None)
        return root, self.known[root] if root else Known()
