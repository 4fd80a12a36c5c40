"""What takes seconds in a large archive, in a process of its own, so that typing stays smooth."""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from incident.archive.roster import Roster
from incident.diagnostic import Diagnostic
from incident.lint import linter, run
from incident.lsp import vocabulary
from incident.lsp.vocabulary import Known
from incident.repository.config import Config

_Answer = TypeVar("_Answer")
# in the process that answers
_remembered: set[Path] = set()
_kept: vocabulary.Kept = {}


class ArchiveProcess:
    """Starts with the first question. One question at a time: ask from one thread."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._there: Connection | None = None

    def ask(self, question: Callable[..., _Answer], *arguments: object) -> _Answer:
        """The answer of one of the functions below. Raises what it raises, EOFError at the end."""
        if self._there is None or self._process is None or not self._process.is_alive():
            # not a fork: this process has threads
            context = multiprocessing.get_context("spawn")
            self._there, here = context.Pipe()
            self._process = context.Process(target=_answer, args=(here,), daemon=True)
            self._process.start()
            here.close()
        self._there.send((question, arguments))
        found: _Answer | Exception = self._there.recv()
        if isinstance(found, Exception):
            raise found
        return found

    def end(self) -> None:
        """Stop it, whatever it is doing."""
        if self._process is not None:
            self._process.kill()


def _answer(here: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    with contextlib.suppress(EOFError, OSError):  # the parent is gone
        while True:
            question, arguments = here.recv()
            try:
                answer: Any = question(*arguments)
            except Exception as error:
                answer = error
            here.send(answer)


def check(config: Config, now: datetime, roster: Roster, shown: str, text: str) -> list[Diagnostic]:
    """What `incident lint --stdin-filename` reports on a text at the path `shown`."""
    # writing what was learned about a large archive takes longer than learning what changed
    remember = config.root not in _remembered
    _remembered.add(config.root)
    using = linter.make(config, now, roster)
    raw = text.encode("utf-8", "replace")
    return run.text(using, raw, shown, jobs=1, remember=remember).diagnostics


def words(config: Config) -> Known:
    """The words of an archive, for completions."""
    return vocabulary.gather(vocabulary.read(config, _kept), config)
