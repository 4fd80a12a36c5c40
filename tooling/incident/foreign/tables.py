"""Tables in foreign documents: with bars at the ends or not, and any line under the head."""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.foreign.source_text import Line
from incident.text.lazy_regex import lazy

_RULER = lazy(r"\s*\|?(?:\s*:?-+:?\s*\|){0,60}+\s*(?::?-+:?)?\s*\|?\s*")


def is_ruler(row: str) -> bool:
    """Whether a row is the line between a table's head and its body."""
    return "-" in row and bool(_RULER().fullmatch(row)) and ("|" in row or "---" in row)


def cells(row: str) -> list[str]:
    """The cells of a table's row."""
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def end_of(lines: Sequence[Line], at: int) -> int:
    """Where the table ends that begins at a line; the line itself if none does."""
    first = lines[at].plain
    has_head = at + 1 < len(lines) and "|" in first and is_ruler(lines[at + 1].plain)
    if not has_head and not first.lstrip().startswith("|"):
        return at
    end = at
    while end < len(lines) and "|" in lines[end].plain:
        end += 1
    return end


def head_of(rows: Sequence[Line]) -> list[str]:
    """The column names in lower case, without emphasis; [] if there are none."""
    if len(rows) < 2 or not is_ruler(rows[1].plain):
        return []
    return [re.sub(r"[*_`]", "", name).strip().casefold() for name in cells(rows[0].plain)]


def body_of(rows: Sequence[Line]) -> list[Line]:
    """The rows below the head."""
    body = rows[2:] if head_of(rows) else rows
    return [row for row in body if not is_ruler(row.plain)]
