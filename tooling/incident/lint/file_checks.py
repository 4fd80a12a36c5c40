"""Check files one by one: the cache supplies known results, several processes share the rest."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from incident.archive.files import read_bytes
from incident.diagnostic import Diagnostic
from incident.errors import IncidentError, uninterrupted
from incident.lint import cache as caching
from incident.lint.cache import Cache
from incident.lint.linter import Linter
from incident.lint.selection import Selection
from incident.text.digests import digest

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnContext
    from multiprocessing.process import BaseProcess

    from incident.archive.index import Facts
    from incident.lint.learned import Learned
    from incident.postmortem.document import Document

# with fewer files a second process costs more time than it saves
_PARALLEL = 60
_CHUNK = 50
# a fork shares the loaded modules; elsewhere each worker imports them again
_START: Literal["fork", "spawn"] = "fork" if sys.platform == "linux" else "spawn"

Progress = Callable[[int], None]
Chunk = list[tuple[str, Path]]


class FileResult(NamedTuple):
    """The result of one file. `content`: its digest, "" if it was not read; `entry`: to remember.

    `facts`: also in JSON form, for `index.load`.
    """

    path: str
    content: str
    diagnostics: list[Diagnostic]
    facts: Any
    entry: list[Any] | None


class _Checker(NamedTuple):
    """Checks the files in `asked`, and gathers the facts of the others."""

    linter: Linter
    known: Cache
    asked: frozenset[str]
    learned: Learned

    def cached(self, shown: str, path: Path) -> FileResult | None:
        """What the last run found, if it is still valid."""

        def read() -> bytes:
            raw = read_bytes(path, self.linter.config)
            return raw.encode() if isinstance(raw, str) else raw

        now, contents = self.linter.now, self.learned.contents
        if shown not in self.asked:
            if facts := caching.get_facts(self.known, shown, now, self.learned):
                return FileResult(shown, contents[shown], [], facts, None)
        elif found := caching.get(self.known, shown, now, self.learned, read):
            return FileResult(shown, contents[shown], found.diagnostics, found.facts, found.entry)
        return None

    def chunk(self, files: Chunk) -> list[FileResult]:
        """The results of some files that are not cached, in their order."""
        return [self._file(shown, path) for shown, path in files]

    def _file(self, shown: str, path: Path) -> FileResult:
        raw = read_bytes(path, self.linter.config)
        if isinstance(raw, str):
            from incident.postmortem import document

            reason, unread = raw, b""
            return _result(
                self.linter, lambda: document.unreadable(shown, reason), shown, unread, self.learned
            )
        check = examine if shown in self.asked else gather
        result = check(self.linter, raw, shown, self.learned)
        return result if self.known.key else result._replace(entry=None)


def check(
    linter: Linter,
    chosen: Selection,
    known: Cache,
    learned: Learned,
    jobs: int,
    progress: Progress | None,
) -> dict[str, FileResult]:
    """The results of all files of a selection, by path. `jobs`: processes, 0 for one per core."""
    checker = _Checker(linter, known, chosen.asked, learned)
    cached = {shown: checker.cached(shown, path) for shown, path in chosen.on_disk}
    found = {shown: result for shown, result in cached.items() if result}
    if progress:
        progress(len(found))
    files = [(shown, path) for shown, path in chosen.on_disk if shown not in found]
    chunks = [files[at : at + _CHUNK] for at in range(0, len(files), _CHUNK)]
    workers = min(jobs or _cores(), len(chunks))
    alone = workers < 2 or len(files) < _PARALLEL
    for some in map(checker.chunk, chunks) if alone else _shared(checker, chunks, workers):
        found.update({result.path: result for result in some})
        if progress:
            progress(len(some))
    for shown in chosen.contents.keys() & chosen.paths.keys():
        found[shown] = examine(linter, chosen.contents[shown], shown, learned)
    return found


def examine(linter: Linter, raw: bytes, shown: str, learned: Learned) -> FileResult:
    """The result of a file with the content `raw`."""
    from incident.postmortem import document

    aliases = linter.config.severity_aliases
    return _result(linter, lambda: document.parse_bytes(raw, shown, aliases), shown, raw, learned)


def _result(
    linter: Linter, read: Callable[[], Document], shown: str, raw: bytes, learned: Learned
) -> FileResult:
    """`raw`: empty where nothing could be read."""
    from incident.lint import failures

    content = digest(raw) if raw else ""
    try:
        outcome = linter.examine(read())
    except IncidentError:
        raise
    except Exception as error:
        found = failures.diagnostics(shown, [("reading this file", error)])
        return FileResult(shown, content, found, _no_facts(shown), None)
    entry = None
    if content and not failures.happened(outcome.diagnostics):
        entry = caching.put(content, outcome, learned, raw)
    return FileResult(shown, content, outcome.diagnostics, outcome.facts, entry)


def gather(linter: Linter, raw: bytes, shown: str, learned: Learned) -> FileResult:
    """The facts of a file that was not requested, without running its own rules."""
    from incident.archive import index
    from incident.clock import Clock
    from incident.postmortem import document, model, suppressions

    content, clock = digest(raw), Clock(linter.now)
    try:
        read = document.parse_bytes(raw, shown, linter.config.severity_aliases)
        facts = index.gather(read, model.postmortem(read), suppressions.read(read, clock))
    except Exception:  # reported when the file itself is requested
        return FileResult(shown, content, [], _no_facts(shown), None)
    entry = caching.put_facts(content, clock, facts, learned)
    return FileResult(shown, content, [], facts, entry)


def _no_facts(shown: str) -> Facts:
    from incident.archive import index
    from incident.postmortem import document, model

    empty = document.unreadable(shown, "")
    return index.gather(empty, model.postmortem(empty))


def _shared(checker: _Checker, chunks: list[Chunk], count: int) -> Iterator[list[FileResult]]:
    """The results from `count` processes, in any order.

    Not a `multiprocessing.Pool`: if one of its processes is killed, it waits forever.
    """
    import multiprocessing
    from multiprocessing import connection

    if not checker.known.files:
        _ = checker.linter.settings  # loaded once, before there are several
    context = cast("SpawnContext", multiprocessing.get_context(_START))  # or its like
    workers: dict[Any, BaseProcess] = {}
    todo = iter(chunks)
    try:
        with uninterrupted():  # until the workers ignore interrupts
            for _ in range(count):
                here, there = context.Pipe()
                worker = context.Process(target=_work, args=(there, checker), daemon=True)
                worker.start()
                there.close()
                workers[here] = worker
        for here, chunk in zip(workers, todo, strict=False):
            here.send(chunk)
        busy: list[Any] = list(workers)
        while busy:
            ready: list[Any] = connection.wait(busy)
            for here in ready:
                yield _received(here, workers[here])
                if following := next(todo, None):
                    here.send(following)
                else:
                    busy.remove(here)
    finally:
        for process in workers.values():
            process.kill()
            process.join()


def _received(here: Connection, worker: BaseProcess) -> list[FileResult]:
    try:
        found = here.recv()
    except EOFError:
        worker.join()
        raise IncidentError(
            f"a process that checks files ended with {worker.exitcode}",
            "run it again with --jobs 1 to see the file it happens with",
        ) from None
    if isinstance(found, Exception):
        raise found
    return cast("list[FileResult]", found)


def _work(there: Connection, checker: _Checker) -> None:
    """In a process of its own: answer each chunk with its results, or with what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its workers
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            chunk = there.recv()
            try:
                found: list[FileResult] | Exception = checker.chunk(chunk)
            except Exception as error:
                found = error
            there.send(found)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1
