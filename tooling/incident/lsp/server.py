"""The server itself, over stdio: what an editor sends, and what it is told."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from incident import __version__, formats
from incident.diagnostic import Diagnostic, Level
from incident.errors import IncidentError
from incident.lint import linter
from incident.lint.linter import Linter
from incident.lsp import complete, fixes, hover, vocabulary
from incident.lsp import encoding as positions
from incident.lsp.vocabulary import Known
from incident.postmortem import document
from incident.postmortem.document import Document
from incident.repository.config import Config

_PAUSE = 0.01  # seconds without a keystroke before the text is judged
_LEVELS = {
    Level.ERROR: types.DiagnosticSeverity.Error,
    Level.WARNING: types.DiagnosticSeverity.Warning,
    Level.NOTICE: types.DiagnosticSeverity.Information,
}
_KINDS = {
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "word": types.CompletionItemKind.Value,
    "section": types.CompletionItemKind.Module,
    "rule": types.CompletionItemKind.Reference,
}
_MARKDOWN = types.MarkupKind.Markdown
_QUICK = types.CodeActionKind.QuickFix
_ALL = types.CodeActionKind.SourceFixAll


class Judge:
    """What is known of the repositories whose postmortems are open."""

    def __init__(self, configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> None:
        self.configure = configure
        self.clock = clock
        self.linters: dict[Path, Linter] = {}
        self.known: dict[Path, Known] = {}
        self.learning: set[Path] = set()
        self.results: dict[str, tuple[Document, list[Diagnostic]]] = {}
        self._one_at_a_time = threading.Lock()

    def linter_for(self, path: Path) -> Linter | None:
        """The linter of the repository around a file; None for what is no postmortem.

        Raises IncidentError on a wrong configuration.
        """
        # a linter that warms up beside must not replace a younger one
        with self._one_at_a_time:
            config = self.configure(path)
            inside = path.is_relative_to(config.archive_dir)
            if path.suffix != ".md" or path.name.lower() == "readme.md" or not inside:
                return None
            found = self.linters.get(config.root)
            if found is None or found.config != config:
                found = linter.prepare(config, self.clock())
                self.linters[config.root] = found
        return dataclasses.replace(found, now=self.clock())

    def judge(self, uri: str, path: Path, text: str) -> list[Diagnostic]:
        """Judge a text that an editor shows. Raises IncidentError."""
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

    def learn(self, root: Path) -> None:
        """Read the archive of an open repository for what to offer; slow, so beside the typing."""
        if root in self.learning:
            return
        self.learning.add(root)
        try:
            config = self.linters[root].config
            self.known[root] = vocabulary.gather(vocabulary.read(config), config)
        finally:
            self.learning.discard(root)

    def wiki(self, uri: str) -> str:
        """The wiki's address, where the repository of a file says it."""
        path = Path(to_fs_path(uri) or "")
        near = [root for root in self.linters if path.is_relative_to(root)]
        return self.linters[max(near, key=lambda r: len(r.parts))].config.wiki_url if near else ""

    def known_near(self, path: Path) -> tuple[Path | None, Known]:
        """The repository around a file, and what is known of it."""
        roots = [root for root in self.known if path.is_relative_to(root)]
        root = max(roots, key=lambda r: len(r.parts), default=None)
        return root, self.known[root] if root else Known()


