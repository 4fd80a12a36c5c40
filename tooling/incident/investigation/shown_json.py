"""What `dbt show --output json` prints: the rows, between lines of the log in any format."""

from __future__ import annotations

import json
from typing import Any

from incident.text.values import mapping, mappings, string


def read(text: str) -> tuple[list[dict[str, Any]], str]:
    """The rows, and the error if there is one. No rows at all is an error too."""
    errors = []
    rows: list[dict[str, Any]] | None = None
    for line in text.splitlines():
        event = _json(line)
        info = mapping(event.get("info"))
        if info.get("name") == "ShowNode":
            rows = _rows(mapping(event.get("data")).get("preview"))
        elif string(event.get("event_type")).endswith(".ShowDataOutput"):  # dbt Fusion
            rows = _rows(mapping(event.get("attributes")).get("content"))
        elif string(info.get("level")) == "error":
            errors.append(string(info.get("msg")))
    if rows is None:
        rows = _plain(text)
    if rows is not None:
        return rows, ""
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")
    return [], "\n".join(errors) or last or "dbt printed no rows"


def _json(line: str) -> dict[str, Any]:
    try:
        return mapping(json.loads(line)) if line.startswith("{") else {}
    except ValueError:
        return {}


def _rows(preview: object) -> list[dict[str, Any]] | None:
    try:
        found = json.loads(preview) if isinstance(preview, str) else preview
    except ValueError:
        return None
    return mappings(found) if isinstance(found, list) else None


def _plain(text: str) -> list[dict[str, Any]] | None:
    """`{"show": [...]}`, or a list of rows, after lines of a plain log."""
    decoder = json.JSONDecoder()
    at = 0
    for line in text.splitlines(keepends=True):
        if line.startswith(("{", "[")):
            try:
                found, _ = decoder.raw_decode(text, at)
            except ValueError:
                found = None
            shown = found.get("show") if isinstance(found, dict) else found
            if isinstance(shown, list):
                return mappings(shown)
        at += len(line)
    return None
