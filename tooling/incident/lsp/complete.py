"""Completions at the cursor: keys, values, owners, assets, ids, rules, sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from incident import rules
from incident.lsp import cursor_path
from incident.lsp.cursor_path import Place
from incident.lsp.vocabulary import Known
from incident.postmortem import edit, schema, sections
from incident.postmortem.timestamps import LABELS

_HEADING = re.compile(r"#{1,6}[ \t]*(?P<typed>.*)")
_LABEL = re.compile(r"\s*[-*+][ \t].*?(?P<typed>\*\*[A-Za-z ]*)")
_IGNORE = re.compile(r"(?:<!--|#)[ \t]*incident-ignore:?[ \t]+(?:[\w-]+,[ \t]*)*(?P<typed>[\w-]*)")


class Suggestion(NamedTuple):
    """`label` is shown; `text` replaces the text from column `start` (0-based) to the cursor.

    `kind`: key, value, word, section or rule. `page` explains it in Markdown.
    """

    label: str
    text: str
    start: int
    kind: str
    detail: str = ""
    page: str = ""


def complete(text: str, line: int, column: int, known: Known) -> list[Suggestion]:
    """The suggestions at a line and column (0-based, in characters), best first."""
    lines = text.split("\n")
    if not 0 <= line < len(lines):
        return []
    before = lines[line][:column]
    for found in _IGNORE.finditer(before):
        if found.end() == len(before):
            return list(_rules(found.start("typed")))
    if cursor_path.in_frontmatter(lines, line):
        here = cursor_path.place(lines, line, column)
        return list(_frontmatter(here, lines, known)) if here else []
    return list(_body(before, lines))


def _body(before: str, lines: list[str]) -> Iterator[Suggestion]:
    if found := _HEADING.fullmatch(before):
        present = {sections.normalize(t.lstrip("#").strip()) for t in lines if t.startswith("#")}
        for title in sections.TITLES.values():
            if sections.normalize(title) not in present:
                yield Suggestion(title, f"## {title}", 0, "section")
    elif found := _LABEL.fullmatch(before):
        for label, key in LABELS.items():
            yield Suggestion(label, f"**{label}**: ", found.start("typed"), "value", key)


def _rules(start: int) -> Iterator[Suggestion]:
    for rule in rules.all_rules():
        detail = f"{rule.code}: {rule.summary}"
        yield Suggestion(rule.name, rule.name, start, "rule", detail, rule.page)


def _frontmatter(here: Place, lines: list[str], known: Known) -> Iterator[Suggestion]:
    node = node_at(here.path)
    if node is None:
        return
    flow_list = not here.is_value and node.get("properties") is None
    if here.is_value or flow_list:
        yield from _values(here, node, known)
        return
    present = {t.split(":")[0] for t in lines if ":" in t} if not here.path else set()
    for key, about in node.get("properties", {}).items():
        if key not in present or key == here.typed:
            yield Suggestion(
                key, f"{key}: ", here.start, "key", about.get("title", ""), page(about)
            )


def _values(here: Place, node: dict[str, Any], known: Known) -> Iterator[Suggestion]:
    said = str(node.get("description", ""))
    scale = known.severities if here.path == ("severity",) else ()
    for value in scale or node.get("enum", ()):
        if value is not None:
            yield Suggestion(value, value, here.start, "value", "", said)
    if "boolean" in _types(node):
        for value in ("true", "false"):
            yield Suggestion(value, value, here.start, "value", "", said)
    for word, detail in _words(here.path, known):
        yield Suggestion(word, edit.render(word), here.start, "word", detail)


def _words(path: tuple[str, ...], known: Known) -> Iterable[tuple[str, str]]:
    last = path[-1] if path else ""
    if last == "owner":
        return _plain(dict.fromkeys((*known.owners, *known.people)))
    if path[:1] == ("roles",) or last == "reviewers":
        return _plain(known.people)
    if last in {"team", "observers"}:
        return _plain(dict.fromkeys((*known.teams, *known.owners)))
    if last == "ref":
        return _plain(known.assets)
    if last in {"verified_by", "should_have_been"}:
        return _plain(known.checks)
    if last == "tags":
        return _plain(known.tags)
    if last in {"related", "recurrence_of", "duplicate_of"}:
        return known.titles.items()
    if last == "rule":
        return [(rule.name, f"{rule.code}: {rule.summary}") for rule in rules.all_rules()]
    return ()


def _plain(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    return [(word, "") for word in words]


def node_at(path: tuple[str, ...]) -> dict[str, Any] | None:
    """The schema of the value at `path`; of a list, that of its items."""
    node: Any = schema.load().content
    for key in path:
        node = node.get("properties", {}).get(key)
        if node is None:
            return None
        node = node.get("items", node)
    return dict(node)


def page(about: dict[str, Any]) -> str:
    """The schema's description of a key, in Markdown."""
    options = " ".join(f"`{value}`" for value in about.get("enum", ()) if value)
    return f"{about.get('description', '')}\n\n{options}".strip()


def _types(node: dict[str, Any]) -> list[str]:
    kind = node.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)
