"""Reviewdog's Diagnostic Format, as one JSON object: comments and suggestions in a review.

Source: reviewdog, proto/rdf. Its columns count UTF-8 bytes from 1.
"""

from __future__ import annotations

import json
from typing import Any

from incident.diagnostic import Diagnostic, Edit, Level
from incident.formats import Report
from incident.words import json_shown

_SEVERITIES = {Level.ERROR: "ERROR", Level.WARNING: "WARNING", Level.NOTICE: "INFO"}


def render(report: Report) -> str:
    """A DiagnosticResult; a safe fix becomes a suggestion."""
    content = {
        "source": {"name": "incident-docs"},
        "diagnostics": [_diagnostic(d, report) for d in report.diagnostics],
    }
    return json_shown(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"


def _diagnostic(d: Diagnostic, report: Report) -> dict[str, Any]:
    text = report.sources.get(d.path, "")
    lines = text.split("\n")
    span = d.span
    code: dict[str, str] = {"value": d.code}
    if url := report.url(d):
        code["url"] = url
    where = {
        "start": _position(lines, span.line, span.column),
        "end": _position(lines, span.end_line, span.end_column),
    }
    entry: dict[str, Any] = {
        "message": f"{d.message}\n{d.hint}".strip(),
        "location": {"path": d.path, "range": where},
        "severity": _SEVERITIES[d.level],
        "code": code,
    }
    if d.fix and d.fix.safe and d.fix.edits and text:
        entry["suggestions"] = [_suggestion(text, edit) for edit in d.fix.edits]
    return entry


def _suggestion(text: str, edit: Edit) -> dict[str, Any]:
    places = {"start": _offset(text, edit.start), "end": _offset(text, edit.end)}
    return {"range": places, "text": edit.text}


def _offset(text: str, offset: int) -> dict[str, int]:
    start = text.rfind("\n", 0, offset) + 1
    return {
        "line": text.count("\n", 0, offset) + 1,
        "column": len(text[start:offset].encode()) + 1,
    }


def _position(lines: list[str], line: int, column: int) -> dict[str, int]:
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    return {"line": line, "column": len(before.encode()) + 1 if before else column}
