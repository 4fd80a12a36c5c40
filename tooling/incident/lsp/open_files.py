"""The files open in an editor, with their diagnostics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pygls.uris import to_fs_path

from incident.diagnostic import Diagnostic
from incident.lint import learned, linter
from incident.lint.linter import Linter
from incident.lsp import vocabulary
from incident.lsp.vocabulary import Known
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.repository.config import Config


class OpenFiles:
    """The files open in an editor, and their repositories."""

    def __init__(self, configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> None:
        self.configure = configure
        self.clock = clock
        self.linters: dict[Path, Linter] = {}
        self.known: dict[Path, Known] = {}
        self.learning: set[Path] = set()
        self.reported: set[Path] = set()
        self.results: dict[str, tuple[Document, list[Diagnostic]]] = {}
        self._one_at_a_time = threading.Lock()

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
            self.results.pop(uri, None)
            return []
        config = using.config
        read = document.parse_bytes(
            text.encode("utf-8", "replace"), config.relative(path), config.severity_aliases
        )
        diagnostics = using.check(read)
        self.results[uri] = (read, diagnostics)
        return diagnostics

    def new_gap(self, path: Path) -> str:
        """Why names are checked without git authors; once per repository."""
        using = self.linter_for(path)
        if using is None or using.config.root in self.reported:
            return ""
        self.reported.add(using.config.root)
        return using.roster.gap

    def learn(self, root: Path) -> None:
        """Read the archive of an open repository: for completions, and for what people are called.

        Slow, so it runs in a thread.
        """
        if root in self.learning:
            return
        self.learning.add(root)
        try:
            config = self.linters[root].config
            self.known[root] = vocabulary.gather(vocabulary.read(config), config)
            known = self.linters[root].roster.knowing(learned.in_archive(config))
            with self._one_at_a_time:
                if self.linters[root].config == config:
                    self.linters[root] = linter.make(config, self.clock(), known)
        finally:
            self.learning.discard(root)

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
