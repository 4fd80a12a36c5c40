"""Apply the fixes that rules provide, and change nothing else in the text."""

from __future__ import annotations

import difflib
import os
import re
from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from incident.diagnostic import Diagnostic, Edit, Level
from incident.lint.linter import Linter
from incident.postmortem import conflicts, document, schema

# one fix may reveal another (a renamed heading, then its trailing space); stop after so many rounds
_ROUNDS = 8
# how often a text is checked to find the one fix among many that would make it worse
_TRIES = 40


class Fixed(NamedTuple):
    """The text after the fixes, and a description of each."""

    text: str
    done: tuple[str, ...]


def fix_text(linter: Linter, text: str, path: str, unsafe: bool = False) -> Fixed:
    """Apply all fixes of a text, only safe ones unless `unsafe`; a text never gets worse.

    Every round is checked. If it would leave more errors than before, its fixes are tried one by
    one, and those that add an error are left out.
    """
    read = _parse(linter, text, path)
    found = linter.check(read)
    done: list[str] = []
    if schema.is_newer(read) or conflicts.find(text):
        return Fixed(text, ())
    for _ in range(_ROUNDS):
        fixes = [d for d in found if d.fix and (d.fix.safe or unsafe)]
        changed, applied, after = _harmless(linter, text, path, found, fixes)
        if changed == text:
            break
        text, found = changed, after
        done += applied
    return Fixed(text, tuple(done))


def _harmless(
    linter: Linter, text: str, path: str, found: list[Diagnostic], fixes: list[Diagnostic]
) -> tuple[str, list[str], list[Diagnostic]]:
    """The text with the fixes that add no error, what they did, and the remaining diagnostics."""
    kept: list[Diagnostic] = []
    best: tuple[str, list[str], list[Diagnostic]] = (text, [], found)
    waiting, tries = [fixes], _TRIES
    while waiting and tries:
        some = waiting.pop()
        changed, applied = _apply(text, [*kept, *some])
        if changed == text:
            continue
        tries -= 1
        after = linter.check(_parse(linter, changed, path))
        if _errors(after) <= _errors(found):
            kept += some
            best = changed, applied, after
        elif len(some) > 1:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
    return best


def diff(before: str, after: str, path: str) -> str:
    """A unified diff, as `git apply` reads it. `path` may hold any byte, as `os.fsdecode` does."""
    lines = difflib.unified_diff(
        _lines(before), _lines(after), _quoted(f"a/{path}"), _quoted(f"b/{path}")
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def _quoted(path: str) -> str:
    """A path as git writes it in a diff: quoted if it contains control characters."""
    raw = os.fsencode(path)
    try:
        is_text = raw.decode().isprintable()
    except UnicodeDecodeError:
        is_text = False
    if is_text and '"' not in path and "\\" not in path:
        return f"{path}\t" if " " in path else path  # git's own way to end a name with spaces
    shown = (
        f"\\{_ESCAPES[byte]}"
        if byte in _ESCAPES
        else chr(byte)
        if 32 <= byte < 127
        else f"\\{byte:03o}"
        for byte in raw
    )
    return f'"{"".join(shown)}"'


def _lines(text: str) -> list[str]:
    """Lines as git sees them: only a line feed ends one."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _parse(linter: Linter, text: str, path: str) -> document.Document:
    return document.parse(text, path, linter.config.severity_aliases)


def _apply(text: str, found: Iterable[Diagnostic]) -> tuple[str, list[str]]:
    """The text with all fixes that do not overlap another one."""
    taken: list[Edit] = []  # in order of their places
    applied = []
    for diagnostic in found:
        fix = diagnostic.fix
        if fix is None or any(_meets(edit, taken) for edit in fix.edits):
            continue
        for edit in fix.edits:
            insort(taken, edit)
        applied.append(f"{diagnostic.span.line}: {fix.what} [{diagnostic.name}]")
    parts, done = [], 0
    for edit in taken:
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]]), applied


def _meets(edit: Edit, taken: list[Edit]) -> bool:
    """Whether an edit touches an accepted one: the one before it, or the one after."""
    after = bisect_left(taken, edit.start, key=lambda other: other.start)
    before = taken[after - 1].end if after else -1
    return before >= edit.start or (after < len(taken) and taken[after].start <= edit.end)


def _errors(found: Iterable[Diagnostic]) -> int:
    return sum(d.level is Level.ERROR for d in found)
