"""The server over stdio: one function for each message from the editor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from incident import __version__
from incident.diagnostic import Diagnostic
from incident.errors import IncidentError
from incident.lsp import archive_process, complete, fixes, hover, to_protocol
from incident.lsp import encoding as positions
from incident.lsp.archive_process import ArchiveProcess
from incident.lsp.open_files import OpenFiles
from incident.repository.config import Config

# seconds without a keystroke before the text is checked, and before the archive is
_PAUSE, _LONG_PAUSE = 0.002, 0.4
_Answer = TypeVar("_Answer")
_QUICK = types.CodeActionKind.QuickFix
_ALL = types.CodeActionKind.SourceFixAll


class Server(LanguageServer):
    """The server, with the files that are open in the editor."""

    def __init__(self, open_files: OpenFiles) -> None:
        # whole texts: pygls ends lines at more characters than editors do, which misplaces parts
        super().__init__(
            "incident", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.open_files = open_files
        self.archive = ArchiveProcess()
        self._one_at_a_time = asyncio.Lock()
        self._asking = ThreadPoolExecutor(1)
        self._checks: dict[str, asyncio.TimerHandle] = {}
        self._comparisons: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def encoding(self) -> str:
        """The unit in which the editor counts columns."""
        return str(self.workspace.position_encoding or "utf-16")

    def text(self, uri: str) -> str:
        """The text of a file, as the editor shows it."""
        return self.workspace.get_text_document(uri).source

    def check_soon(self, uri: str) -> None:
        """Check a file when nothing has been typed for a moment."""
        self.stop_waiting(uri)
        self._checks[uri] = asyncio.get_running_loop().call_later(_PAUSE, self.publish, uri)

    def compare_soon(self, uri: str) -> None:
        """Check a file next to the rest of the archive when nothing has been typed for a while."""
        if uri in self._comparisons:
            self._comparisons.pop(uri).cancel()

        def start() -> None:
            self._start(self._compare(uri))

        self._comparisons[uri] = asyncio.get_running_loop().call_later(_LONG_PAUSE, start)

    def stop_waiting(self, uri: str) -> None:
        """Cancel pending checks."""
        for waiting in (self._checks, self._comparisons):
            if uri in waiting:
                waiting.pop(uri).cancel()

    def publish(self, uri: str) -> None:
        """Check a file, and send its diagnostics."""
        self._checks.pop(uri, None)
        shown = self.workspace.get_text_document(uri)
        try:
            self.open_files.check(uri, _path(uri), shown.source)
            gap = self.open_files.new_gap(_path(uri))
        except IncidentError as error:
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, f"{error.message}: {error.hint}")
            )
            return
        if gap:
            text = f"names are checked without git's authors: {gap}"
            warning = types.MessageType.Warning
            self.window_show_message(types.ShowMessageParams(warning, text))
        self._send(uri)
        if uri in self.open_files.results:
            self.compare_soon(uri)

    def _send(self, uri: str) -> None:
        shown = self.workspace.get_text_document(uri)
        _, found = self.open_files.results.get(uri, (None, []))
        lines, wiki = shown.source.split("\n"), self.open_files.wiki(uri)
        sent = [
            one
            for d in found
            for one in to_protocol.diagnostics(d, uri, lines, self.encoding, wiki)
        ]
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, sent, shown.version)
        )

    async def _compare(self, uri: str) -> None:
        """Check a file next to the rest of the archive, and send its diagnostics if they differ."""
        self._comparisons.pop(uri, None)
        async with self._one_at_a_time:
            before = self.open_files.results.get(uri)
            using = self.open_files.linter_for(_path(uri))
            if before is None or using is None:
                return
            read, _ = before
            arguments = using.config, using.now, using.roster, read.path, read.text
            found = await self._ask(archive_process.check, *arguments)
            if found is None or self.open_files.results.get(uri) is not before:
                return  # what was typed since is compared after the next pause
            if self.open_files.compare(uri, found):
                self._send(uri)

    def learn(self, uri: str) -> None:
        """Read the archive around a file, for completions."""
        for root, using in self.open_files.linters.items():
            if _path(uri).is_relative_to(root):
                self._start(self._learn(root, using.config))

    async def _learn(self, root: Path, config: Config) -> None:
        async with self._one_at_a_time:
            if found := await self._ask(archive_process.words, config):
                self.open_files.known[root] = found

    async def _ask(self, question: Callable[..., _Answer], *arguments: object) -> _Answer | None:
        """None if the archive cannot be read now, or the server ends."""
        with contextlib.suppress(IncidentError, EOFError, OSError):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._asking, self.archive.ask, question, *arguments)
        return None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # the loop alone does not keep it alive
        task.add_done_callback(self._tasks.discard)


def serve(configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> None:
    """Serve the protocol on stdin and stdout until the editor exits."""
    server = make(configure, clock)
    server.open_files.warm_up()
    try:
        server.start_io()
    finally:
        server.archive.end()


def make(configure: Callable[[Path], Config], clock: Callable[[], datetime]) -> Server:
    """The server with its features. `configure` reads a file's configuration, `clock` the time."""
    server = Server(OpenFiles(configure, clock))
    for name, handler, options in _FEATURES:
        server.feature(name, options)(handler)
    return server


