"""Our values in protocol types: diagnostics, suggestions and fixes."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from incident import formats
from incident.diagnostic import Diagnostic, Level
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


def diagnostic(
    one: Diagnostic, lines: Sequence[str], encoding: str, wiki: str = ""
) -> types.Diagnostic:
    """A diagnostic of a text with these `lines`; `wiki` is the wiki's address, or ""."""
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
