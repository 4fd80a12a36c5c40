"""Quick fixes: the linter's own, "did you mean", and a suppression with a reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from incident.diagnostic import Diagnostic
from incident.postmortem.document import Document

_MEANT = re.compile(r"did you mean `([^`]+)`\?")
_REASON = "reason"


Edits = tuple[tuple[int, int, str], ...]


class Quick(NamedTuple):
    """A fix: `title` for people, `edits` as (start, end, text) in offsets of the document."""

    title: str
    edits: Edits
    preferred: bool = False


def fixes(document: Document, diagnostic: Diagnostic) -> Iterator[Quick]:
    """Quick fixes for a diagnostic, best first."""
    fix = diagnostic.fix
    own = fix.edits if fix else ()
    if fix and own:
        edits = tuple((edit.start, edit.end, edit.text) for edit in own)
        yield Quick(fix.what, edits, fix.safe)
    start, end = _offsets(document, diagnostic)
    if not own and (meant := _MEANT.search(diagnostic.hint)):
        yield Quick(f"Replace with `{meant[1]}`", ((start, end, meant[1]),), True)
    if not document.faults:
        yield _suppression(document, diagnostic, start)


def all_safe(diagnostics: Iterable[Diagnostic]) -> Edits:
    """The edits of all safe fixes; of two that overlap, the first in the text."""
    found = sorted(
        {
            (edit.start, edit.end, edit.text)
            for one in diagnostics
            if one.fix and one.fix.safe
            for edit in one.fix.edits
        }
    )
    kept: list[tuple[int, int, str]] = []
    for start, end, text in found:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, text))
    return tuple(kept)


def _suppression(document: Document, diagnostic: Diagnostic, start: int) -> Quick:
    """A comment that suppresses the rule here, with a reason for the author to fill in."""
    text = document.text
    if start < document.meta.body:
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        end -= text[:end].endswith("\r")
        comment = f"  # incident-ignore: {diagnostic.name} -- {_REASON}"
        return Quick(f"Suppress {diagnostic.name} here", ((end, end, comment),))
    at = text.rfind("\n\n", 0, start) + 2
    if document.text[at : at + 1] == "#" or at < document.meta.body:
        at = text.rfind("\n", 0, start) + 1
    comment = f"<!-- incident-ignore: {diagnostic.name} -- {_REASON} -->\n"
    return Quick(f"Suppress {diagnostic.name} here", ((at, at, comment),))


def _offsets(document: Document, diagnostic: Diagnostic) -> tuple[int, int]:
    span = diagnostic.span
    lines = document.text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1
