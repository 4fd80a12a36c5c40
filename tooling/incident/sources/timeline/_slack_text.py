"""What a message of Slack says, as plain text: its text, else its attachments, blocks or files."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from incident.text.instants import from_unix, readable
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, mappings, string

_TOKEN = lazy(r"<(?:([@#!])|(?=(?:https?|mailto|tel):))([^<>|\n]{1,2000})(?:\|([^<>\n]{0,500}))?>")
_DATE = lazy(r"date\^(\d{9,11})\^.*", re.DOTALL)
_MAX_DEPTH = 8


def written(message: dict[str, Any]) -> str:
    """The text in Slack's own marks; "" where there is none."""
    if text := string(message.get("text")).strip():
        return text
    for parts in (_attachments(message), _blocks(message), _files(message)):
        if text := ": ".join(dict.fromkeys(part.strip() for part in parts if part.strip())):
            return text
    return ""


def plain(text: str, person: Callable[[str], str], group: Callable[[str], str]) -> str:
    """Slack's marks as words. `person`, `group`: what to call a user or a group with an id."""

    def word(token: re.Match[str]) -> str:
        sign, target, label = token[1], token[2], token[3] or ""
        if sign == "@":
            return person(target)
        if sign == "#":
            return f"#{label or 'a channel'}"
        if sign == "!":
            return _special(target, label, group)
        if target.startswith(("mailto:", "tel:")):
            return "an address"
        return f"{label} ({target})" if label and label != target else target

    return html.unescape(_TOKEN().sub(word, text))


def _special(target: str, label: str, group: Callable[[str], str]) -> str:
    if target.startswith("subteam^"):
        return group(target.partition("^")[2])
    date = _DATE().fullmatch(target)
    if date and (at := from_unix(date[1])):
        return readable(at)
    return label.lstrip("@") or target.partition("^")[0]


def _attachments(message: dict[str, Any]) -> Iterator[str]:
    for one in mappings(message.get("attachments"))[:5]:
        parts = [string(one.get(key)) for key in ("pretext", "title", "text")]
        blocks = list(_blocks(one))
        yield from parts if any(parts) else blocks or [string(one.get("fallback"))]


def _blocks(message: dict[str, Any]) -> Iterator[str]:
    for block in mappings(message.get("blocks"))[:20]:
        yield "".join(_texts(block, 0))


def _texts(node: dict[str, Any], depth: int) -> Iterator[str]:
    """The texts of a block and of what is in it."""
    kind = string(node.get("type"))
    if kind == "user":
        yield f"<@{string(node.get('user_id'))}>"
    elif kind == "usergroup":
        yield f"<!subteam^{string(node.get('usergroup_id'))}>"
    elif kind == "emoji":
        yield f":{string(node.get('name'))}:"
    elif kind == "link":
        label = string(node.get("text"))
        yield f"<{string(node.get('url'))}" + (f"|{label}>" if label else ">")
    elif kind not in {"button", "image", "date"} or node.get("text"):
        text = node.get("text")
        yield string(text) or string(mapping(text).get("text"))
    if depth < _MAX_DEPTH:
        for key in ("fields", "elements"):
            for index, inner in enumerate(mappings(node.get(key))[:50]):
                if inner.get("type") != "button":
                    yield " " if key == "fields" or (index and kind == "context") else ""
                    yield from _texts(inner, depth + 1)


def _files(message: dict[str, Any]) -> Iterator[str]:
    """Titles that people gave to files; a title that is only the file's name says nothing."""
    for file in mappings(message.get("files"))[:5]:
        title, name = string(file.get("title")).strip(), string(file.get("name")).strip()
        if title and title not in {name, name.rpartition(".")[0]}:
            yield cut(title, 200)
