"""Mend what a rule knows how to mend, and nothing else of the text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from incident import document, schema
from incident.diagnostic import Diagnostic, Edit, Level
from incident.linter import Linter

# a fix may uncover another (a renamed heading, then its trailing space); this many rounds settle it
_ROUNDS = 8


class Mended(NamedTuple):
    """The text after the fixes, and what they did, in words."""

    text: str
    done: tuple[str, ...]


def mend(linter: Linter, text: str, path: str, unsafe: bool = False) -> Mended:
    """Apply all fixes of a text. Safe ones alone, unless `unsafe`; a text is never made worse.

    Every round is judged again: one that leaves more errors than before is taken back.
    """
    read = _parse(linter, text, path)
    found = linter.check(read)
    done: list[str] = []
    if schema.is_newer(read):
        return Mended(text, ())
    for _ in range(_ROUNDS):
        fixes = [d for d in found if d.fix and (d.fix.safe or unsafe)]
        changed, applied = _apply(text, fixes)
        if changed == text:
            break
        after = linter.check(_parse(linter, changed, path))
        if _errors(after) > _errors(found):
            break
        text, found = changed, after
        done += applied
    return Mended(text, tuple(done))


def diff(before: str, after: str, path: str) -> str:
    """A unified diff, as `git apply` reads it."""
    lines = difflib.unified_diff(
        _lines(before),
        _lines(after),
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """Lines as git sees them: they end with a line feed, and nowhere else."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _parse(linter: Linter, text: str, path: str) -> document.Document:
    return document.parse(text, path, linter.config.severity_aliases)


def _apply(text: str, found: Iterable[Diagnostic]) -> tuple[str, list[str]]:
    """The text with all fixes that do not meet another one."""
    taken: list[Edit] = []
    applied = []
    for diagnostic in found:
        fix = diagnostic.fix
        if fix is None or any(_meet(one, other) for one in fix.edits for other in taken):
            continue
        taken += fix.edits
        applied.append(f"{diagnostic.span.line}: {fix.what} [{diagnostic.name}]")
    for edit in sorted(taken, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, applied


def _meet(one: Edit, other: Edit) -> bool:
    return one.start <= other.end and other.start <= one.end


def _errors(found: Iterable[Diagnostic]) -> int:
    return sum(d.level is Level.ERROR for d in found)
