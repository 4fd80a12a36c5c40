"""The linter's output: a diagnostic has a level and a span in a file."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """The level of a diagnostic. Only errors block; `rank` sorts the worst first."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class Span(NamedTuple):
    """A stretch of text: 1-based lines and columns in characters; the end column is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


FAILURE = "INC000"  # the code for internal failures; not a rule
IN_LIST = "is in a list of people"  # how a message about a whole list of names ends
FILE_START = Span(1, 1, 1, 1)


class Edit(NamedTuple):
    """Replace the characters [start, end) with `text`."""

    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """Edits that fix a finding; `what` describes them.

    A fix is safe if it cannot change the meaning of the document.
    """

    what: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Related(NamedTuple):
    """Another place of a diagnostic: a path like the diagnostic's, 1-based line and column."""

    path: str
    line: int
    column: int
    message: str


class Several(NamedTuple):
    """What to say of several findings that have the same `message` here, with `{}` for their count.

    `what`: what this one is about, to be listed. `hint`: if their own hints differ.
    """

    message: str
    what: str = ""
    hint: str = ""


class Diagnostic(NamedTuple):
    """One finding of the linter.

    `path` is relative to the repository, with forward slashes. `message` is a lower-case fact,
    `hint` one imperative step. `related`: the other places of the same finding. `several`: how
    findings of this kind in one file are reported together.
    """

    code: str
    name: str
    level: Level
    message: str
    hint: str
    path: str
    span: Span = FILE_START
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    several: Several | None = None

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        """By file, then position, then code: the same in every run."""
        return (self.path, self.span.line, self.span.column, self.code, self.message)


def worst(diagnostics: Iterable[Diagnostic]) -> Level | None:
    """The highest level among the diagnostics."""
    return min((d.level for d in diagnostics), key=lambda level: level.rank, default=None)
