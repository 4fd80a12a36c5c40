"""For people: message, location, excerpt with carets, and a hint."""

from __future__ import annotations

from incident.diagnostic import Diagnostic
from incident.formats import Report, with_places
from incident.formats._ansi import paint, width

FOR_PEOPLE = True
_COLUMNS = 100


def render(report: Report) -> str:
    """A block per diagnostic, separated by blank lines."""
    return "\n".join(_block(d, report) for d in report.diagnostics)


def _block(diagnostic: Diagnostic, report: Report) -> str:
    span, color = diagnostic.span, report.color
    level = paint(diagnostic.level, diagnostic.level, color)
    name = paint(f"[{diagnostic.name} {diagnostic.code}]", "dim", color)
    out = [f"{level}: {paint(with_places(diagnostic), 'bold', color)} {name}"]
    gutter = " " * len(str(span.line))
    out.append(f"{gutter}{paint('-->', 'dim', color)} {_place(diagnostic)}")
    if (shown := report.line(diagnostic.path, span.line)).strip():
        bar = paint("|", "dim", color)
        end = span.end_column if span.end_line == span.line else len(shown) + 1
        text, before, marked = _crop(shown, span.column - 1, max(end - 1, span.column))
        carets = paint("^" * max(1, width(marked)), diagnostic.level, color)
        out.append(f"{gutter} {bar}")
        out.append(f"{paint(str(span.line), 'dim', color)} {bar} {text}")
        out.append(f"{gutter} {bar} {' ' * width(before)}{carets}")
    if diagnostic.hint:
        out.append(f"{gutter} {paint('= help:', 'bold', color)} {diagnostic.hint}")
    return "\n".join(out) + "\n"


def _place(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.path}:{diagnostic.span.line}:{diagnostic.span.column}"


def _crop(line: str, start: int, end: int) -> tuple[str, str, str]:
    """A window of a long line: (shown, text before the mark, marked text)."""
    left = 0 if end <= _COLUMNS else max(0, start - _COLUMNS // 3)
    shown = line[left : left + _COLUMNS].replace("\t", " ")  # one column, as the marks count
    head = "\u2026" if left else ""
    tail = "\u2026" if left + _COLUMNS < len(line) else ""
    return head + shown + tail, head + shown[: start - left], shown[start - left : end - left]
