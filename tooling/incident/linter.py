"""Judge, suppress, sort: from a document to diagnostics. Never prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from incident import facts, model, people, rules, suppress
from incident.config import Config
from incident.diagnostic import Diagnostic, Level
from incident.document import Document
from incident.facts import Facts
from incident.people import Roster
from incident.rules import Context, Rule, Setting, Whole


class Outcome(NamedTuple):
    """What a document gave; the same at every instant in [since, until) (aware)."""

    diagnostics: list[Diagnostic]
    facts: Facts
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Linter:
    """The rules of one repository, ready to judge its documents at the instant `now` (aware)."""

    config: Config
    now: datetime
    settings: tuple[Setting, ...]
    roster: Roster

    def check(self, document: Document) -> list[Diagnostic]:
        """All diagnostics of one document on its own, in order."""
        return self.examine(document).diagnostics

    def examine(self, document: Document) -> Outcome:
        """Judge one document on its own, and gather what it tells the others."""
        context = Context(document, self.config, self.now, self.roster)
        context.suppressions = suppress.read(document, context.clock)
        status = str(document.data.get("status"))
        found = set()
        for setting in self.settings:
            if not _asked(setting, document, status):
                continue
            context.options = setting.options
            for hit in setting.rule.check(context):
                if not _suppressed(setting, hit, context.suppressions):
                    found.add(_diagnostic(document, setting, hit))
        return Outcome(
            sorted(found, key=lambda diagnostic: diagnostic.sort_key),
            facts.gather(document, context.postmortem, context.suppressions),
            context.clock.since,
            context.clock.until,
        )

    def check_archive(self, known: Iterable[Facts]) -> list[Diagnostic]:
        """The diagnostics of the rules about the whole archive."""
        by_path = {one.path: one for one in known}
        by_id: dict[str, list[Facts]] = {}
        for one in by_path.values():
            if one.id:
                by_id.setdefault(one.id, []).append(one)
        found = set()
        for setting in self.settings:
            if setting.rule.check_all is None:
                continue
            for hit in setting.rule.check_all(Whole(by_path, by_id, setting.options)):
                about = by_path[hit.path]
                if not (_too_old(setting, about.day) or _silenced(setting.rule, hit, about)):
                    found.add(_placed(setting, hit))
        return sorted(found, key=lambda diagnostic: diagnostic.sort_key)


def _asked(setting: Setting, document: Document, status: str) -> bool:
    """Whether a rule has something to say about a document of that status."""
    rule = setting.rule
    if document.meta.node is not None:
        if setting.since and _too_old(setting, str(model.postmortem(document).date or "")):
            return False
        return rule.applies(status)
    # without a block, or with one that cannot be read, nobody said how far it is
    return rule.body_only and rule.asked_from == "draft"


def _too_old(setting: Setting, day: str) -> bool:
    return setting.since is not None and bool(day) and day < setting.since.isoformat()


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


def _silenced(rule: Rule, hit: rules.Placed, about: Facts) -> bool:
    return any(
        first <= hit.span.line <= last and rules.matches(rule, (word,))
        for word, first, last in about.muted
    )


def _diagnostic(document: Document, setting: Setting, hit: rules.Found) -> Diagnostic:
    return Diagnostic(
        code=setting.rule.code,
        name=setting.rule.name,
        level=_level(setting, hit.level),
        message=hit.message,
        hint=hit.hint,
        path=document.path,
        span=document.span(hit.start, hit.end),
        fix=hit.fix,
    )


def _placed(setting: Setting, hit: rules.Placed) -> Diagnostic:
    level = _level(setting, hit.level)
    rule = setting.rule
    return Diagnostic(rule.code, rule.name, level, hit.message, hit.hint, hit.path, hit.span)


def _level(setting: Setting, own: Level | None) -> Level:
    """The finding's own level, unless the configuration gave the rule another."""
    configured = setting.level is not setting.rule.level
    return setting.level if configured or own is None else own


def prepare(config: Config, now: datetime) -> Linter:
    """Choose the rules and learn the roster. Raises ConfigError."""
    roster = people.load(config)
    try:
        settings = rules.settings(config)
    finally:
        known = roster()
    return _linter(config, now, settings, known)


def make(config: Config, now: datetime, roster: Roster) -> Linter:
    """As `prepare`, with a roster that is known. Raises ConfigError."""
    return _linter(config, now, rules.settings(config), roster)


def _linter(config: Config, now: datetime, settings: list[Setting], roster: Roster) -> Linter:
    ordered = sorted(settings, key=lambda setting: setting.rule.last)
    return Linter(config, now, tuple(ordered), roster)
