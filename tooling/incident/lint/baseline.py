"""Known findings, which don't block: an old archive can be linted from today on.

A finding is identified by its file, its code and its text, so it stays known when lines above it
change, and is new again when the text changes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from incident.diagnostic import Diagnostic
from incident.errors import UsageError
from incident.repository import atomic_files

Known = Counter[tuple[str, str, str]]


def write(path: Path, found: Iterable[Diagnostic], sources: Mapping[str, str]) -> int:
    """Write all findings to `path`; how many there were. Raises OSError."""
    marks = sorted(_marks(found, sources))
    content = {"schema_version": 1, "findings": [list(mark) for mark in marks]}
    atomic_files.write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return len(marks)


def read(path: Path) -> Known:
    """The findings of a baseline. Raises UsageError if the file is not a baseline."""
    hint = "create one with `incident lint --write-baseline FILE`"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Counter((str(p), str(code), str(words)) for p, code, words in content["findings"])
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}", hint) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise UsageError(f"{path} is not a baseline file", hint) from error


def new(found: Iterable[Diagnostic], known: Known, sources: Mapping[str, str]) -> list[Diagnostic]:
    """The findings that the baseline does not have, each as often as it is there."""
    left = Counter(known)
    fresh = []
    every = list(found)
    for diagnostic, mark in zip(every, _marks(every, sources), strict=True):
        if left[mark] > 0:
            left[mark] -= 1
        else:
            fresh.append(diagnostic)
    return fresh


def _marks(
    found: Iterable[Diagnostic], sources: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    lines_of: dict[str, list[str]] = {}
    for d in found:
        if d.path not in lines_of:
            lines_of[d.path] = sources[d.path].split("\n") if d.path in sources else []
        span, lines = d.span, lines_of[d.path]
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        end = span.end_column - 1 if span.end_line == span.line else len(line)
        yield d.path, d.code, line[span.column - 1 : end].strip()
