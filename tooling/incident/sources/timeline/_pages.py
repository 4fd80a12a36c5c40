"""Answers of an API that come in pages, saved one or several in a file."""

from __future__ import annotations

from typing import Any

from incident.text.values import mapping


def rows(data: object, keys: tuple[str, ...]) -> list[Any] | None:
    """The rows of an answer, of a list of answers, or of a plain list; None if there are none.

    `keys`: those under which an answer may hold its rows.
    """
    if isinstance(data, dict):
        found = [data[key] for key in keys if isinstance(data.get(key), list)]
        return [row for rows in found for row in rows] if found else None
    if not isinstance(data, list):
        return None
    pages = [rows(page, keys) if isinstance(page, dict) else None for page in data]
    if data and all(page is not None for page in pages):
        return [row for page in pages for row in page or ()]
    return data


def last(data: object) -> dict[str, Any]:
    """The last page."""
    pages = data if isinstance(data, list) else [data]
    return mapping(pages[-1]) if pages else {}
