"""Run the rules on one document and on the archive, suppress, sort."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from incident import rules
from incident.archive import index
from incident.archive.index import Facts
from incident.diagnostic import Diagnostic, Level, Related
from incident.errors import IncidentError
from incident.lint import failures
from incident.postmortem import model, suppressions
from incident.postmortem.document import Document
from incident.postmortem.frontmatter import Frontmatter
from incident.postmortem.suppressions import IntervalIndex
from incident.rules import ArchiveContext, ConfiguredRule, Context, Rule

if TYPE_CHECKING:
    from incident.lint.linter import Linter


class Outcome(NamedTuple):
    """The result of one document; the same at every instant in [since, until) (aware)."""

    diagnostics: list[Diagnostic]
    facts: Facts
    since: datetime
    until: datetime


def examine(linter: Linter, document: Document) -> Outcome:
    """Check one document on its own, and gather its facts for the rules about the archive."""
    # asking the wiki's renderer what is code is slow: only for a finding that may be in code
    outcome = _examine(linter, document)
    while outcome is None:
        document = document.rendered()
        outcome = _examine(linter, document)
    return outcome


def _examine(linter: Linter, document: Document) -> Outcome | None:
    """None as soon as a finding may be in code."""
    known = linter.colleagues_in(document.text)
    context = Context(document, linter.config, linter.now, known)
    context.suppressions = suppressions.read(document, context.clock)
    status = str(document.data.get("status"))
    if model.closed_as_of(document.data):
        status = "draft"  # a false alarm or duplicate needs no more than its declaration
    quiet = _Quiet(context.suppressions)
    found, failed = set(), []
    for setting in _asked(linter, document, status):
        try:
            for hit in _hits(setting, context):
                if document.may_be_code(hit.start):
                    return None
                if not quiet.covers(setting.rule, hit.start):
                    found.add(_diagnostic(document, setting, hit))
        except IncidentError:
            raise
        except Exception as error:
            failed.append((f"`{setting.rule.name}`", error))
    return Outcome(
        _sorted([*found, *failures.diagnostics(document.path, failed)]),
        index.gather(document, context.postmortem, context.suppressions),
        context.clock.since,
        context.clock.until,
    )


def check_prose(linter: Linter, text: str) -> list[Diagnostic]:
    """The diagnostics of a text that is not a postmortem."""
    document = Document("text", text, Frontmatter())
    context = Context(document, linter.config, linter.now, linter.colleagues_in(text))
    return _sorted(
        _diagnostic(document, setting, hit)
        for setting in _asked(linter, document, "draft")
        for hit in _hits(setting, context)
    )


def check_archive(
    linter: Linter, known: Iterable[Facts], aliases: frozenset[str]
) -> list[Diagnostic]:
    """The diagnostics of the rules about the whole archive.

    `aliases`: paths that are symlinks to another archive file, not separate postmortems.
    """
    by_path = {one.path: one for one in known if one.path not in aliases}
    by_id: dict[str, list[Facts]] = {}
    for one in by_path.values():
        if one.id:
            by_id.setdefault(one.id, []).append(one)
    muted: dict[str, dict[str, IntervalIndex]] = {}
    found, failed = set(), []
    for setting in linter.settings:
        if setting.rule.check_all is None:
            continue
        whole = ArchiveContext(by_path, by_id, linter.config, setting.options, aliases)
        try:
            for hit in setting.rule.check_all(whole):
                about = by_path[hit.path]
                if _too_old(setting, about.day):
                    continue
                if hit.path not in muted:
                    muted[hit.path] = _muted(about)
                cover = muted[hit.path].get(setting.rule.code)
                if cover is None or cover.find(hit.span.line) is None:
                    found.add(_placed(setting, hit))
        except IncidentError:
            raise
        except Exception as error:
            failed.append((f"`{setting.rule.name}`", error))
    return _sorted([*found, *failures.diagnostics(linter.config.archive, failed)])


def _hits(setting: ConfiguredRule, context: Context) -> Iterator[rules.Finding]:
    context.options = setting.options
    return setting.rule.check(context)


def _sorted(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    return sorted(set(found), key=lambda diagnostic: diagnostic.sort_key)


def _asked(linter: Linter, document: Document, status: str) -> list[ConfiguredRule]:
    """The rules that apply to a document with that status."""
    if document.meta.node is None:  # without a readable block the status is unknown
        return [s for s in linter.settings_at("draft") if s.rule.body_only]
    settings = linter.settings_at(status)
    if not any(setting.since for setting in settings):
        return settings
    day = str(model.postmortem(document).date or "")
    return [setting for setting in settings if not _too_old(setting, day)]


def _too_old(setting: ConfiguredRule, day: str) -> bool:
    return setting.since is not None and bool(day) and day < setting.since.isoformat()


class _Quiet:
    """The suppressions of one document, by the rules that they mean."""

    def __init__(self, found: Iterable[suppressions.Suppression]) -> None:
        self._items: dict[str, list[tuple[suppressions.Suppression, set[str]]]] = {}
        for item in found:
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
    """The archive rules that a document suppresses: lines by code."""
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
        related=tuple(_related(document, at, message) for at, message in hit.related),
        several=hit.several,
    )


def _related(document: Document, at: int, message: str) -> Related:
    span = document.span(at, at)
    return Related(document.path, span.line, span.column, message)


def _placed(setting: ConfiguredRule, hit: rules.ArchiveFinding) -> Diagnostic:
    level = _level(setting, hit.level)
    rule = setting.rule
    found = Diagnostic(rule.code, rule.name, level, hit.message, hit.hint, hit.path, hit.span)
    return found._replace(related=hit.related, several=hit.several)


def _level(setting: ConfiguredRule, own: Level | None) -> Level:
    """The finding's own level, unless the configuration overrides the rule's."""
    configured = setting.level is not setting.rule.level
    return setting.level if configured or own is None else own
