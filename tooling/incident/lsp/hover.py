"""Explains the word under the cursor: a key, a rule, a postmortem."""

from __future__ import annotations

import re

from incident import rules
from incident.lsp import complete, cursor_path
from incident.lsp.vocabulary import Known
from incident.rules import Rule

_WORD = re.compile(r"[\w-]+")


def hover(text: str, line: int, column: int, found: list[str], known: Known) -> str:
    """Markdown about the word at a line and column (0-based), or "".

    `found`: names of the rules with diagnostics there.
    """
    lines = text.split("\n")
    if not 0 <= line < len(lines):
        return ""
    word = word_at(lines[line], column)
    parts = []
    if word:
        if rule := rules.by_word().get(word[0].lower()):
            return rule_page(rule)
        if title := known.titles.get(word[0]):
            parts.append(f"**{word[0]}**\n\n{title}")
        if cursor_path.in_frontmatter(lines, line):
            here = cursor_path.place(lines, line, word.start())
            is_key = here and not here.is_value and lines[line][word.end() :].lstrip()[:1] == ":"
            node = complete.node_at((*here.path, word[0])) if here and is_key else None
            if node:
                parts.append(f"**{word[0]}**\n\n{complete.page(node)}")
    parts += [rule_page(rules.by_word()[name]) for name in dict.fromkeys(found)]
    return "\n\n---\n\n".join(parts)


def word_at(line: str, column: int) -> re.Match[str] | None:
    """The word (a key, a rule, an id) that a column of a line touches."""
    return next((m for m in _WORD.finditer(line) if m.start() <= column <= m.end()), None)


def rule_page(rule: Rule) -> str:
    """A rule's page, below its name and code."""
    title, _, rest = rule.page.partition("\n")
    return f"**{title}**\n\n`{rule.name}` `{rule.code}` · {rule.level}\n{rest.rstrip()}"