def serve(configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> None:
    """Speak the protocol on stdin and stdout until the editor says goodbye."""
    make(configure, clock).start_io()


def make(configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> LanguageServer:
    """The server with its features. `configure` reads a file's configuration, `clock` the time."""
    judge = Judge(configure, clock)
    server = LanguageServer(
        "incident", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
    )
    waiting: dict[str, asyncio.TimerHandle] = {}

    def publish(uri: str) -> None:
        waiting.pop(uri, None)
        path = Path(to_fs_path(uri) or "")
        shown = server.workspace.get_text_document(uri)
        try:
            found = judge.judge(uri, path, shown.source)
        except IncidentError as error:
            server.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, f"{error.message}: {error.hint}")
            )
            return
        lines = shown.source.split("\n")
        wiki = judge.wiki(uri)
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri, [_diagnostic(d, lines, encoding(), wiki) for d in found], shown.version
            )
        )

    def encoding() -> str:
        return str(server.workspace.position_encoding or "utf-16")

    def learn(uri: str) -> None:
        path = Path(to_fs_path(uri) or "")
        for root in judge.linters:
            if path.is_relative_to(root):
                asyncio.get_running_loop().run_in_executor(None, judge.learn, root)

    def warm(root: Path) -> None:
        with contextlib.suppress(IncidentError, OSError):
            judge.linter_for(judge.configure(root).archive_dir / "any.md")

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        # the roster comes from git's history, which may be long: begin before a file is open
        if root := server.workspace.root_path:
            asyncio.get_running_loop().run_in_executor(None, warm, Path(root))

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        publish(params.text_document.uri)
        learn(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri in waiting:
            waiting.pop(uri).cancel()
        waiting[uri] = asyncio.get_running_loop().call_later(_PAUSE, publish, uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        learn(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri in waiting:
            waiting.pop(uri).cancel()
        judge.results.pop(uri, None)
        server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        uri, at = params.text_document.uri, params.position
        text = server.workspace.get_text_document(uri).source
        column = positions.column_of(positions.line_of(text, at.line), at.character, encoding())
        names = [d.name for d in _standing(judge, uri, at.line + 1, column + 1)]
        path = Path(to_fs_path(uri) or "")
        said = hover.hover(text, at.line, column, names, judge.known_near(path)[1])
        return types.Hover(types.MarkupContent(_MARKDOWN, said)) if said else None

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        uri, at = params.text_document.uri, params.position
        path = Path(to_fs_path(uri) or "")
        line = positions.line_of(server.workspace.get_text_document(uri).source, at.line)
        word = hover.word_at(line, positions.column_of(line, at.character, encoding()))
        root, found = judge.known_near(path)
        if word is None or root is None or word[0] not in found.paths:
            return None
        start = types.Position(0, 0)
        return types.Location((root / found.paths[word[0]]).as_uri(), types.Range(start, start))

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[":", " ", "#", "*", "-", "[", "{", ","]),
    )
    def completed(params: types.CompletionParams) -> list[types.CompletionItem]:
        uri, at = params.text_document.uri, params.position
        path = Path(to_fs_path(uri) or "")
        text = server.workspace.get_text_document(uri).source
        line = positions.line_of(text, at.line)
        column = positions.column_of(line, at.character, encoding())
        found = complete.complete(text, at.line, column, judge.known_near(path)[1])
        return [_item(one, order, at, line, encoding()) for order, one in enumerate(found)]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions([_QUICK, _ALL]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        if uri not in judge.results:
            return []
        read, diagnostics = judge.results[uri]
        lines = read.text.split("\n")

        def edited(edits: fixes.Edits) -> types.WorkspaceEdit:
            made = [
                types.TextEdit(positions.span_range(read.span(start, end), lines, encoding()), text)
                for start, end, text in edits
            ]
            return types.WorkspaceEdit(changes={uri: made})

        kinds = params.context.only
        if kinds is not None and not any(_QUICK.startswith(kind) for kind in kinds):
            edits = fixes.all_safe(diagnostics)
            is_asked = any(_ALL.startswith(kind) for kind in kinds)
            all_ = types.CodeAction("Mend what is safe to mend", kind=_ALL, edit=edited(edits))
            return [all_] if edits and is_asked else []
        wanted = range(params.range.start.line + 1, params.range.end.line + 2)
        made = []
        for one in diagnostics:
            if one.span.line in wanted:
                shown = _diagnostic(one, lines, encoding(), judge.wiki(uri))
                for quick in fixes.fixes(read, one):
                    made.append(
                        types.CodeAction(
                            quick.title,
                            kind=_QUICK,
                            diagnostics=[shown],
                            is_preferred=quick.preferred,
                            edit=edited(quick.edits),
                        )
                    )
        return made

    return server


def _standing(judge: Judge, uri: str, line: int, column: int) -> list[Diagnostic]:
    """The diagnostics at a line and column (1-based)."""
    _, diagnostics = judge.results.get(uri, (None, []))
    return [
        d
        for d in diagnostics
        if (d.span.line, d.span.column) <= (line, column) <= (d.span.end_line, d.span.end_column)
    ]


def _item(
    one: complete.Suggestion, order: int, at: types.Position, line: str, encoding: str
) -> types.CompletionItem:
    start = types.Position(at.line, positions.units(line[: one.start], encoding))
    return types.CompletionItem(
        one.label,
        kind=_KINDS[one.kind],
        detail=one.detail or None,
        documentation=types.MarkupContent(_MARKDOWN, one.page) if one.page else None,
        sort_text=f"{order:04}",
        filter_text=one.text,
        text_edit=types.TextEdit(types.Range(start, at), one.text),
    )


def _diagnostic(
    one: Diagnostic, lines: Sequence[str], encoding: str, wiki: str = ""
) -> types.Diagnostic:
    url = formats.Report((), wiki_url=wiki).url(one)
    message = f"{one.message}\n{one.hint}" if one.hint else one.message
    return types.Diagnostic(
        positions.span_range(one.span, lines, encoding),
        message,
        severity=_LEVELS[one.level],
        code=one.code,
        code_description=types.CodeDescription(url) if url else None,
        source=f"incident: {one.name}",
    )
