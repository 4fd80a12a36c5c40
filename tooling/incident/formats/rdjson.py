"""Reviewdog Diagnostic Format, as one JSON object: review comments and suggestions.

Source: reviewdog, proto/rdf. Its columns count UTF-8 bytes from 1.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from itertools import accumulate
from typing import Any

from incident.diagnostic import Diagnostic, Edit, Level
from incident.formats import Report

_SEVERITIES = {Level.ERROR: "ERROR", Level.WARNING: "WARNING", Level.NOTICE: "INFO"}


class _Text:
    """A file of a report with its lines indexed, because there are many edits."""

    def __init__(self, report: Report, path: str) -> None:
        self.report, self.path = report, path
        self.text = report.sources.get(path, "")
        self.lines = self.text.split("\n")
        self.starts = list(accumulate((len(line) + 1 for line in self.lines), initial=0))

    def at(self, offset: int) -> dict[str, int]:
        """Line and column of an offset."""
        line = min(bisect_right(self.starts, offset), len(self.lines))
        return self.position(line, offset - self.starts[line - 1] + 1)

    def position(self, line: int, column: int) -> dict[str, int]:
        """Convert a column in characters to one in bytes."""
        return {"line": line, "column": self.report.byte_column(self.path, line, column)}


def render(report: Report) -> str:
    """A DiagnosticResult; a safe fix becomes a suggestion."""
    paths = {d.path for d in report.diagnostics}
    texts = {path: _Text(report, path) for path in paths}
    content = {
        "source": {"name": "incident-docs"},
        "diagnostics": [_diagnostic(d, texts[d.path], report.url(d)) for d in report.diagnostics],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _diagnostic(d: Diagnostic, source: _Text, url: str | None) -> dict[str, Any]:
    span = d.span
    code: dict[str, str] = {"value": d.code}
    if url:
        code["url"] = url
    where = {
        "start": source.position(span.line, span.column),
        "end": source.position(span.end_line, span.end_column),
    }
    entry: dict[str, Any] = {
        "message": f"{d.message}\n{d.hint}".strip(),
        "location": {"path": d.path, "range": where},
        "severity": _SEVERITIES[d.level],
        "code": code,
    }
    if d.fix and d.fix.safe and d.fix.edits and source.text:
        entry["suggestions"] = [_suggestion(source, edit) for edit in d.fix.edits]
    return entry


def _suggestion(source: _Text, edit: Edit) -> dict[str, Any]:
    places = {"start": source.at(edit.start), "end": source.at(edit.end)}
    return {"range": places, "text": edit.text}
