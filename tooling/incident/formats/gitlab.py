"""GitLab's Code Quality report, for the widget and the lines of a merge request.

Source: GitLab, Code Quality report format, a part of Code Climate's. GitLab says nothing of a
finding whose fingerprint it has seen, and knows paths only from the top of the repository.
"""

from __future__ import annotations

import json
from typing import Any

from incident.diagnostic import Diagnostic, Level
from incident.formats import Report, _fingerprint, with_places

FOR_PEOPLE = True
FROM_TOP = True
_SEVERITIES = {Level.ERROR: "major", Level.WARNING: "minor", Level.NOTICE: "info"}


def render(report: Report) -> str:
    """A list of issues; an empty one says that nothing is wrong."""
    marks = _fingerprint.each(report.diagnostics)
    found = [_issue(d, m, report.top) for d, m in zip(report.diagnostics, marks, strict=True)]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _issue(d: Diagnostic, mark: str, top: str) -> dict[str, Any]:
    hint = f" ({d.hint})" if d.hint else ""
    return {
        "type": "issue",
        "check_name": f"{d.name} ({d.code})",
        "description": f"{with_places(d)}{hint}",
        "categories": ["Clarity"],
        "severity": _SEVERITIES[d.level],
        "fingerprint": mark,
        "location": {
            "path": f"{top}{d.path}",
            "lines": {"begin": d.span.line, "end": d.span.end_line},
        },
    }
