"""Our values in protocol types: diagnostics, suggestions and fixes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from incident import formats
from incident.diagnostic import Diagnostic, Level, Related, Span
from incident.lsp import complete, fixes
from incident.lsp import encoding as positions
from incident.postmortem.document import Document

MARKDOWN = types.MarkupKind.Markdown
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


def diagnostics(
    one: Diagnostic, uri: str, lines: Sequence[str], encoding: str, wiki: str = ""
) -> list[types.Diagnostic]:
    """A diagnostic, and a hint at each of its other places in the text, with a link back."""
    main = diagnostic(one, uri, lines, encoding, wiki)
    back = types.DiagnosticRelatedInformation(types.Location(uri, main.range), one.message)
    hints = [
        types.Diagnostic(
            other.location.range,
            other.message,
            severity=types.DiagnosticSeverity.Hint,
            code=main.code,
            code_description=main.code_description,
            source=main.source,
            related_information=[back],
        )
        for other in main.related_information or ()
    ]
    return [main, *hints]


def diagnostic(
    one: Diagnostic, uri: str, lines: Sequence[str], encoding: str, wiki: str = ""
) -> types.Diagnostic:
    """A diagnostic of the text at `uri` with these `lines`; `wiki` is its address, or ""."""
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri, positions.span_range(_word(other, lines), lines, encoding)),
            other.message,
        )
        for other in one.related
        if other.path == one.path
    ]
    url = formats.Report((), wiki_url=wiki).url(one)
    message = f"{one.message}\n{one.hint}" if one.hint else one.message
    return types.Diagnostic(
        positions.span_range(one.span, lines, encoding),
        message,
        severity=_LEVELS[one.level],
        code=one.code,
        code_description=types.CodeDescription(url) if url else None,
        source=f"incident: {one.name}",
        related_information=related or None,
    )


def _word(place: Related, lines: Sequence[str]) -> Span:
    """The word that begins at a place, else the place: an editor marks nothing without a width."""
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    word = re.match(r"[\w.-]+", line[place.column - 1 :])
    end = place.column + len(word[0] if word else "")
    return Span(place.line, place.column, place.line, end)


def item(
    one: complete.Suggestion, order: int, at: types.Position, line: str, encoding: str
) -> types.CompletionItem:
    """A suggestion for what is typed at a position of a `line`."""
    start = types.Position(at.line, positions.units(line[: one.start], encoding))
    return types.CompletionItem(
        one.label,
        kind=_KINDS[one.kind],
        detail=one.detail or None,
        documentation=types.MarkupContent(MARKDOWN, one.page) if one.page else None,
        sort_text=f"{order:04}",
        filter_text=one.text,
        text_edit=types.TextEdit(types.Range(start, at), one.text),
    )


def edit(
    uri: str, read: Document, lines: Sequence[str], edits: fixes.Edits, encoding: str
) -> types.WorkspaceEdit:
    """Edits of a document with these `lines`."""
    made = [
        types.TextEdit(positions.span_range(read.span(start, end), lines, encoding), text)
        for start, end, text in edits
    ]
    return types.WorkspaceEdit(changes={uri: made})