def _initialized(ls: Server, _: types.InitializedParams) -> None:
    # the roster comes from git history, which may be long: start before a file is open
    if root := ls.workspace.root_path:
        _in_thread(_warm_up, ls.open_files, Path(root))


def _warm_up(open_files: OpenFiles, root: Path) -> None:
    with contextlib.suppress(IncidentError, OSError):
        open_files.linter_for(open_files.configure(root).archive_dir / "any.md")


def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.publish(params.text_document.uri)
    ls.learn(params.text_document.uri)


def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    ls.check_soon(params.text_document.uri)


def _saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.learn(params.text_document.uri)
    for uri in ls.open_files.results:
        ls.compare_soon(uri)


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    ls.stop_waiting(uri)
    ls.open_files.forget(uri)
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    uri, at = params.text_document.uri, params.position
    text = ls.text(uri)
    column = positions.column_of(positions.line_of(text, at.line), at.character, ls.encoding)
    names = [d.name for d in ls.open_files.diagnostics_at(uri, at.line + 1, column + 1)]
    _, known = ls.open_files.known_near(_path(uri))
    page = hover.hover(text, at.line, column, names, known)
    return types.Hover(types.MarkupContent(to_protocol.MARKDOWN, page)) if page else None


def _definition(ls: Server, params: types.DefinitionParams) -> types.Location | None:
    uri, at = params.text_document.uri, params.position
    line = positions.line_of(ls.text(uri), at.line)
    word = hover.word_at(line, positions.column_of(line, at.character, ls.encoding))
    root, known = ls.open_files.known_near(_path(uri))
    if word is None or root is None or word[0] not in known.paths:
        return None
    start = types.Position(0, 0)
    return types.Location((root / known.paths[word[0]]).as_uri(), types.Range(start, start))


def _completion(ls: Server, params: types.CompletionParams) -> list[types.CompletionItem]:
    uri, at = params.text_document.uri, params.position
    text = ls.text(uri)
    line = positions.line_of(text, at.line)
    column = positions.column_of(line, at.character, ls.encoding)
    found = complete.complete(text, at.line, column, ls.open_files.known_near(_path(uri))[1])
    return [to_protocol.item(one, n, at, line, ls.encoding) for n, one in enumerate(found)]


def _code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri, kinds = params.text_document.uri, params.context.only
    if uri not in ls.open_files.results:
        return []
    if kinds is None or any(_QUICK.startswith(kind) for kind in kinds):
        lines = range(params.range.start.line + 1, params.range.end.line + 2)
        return list(_quick_fixes(ls, uri, lines))
    return _fix_all(ls, uri) if any(_ALL.startswith(kind) for kind in kinds) else []


def _fix_all(ls: Server, uri: str) -> list[types.CodeAction]:
    read, diagnostics = ls.open_files.results[uri]
    edits = fixes.all_safe(diagnostics)
    if not edits:
        return []
    edit = to_protocol.edit(uri, read, read.text.split("\n"), edits, ls.encoding)
    return [types.CodeAction("Apply all safe fixes", kind=_ALL, edit=edit)]


def _quick_fixes(ls: Server, uri: str, wanted: range) -> Iterable[types.CodeAction]:
    """The fixes of the diagnostics that begin on the `wanted` lines (1-based)."""
    read, diagnostics = ls.open_files.results[uri]
    lines, wiki = read.text.split("\n"), ls.open_files.wiki(uri)
    found: list[Diagnostic] = [d for d in diagnostics if d.span.line in wanted]
    for one in found:
        shown = to_protocol.diagnostic(one, uri, lines, ls.encoding, wiki)
        for quick in fixes.fixes(read, one):
            yield types.CodeAction(
                quick.title,
                kind=_QUICK,
                diagnostics=[shown],
                is_preferred=quick.preferred,
                edit=to_protocol.edit(uri, read, lines, quick.edits, ls.encoding),
            )


def _path(uri: str) -> Path:
    return Path(to_fs_path(uri) or "")


def _in_thread(work: Callable[..., None], *arguments: object) -> None:
    asyncio.get_running_loop().run_in_executor(None, work, *arguments)


_FEATURES: tuple[tuple[str, Callable[..., Any], Any], ...] = (
    (types.INITIALIZED, _initialized, None),
    (types.TEXT_DOCUMENT_DID_OPEN, _opened, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, _changed, None),
    (types.TEXT_DOCUMENT_DID_SAVE, _saved, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, _closed, None),
    (types.TEXT_DOCUMENT_HOVER, _hover, None),
    (types.TEXT_DOCUMENT_DEFINITION, _definition, None),
    (
        types.TEXT_DOCUMENT_COMPLETION,
        _completion,
        types.CompletionOptions(trigger_characters=[":", " ", "#", "*", "-", "[", "{", ","]),
    ),
    (types.TEXT_DOCUMENT_CODE_ACTION, _code_action, types.CodeActionOptions([_QUICK, _ALL])),
)
