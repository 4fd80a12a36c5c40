"""Judge, suppress, sort: from a document to diagnostics. Never prints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from incident import rules
from incident.archive import index as facts
from incident.archive import roster as people
from incident.archive.index import Facts
from incident.archive.roster import Roster
from incident.diagnostic import Diagnostic, Level
from incident.postmortem import model
from incident.postmortem import suppressions as suppress
from incident.postmortem.document import Document
from incident.postmortem.suppressions import IntervalIndex
from incident.repository.config import Config
from incident.rules import ArchiveContext, ConfiguredRule, Context, Rule


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
    settings: tuple[ConfiguredRule, ...]
    roster: Roster

    def check(self, document: Document) -> list[Diagnostic]:
        """All diagnostics of one document on its own, in order."""
        return self.examine(document).diagnostics

    def examine(self, document: Document) -> Outcome:
        """Judge one document on its own, and gather what it tells the others."""
        context = Context(document, self.config, self.now, self.roster)
        context.suppressions = suppress.read(document, context.clock)
        status = str(document.data.get("status"))
        quiet = _Quiet(context.suppressions)
        found = set()
        for setting in self.settings:
            if not _asked(setting, document, status):
                continue
            context.options = setting.options
            for hit in setting.rule.check(context):
                if not quiet.covers(setting.rule, hit.start):
                    found.add(_diagnostic(document, setting, hit))
        return Outcome(
            sorted(found, key=lambda diagnostic: diagnostic.sort_key),
            facts.gather(document, context.postmortem, context.suppressions),
            context.clock.since,
            context.clock.until,
        )

    def check_archive(
        self, known: Iterable[Facts], aliases: frozenset[str] = frozenset()
    ) -> list[Diagnostic]:
        """The diagnostics of the rules about the whole archive.

        `aliases`: paths that are links to another file of it, and no postmortems of their own.
        """
        by_path = {one.path: one for one in known if one.path not in aliases}
        by_id: dict[str, list[Facts]] = {}
        for one in by_path.values():
            if one.id:
                by_id.setdefault(one.id, []).append(one)
        muted: dict[str, dict[str, IntervalIndex]] = {}
        found = set()
        for setting in self.settings:
            if setting.rule.check_all is None:
                continue
            whole = ArchiveContext(by_path, by_id, setting.options, self.config.archive, aliases)
            for hit in setting.rule.check_all(whole):
                about = by_path[hit.path]
                if _too_old(setting, about.day):
                    continue
                if hit.path not in muted:
                    muted[hit.path] = _muted(about)
                cover = muted[hit.path].get(setting.rule.code)
                if cover is None or cover.find(hit.span.line) is None:
                    found.add(_placed(setting, hit))
        return sorted(found, key=lambda diagnostic: diagnostic.sort_key)


def _asked(setting: ConfiguredRule, document: Document, status: str) -> bool:
    """Whether a rule has something to say about a document of that status."""
    rule = setting.rule
    if document.meta.node is not None:
        if setting.since and _too_old(setting, str(model.postmortem(document).date or "")):
            return False
        return rule.applies(status)
    # without a block, or with one that cannot be read, nobody said how far it is
    return rule.body_only and rule.since_status == "draft"


def _too_old(setting: ConfiguredRule, day: str) -> bool:
    return setting.since is not None and bool(day) and day < setting.since.isoformat()


class _Quiet:
    """The suppressions of one document, by the rules that they mean."""

    def __init__(self, suppressions: Iterable[suppress.Suppression]) -> None:
        self._items: dict[str, list[tuple[suppress.Suppression, set[str]]]] = {}
        for item in suppressions:
            words: dict[str, set[str]] = {}
            for word in item.words if item.holds else ():
                for code in rules.meant(word):
                    words.setdefault(code, set()).add(word)
            for code, meant in words.items():
                self._items.setdefault(code, []).append((item, meant))
        self._covers: dict[str, IntervalIndex] = {}

    def covers(self, rule: Rule, place: int) -> bool:
        """Whether a finding at an offset is suppressed; notes by which words."""
        items = self._items.get(rule.code)
        if not items:
            return False
        if rule.code not in self._covers:
            self._covers[rule.code] = IntervalIndex((item.start, item.end) for item, _ in items)
        index = self._covers[rule.code].find(place)
        if index is None:
            return False
        item, words = items[index]
        item.used |= words
        return True


def _muted(about: Facts) -> dict[str, IntervalIndex]:
    """What a document suppresses of the rules about the archive: lines by code."""
    lines: dict[str, list[tuple[int, int]]] = {}
    for word, first, last in about.muted:
        for code in rules.meant(word):
            lines.setdefault(code, []).append((first, last + 1))
    return {code: IntervalIndex(found) for code, found in lines.items()}


def _diagnostic(document: Document, setting: ConfiguredRule, hit: rules.Finding) -> Diagnostic:
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


def _placed(setting: ConfiguredRule, hit: rules.ArchiveFinding) -> Diagnostic:
    level = _level(setting, hit.level)
    rule = setting.rule
    return Diagnostic(rule.code, rule.name, level, hit.message, hit.hint, hit.path, hit.span)


def _level(setting: ConfiguredRule, own: Level | None) -> Level:
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


def _linter(
    config: Config, now: datetime, settings: list[ConfiguredRule], roster: Roster
) -> Linter:
    ordered = sorted(settings, key=lambda setting: setting.rule.last)
    return Linter(config, now, tuple(ordered), roster)
