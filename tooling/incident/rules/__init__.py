"""A rule is one module here: its docstring is its page, its `check` judges a document.

The examples under "Fails" and "Passes" in the docstring are its first tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, cached_property
from typing import Any, NamedTuple

from incident import config as configuration
from incident import model, plugins
from incident.config import Config
from incident.diagnostic import Level
from incident.document import Document
from incident.errors import ConfigError
from incident.model import Postmortem, TimelineEntry
from incident.people import Roster
from incident.rules import _text
from incident.suppress import Suppression


class Found(NamedTuple):
    """What a rule found, at the offsets [start, end) of the document.

    `message` is a lower-case fact with the measured value and the limit; `hint` is one
    imperative step. `level` overrules the rule's own.
    """

    start: int
    end: int
    message: str
    hint: str
    level: Level | None = None


@dataclass
class Context:
    """All that a rule may look at. `now` is an aware datetime: rules never ask the clock."""

    document: Document
    config: Config
    now: datetime
    roster: Roster
    suppressions: list[Suppression] = field(default_factory=list)
    options: Any = None

    @cached_property
    def postmortem(self) -> Postmortem:
        """The document's values."""
        return model.postmortem(self.document)

    @cached_property
    def timeline(self) -> list[TimelineEntry]:
        """The entries of the Timeline section."""
        return model.timeline(self.document)

    @cached_property
    def passages(self) -> list[tuple[int, str]]:
        """Offset and text of what people wrote in sentences: the body's prose, then frontmatter."""
        return _text.passages(self.document)


Check = Callable[[Context], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """One rule. `asked_from` is the first status it applies to.

    `body_only` rules run even where the frontmatter cannot be read; `last` ones after all others
    (they judge the suppressions). `options` is a frozen dataclass, or None.
    """

    code: str
    name: str
    level: Level
    since: str
    asked_from: str
    body_only: bool
    last: bool
    page: str
    options: type | None
    check: Check

    @property
    def summary(self) -> str:
        """The first line of its page."""
        return self.page.partition("\n")[0].rstrip(".")

    def applies(self, status: str) -> bool:
        """Whether a document of that status is asked for this; an unknown status is published."""
        order = model.STATUSES
        have = order.index(status) if status in order else order.index("published")
        return have >= order.index(self.asked_from)


def rule(
    *,
    code: str,
    level: Level,
    since: str,
    asked_from: str = "draft",
    body_only: bool = False,
    last: bool = False,
    options: type | None = None,
) -> Callable[[Check], Rule]:
    """Make the decorated check a rule; name and page come from its module."""

    def register(check: Check) -> Rule:
        module = sys.modules[check.__module__]
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        page = (module.__doc__ or "").strip()
        return Rule(code, name, level, since, asked_from, body_only, last, page, options, check)

    return register


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    found = [module.check for module in plugins.load_all(__name__)]
    return tuple(sorted(found, key=lambda rule: rule.code))


@cache
def by_word() -> dict[str, Rule]:
    """Rules by name and by code, in lower case."""
    known = {rule.code.lower(): rule for rule in all_rules()}
    known.update({rule.name: rule for rule in all_rules()})
    return known


@dataclass(frozen=True)
class Setting:
    """A rule as a repository wants it."""

    rule: Rule
    level: Level
    options: Any


def matches(rule: Rule, words: tuple[str, ...]) -> bool:
    """Whether one of `words` (a name, a code, or the beginning of a code) means this rule."""
    return any(
        rule.name == word or rule.code.startswith(word.upper()) for word in words if word.strip()
    )


def settings(config: Config) -> list[Setting]:
    """The rules that a repository runs, with level and options.

    Raises ConfigError on unknown rules, levels and options.
    """
    known = by_word()
    for word in (*config.select, *config.ignore):
        if not any(matches(rule, (word,)) for rule in all_rules()):
            raise ConfigError(f"unknown rule `{word}`", suggest(word))
    for name in config.rules:
        if name.lower() not in known:
            raise ConfigError(f"unknown rule `{name}` in [tool.incident.rules]", suggest(name))
    tables = {known[name.lower()].name: table for name, table in config.rules.items()}
    chosen = []
    for rule in all_rules():
        table = dict(tables.get(rule.name, {}))
        where = f"[tool.incident.rules.{rule.name}]"
        wanted = table.pop("level", rule.level.value)
        if wanted not in {*Level, "off"}:
            raise ConfigError(f"{where}: level {wanted!r}", "error, warning, notice or off")
        if rule.options is None and table:
            raise ConfigError(f"{where}: unknown key `{next(iter(table))}`", "it has no options")
        options = None
        if rule.options is not None:
            options = rule.options(**configuration.typed(rule.options, table, where))
        if wanted == "off" or (config.select and not matches(rule, config.select)):
            continue
        if not matches(rule, config.ignore):
            chosen.append(Setting(rule, Level(wanted), options))
    return chosen


def suggest(word: str) -> str:
    """A hint for a rule that does not exist."""
    hint = configuration.did_you_mean(word.lower(), by_word())
    return hint if hint.startswith("did") else "`incident rule` lists them"
