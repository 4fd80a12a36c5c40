"""Read, judge, suppress, sort: from files to diagnostics. Never prints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from incident import archive, people, rules, suppress
from incident.config import Config
from incident.diagnostic import Diagnostic, Level
from incident.document import Document
from incident.errors import UsageError
from incident.people import Roster
from incident.rules import Context, Rule, Setting


@dataclass(frozen=True)
class Linter:
    """The rules of one repository, ready to judge its documents at the instant `now` (aware)."""

    config: Config
    now: datetime
    settings: tuple[Setting, ...]
    roster: Roster

    def check(self, document: Document) -> list[Diagnostic]:
        """All diagnostics of one document, in order."""
        suppressions = suppress.read(document, self.now.date())
        context = Context(document, self.config, self.now, self.roster, suppressions)
        status = str(document.data.get("status"))
        found = set()
        for setting in self.settings:
            if not _asked(setting.rule, document, status):
                continue
            context.options = setting.options
            for hit in setting.rule.check(context):
                if not _suppressed(setting, hit, suppressions):
                    found.add(_diagnostic(document, setting, hit))
        return sorted(found, key=lambda diagnostic: diagnostic.sort_key)


def _asked(rule: Rule, document: Document, status: str) -> bool:
    """Whether a rule has something to say about a document of that status."""
    if document.meta.node is not None:
        return rule.applies(status)
    # a block that cannot be read hides the status; without any block it is a legacy document
    return rule.body_only and (rule.asked_from == "draft" or not document.meta.body)


def _suppressed(
    setting: Setting, hit: rules.Found, suppressions: list[suppress.Suppression]
) -> bool:
    for item in suppressions:
        if item.reason and item.start <= hit.start < item.end:
            words = [word for word in item.words if rules.matches(setting.rule, (word,))]
            if words:
                item.used.update(words)
                return True
    return False


def _diagnostic(document: Document, setting: Setting, hit: rules.Found) -> Diagnostic:
    return Diagnostic(
        code=setting.rule.code,
        name=setting.rule.name,
        level=_level(setting, hit),
        message=hit.message,
        hint=hit.hint,
        path=document.path,
        span=document.span(hit.start, hit.end),
    )


def _level(setting: Setting, hit: rules.Found) -> Level:
    """The finding's own level, unless the configuration gave the rule another."""
    configured = setting.level is not setting.rule.level
    return setting.level if configured or hit.level is None else hit.level


def prepare(config: Config, now: datetime) -> Linter:
    """Choose the rules and learn the roster. Raises ConfigError."""
    roster = people.load(config)
    try:
        settings = sorted(rules.settings(config), key=lambda setting: setting.rule.last)
    finally:
        known = roster()
    return Linter(config, now, tuple(settings), known)


def expand(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as they are, folders as their Markdown files. Raises UsageError on a missing path."""
    for path in paths:
        if path.is_dir():
            yield from archive.files(path)
        elif path.exists() or path.is_symlink():
            yield path
        else:
            raise UsageError(f"{path} does not exist", "check the path")


def worst(diagnostics: Iterable[Diagnostic]) -> Level | None:
    """The highest level among the diagnostics."""
    return min((d.level for d in diagnostics), key=lambda level: level.rank, default=None)
