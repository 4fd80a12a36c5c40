"""For programs: stable keys, described by `schemas/lint.schema.json`."""

from __future__ import annotations

import json

from incident.formats import Report


def render(report: Report) -> str:
    """An object with `schema_version` and `diagnostics`."""
    diagnostics = [
        {
            "code": d.code,
            "name": d.name,
            "level": d.level,
            "message": d.message,
            "hint": d.hint,
            "path": d.path,
            "line": d.span.line,
            "column": d.span.column,
            "end_line": d.span.end_line,
            "end_column": d.span.end_column,
            "url": report.url(d),
            "fix": d.fix.what if d.fix else None,
        }
        for d in report.diagnostics
    ]
    content = {"schema_version": 1, "diagnostics": diagnostics}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
