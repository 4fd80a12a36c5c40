"""For programs: stable keys, described by `schemas/lint.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from incident.diagnostic import Diagnostic
from incident.formats import Report, _repeats

LISTS_PLACES = True


def render(report: Report) -> str:
    """An object with `schema_version` and `diagnostics`; people and wording have one per place."""
    groups = _repeats.groups(report.diagnostics)
    mains = {_repeats.worst(group): _repeats.main(group) for group in groups}
    diagnostics = [
        _entry(mains.get(d, d), report.url(d), d not in mains) for d in report.diagnostics
    ]
    content = {"schema_version": 1, "diagnostics": diagnostics}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _entry(d: Diagnostic, url: str | None, repeats: bool) -> dict[str, Any]:
    return {
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
        "url": url,
        "fix": d.fix.what if d.fix else None,
        "related": [one._asdict() for one in d.related],
        "repeats": repeats,
    }
