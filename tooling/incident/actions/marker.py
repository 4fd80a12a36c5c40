"""The block that the tool manages in an issue's body, and the state it last wrote.

    <!-- incident-action:begin -->
    text from the template
    <!-- incident-action {"key": "2025-05-14-revenue-drops/AI-1", "title": "1f0c…", …} -->

Text outside the block belongs to people. The last line stores the Markdown's values at the last
write, which distinguishes changes in the Markdown from manual edits of the issue.
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
    written = written.replace("--", "-\\u002d").replace(">", "\\u003e")  # would close the comment
    return f"{BEGIN}\n{text.strip()}\n\n<!-- incident-action {written} -->"


def read(body: str) -> dict[str, Any]:
    """The state last written; empty without a block, or if its key is not a string."""
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
    """Whether a marker has all the fields that the tool writes, and not just a key."""
    return not is_item(state["key"]) or state.keys() >= _WHOLE


def is_item(key: str) -> bool:
    """Whether a key belongs to an action item, not to a digest or a check."""
    return "/AI-" in key


class Identity(NamedTuple):
    """The identity of an issue: an archive and a key."""

    archive: str
    key: str


def identity(body: str) -> Identity | None:
    """The identity of an issue, or None if it is not ours."""
    state = read(body)
    return Identity(str(state.get("archive", "")), state["key"]) if state else None


def text(body: str) -> str:
    """The text of the block, or ""."""
    start, end = body.find(BEGIN), body.rfind(_STATE)
    return body[start + len(BEGIN) : end].strip() if 0 <= start < end else ""


def replace(body: str, block: str) -> str:
    """`body` with its block replaced; without one, `block` is appended.

    If someone removed the last line of the block, its text is replaced only if unchanged; otherwise
    it is treated as theirs and stays.
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
    """`body` without the marker line."""
    start = body.rfind(_STATE)
    if start < 0:
        return body
    end = body.find(_END, start) + len(_END)
    return (body[:start].rstrip() + body[end:]).strip()
