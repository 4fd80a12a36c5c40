"""The block that the tool writes into an issue's body, and what it last wrote there.

    <!-- incident-action:begin -->
    text from the template
    <!-- incident-action {"key": "2025-05-14-revenue-drops/AI-1", "title": "1f0c…", …} -->

Text outside of the block belongs to people. The last line remembers what the Markdown said when
the issue was last written, so a change in the Markdown and an edit by hand can be told apart.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

BEGIN = "<!-- incident-action:begin -->"
_STATE = "<!-- incident-action {"
_END = "} -->"
_WHOLE = {"title", "body", "status"}


def render(text: str, state: dict[str, Any]) -> str:
    """The block."""
    written = json.dumps(state, ensure_ascii=False, separators=(", ", ": "))
    written = written.replace("--", "-\\u002d").replace(">", "\\u003e")  # would end the comment
    return f"{BEGIN}\n{text.strip()}\n\n<!-- incident-action {written} -->"


def read(body: str) -> dict[str, Any]:
    """What was last written; empty without a block, or when its key is no text."""
    start = body.rfind(_STATE)
    end = body.find(_END, start)
    if start < 0 or end < 0:
        return {}
    try:
        state: dict[str, Any] = json.loads(body[start + len(_STATE) - 1 : end + 1])
    except ValueError:
        return {}
    return state if isinstance(state.get("key"), str) else {}


def is_whole(state: dict[str, Any]) -> bool:
    """Whether a marker has all that the tool writes into one, and is not just somebody's key."""
    return not is_item(state["key"]) or state.keys() >= _WHOLE


def is_item(key: str) -> bool:
    """Whether a key is that of an action item, not of a digest or a check."""
    return "/AI-" in key


class Identity(NamedTuple):
    """Whose issue it is: a key of an archive."""

    archive: str
    key: str


def identity(body: str) -> Identity | None:
    """Whose issue it is, or None for one of nobody's."""
    state = read(body)
    return Identity(str(state.get("archive", "")), state["key"]) if state else None


def text(body: str) -> str:
    """The text of the block, or ""."""
    start, end = body.find(BEGIN), body.rfind(_STATE)
    return body[start + len(BEGIN) : end].strip() if 0 <= start < end else ""


def replace(body: str, block: str) -> str:
    """`body` with its block replaced; without one, `block` is added at the end.

    Where a person removed the last line of the block, its text is replaced if it is still as it
    was; else all of it is taken for theirs, and stays.
    """
    start, state = body.find(BEGIN), body.rfind(_STATE)
    if state >= 0:
        end = body.find(_END, state) + len(_END)
        return body[: start if 0 <= start < state else state] + block + body[end:]
    if start >= 0:
        written, rest = text(block), body[start + len(BEGIN) :].lstrip()
        if rest.startswith(written):
            return body[:start] + block + "\n\n" + rest[len(written) :].lstrip()
        body = body.replace(BEGIN, "")
    return f"{body.strip()}\n\n{block}".lstrip()


def remove(body: str) -> str:
    """`body` without the line that makes it ours."""
    start = body.rfind(_STATE)
    if start < 0:
        return body
    end = body.find(_END, start) + len(_END)
    return (body[:start].rstrip() + body[end:]).strip()
