"""GitHub Actions annotations.

GitHub shows ten annotations of each level per step and silently drops the rest, so the ten are
spread over the files, worst first, and a last line counts the others.
"""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest

from incident.diagnostic import Diagnostic, Level
from incident.formats import Report, with_places

FOR_PEOPLE = True
FROM_TOP = True
LIMIT = 10


def render(report: Report) -> str:
    """Workflow commands, then the number of diagnostics that are not among them."""
    out, hidden = [], Counter[str]()
    for level in Level:
        found = _spread([d for d in report.diagnostics if d.level is level])
        out += [_command(d, report.top) for d in found[:LIMIT]]
        hidden[level] = max(0, len(found) - LIMIT)
    if any(hidden.values()):
        counts = ", ".join(f"{n} more {level}{'s' * (n > 1)}" for level, n in hidden.items() if n)
        out.append(f"{counts}: GitHub shows {LIMIT} of each level; see the job summary for all")
    return "".join(f"{line}\n" for line in out)


def warning(title: str, message: str) -> str:
    """The annotation for a warning about the run, not about a file."""
    return f"::warning title={_property(title)}::{_data(message)}"


def notice(title: str, message: str, file: str = "", line: int = 0) -> str:
    """An annotation that is only information, on a line of a file where one is given."""
    place = f"file={_property(file)}," + (f"line={line}," if line else "") if file else ""
    return f"::notice {place}title={_property(title)}::{_data(message)}"


def _spread(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """The first of every file, then the second of every file, and so on."""
    files: dict[str, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        files.setdefault(diagnostic.path, []).append(diagnostic)
    return [d for row in zip_longest(*files.values()) for d in row if d is not None]


def _command(diagnostic: Diagnostic, top: str) -> str:
    span = diagnostic.span
    properties = {
        "title": f"{diagnostic.name} ({diagnostic.code})",
        "file": f"{top}{diagnostic.path}",
        "line": str(span.line),
        "col": str(span.column),
        "endLine": str(span.end_line),
        "endColumn": str(span.end_column),
    }
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = with_places(diagnostic)
    if diagnostic.hint:
        message += f"\nhelp: {diagnostic.hint}"
    return f"::{diagnostic.level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
