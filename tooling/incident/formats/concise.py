"""One line per diagnostic: for grep and for editor problem matchers."""

from __future__ import annotations

from incident.formats import Report
from incident.formats._ansi import paint


def render(report: Report) -> str:
    """`path:line:column: level: message [name code]`."""
    return "".join(
        f"{paint(d.path, 'bold', report.color)}:{d.span.line}:{d.span.column}: "
        f"{paint(d.level, d.level, report.color)}: {d.message} "
        f"{paint(f'[{d.name} {d.code}]', 'dim', report.color)}\n"
        for d in report.diagnostics
    )
