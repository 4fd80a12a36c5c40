"""Each rule is one module: its docstring is its page, its `check` checks a document.

The examples under "Fails" and "Passes" in the docstring are its first tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from incident import discovery
from incident.archive.index import Facts
from incident.archive.roster import Roster
from incident.clock import Clock
from incident.diagnostic import FAILURE, Diagnostic, Fix, Level, Related, Several, Span
from incident.errors import ConfigError, IncidentError
from incident.postmortem import model, timeline_entries
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem
from incident.postmortem.suppressions import Suppression
from incident.postmortem.timeline_entries import TimelineEntry
from incident.repository import config as configuration
from incident.repository.config import Config
from incident.rules import _text
from incident.rules._importance import Importance, of_code

if TYPE_CHECKING:
    from incident.rules._name_places import NamePlaces
    from incident.rules._name_shapes import Person
    from incident.rules._roster_matches import Name


class Finding(NamedTuple):
    """What a rule found, at the offsets [start, end) of the document.

    `message` is a lower-case fact with the measured value and the limit; `hint` is one
    imperative step. `level` overrides the rule's own; `fix` is the edit that resolves it;
    `related`: offset and message of the other places. `several`: how to report findings like this
    one together; each is still found, suppressed and fixed on its own.
    """

    start: int
    end: int
    message: str
    hint: str
    level: Level | None = None
    fix: Fix | None = None
    related: tuple[tuple[int, str], ...] = ()
    several: Several | None = None


class ArchiveFinding(NamedTuple):
    """What a rule about the whole archive found, on a span of the file at `path`."""

    path: str
    span: Span
    message: str
    hint: str
    level: Level | None = None
    related: tuple[Related, ...] = ()
    several: Several | None = None


@dataclass
class Context:
    """Everything a rule may look at. `now` is an aware datetime; rules use `clock`."""

    document: Document
    config: Config
    now: datetime
    roster: Roster
    suppressions: list[Suppression] = field(default_factory=list)
    options: Any = None

    @cached_property
    def clock(self) -> Clock:
        """The time, and how long each answer stays valid."""
        return Clock(self.now)

    @cached_property
    def postmortem(self) -> Postmortem:
        """The document's values."""
        return model.postmortem(self.document)

    @cached_property
    def timeline(self) -> list[TimelineEntry]:
        """The entries of the Timeline section."""
        return timeline_entries.read(self.document)

    @cached_property
    def prose(self) -> str:
        """The prose at its original offsets: see `_text.passages`."""
        return _text.passages(self.document)

    @cached_property
    def masked(self) -> str:
        """`prose` without handles and addresses; same offsets."""
        from incident.rules import _roster_matches

        return _roster_matches.masked(self)

    @cached_property
    def colleagues(self) -> list[Name]:
        """The people that the roster and the frontmatter know."""
        from incident.rules import _roster_matches

        return list(_roster_matches.names_in(self))

    @cached_property
    def people(self) -> list[Person]:
        """The people that the prose names, as far as form and use tell."""
        from incident.rules import _name_shapes

        return _name_shapes.find(self)

    @cached_property
    def name_places(self) -> NamePlaces:
        """The lists of people, action items and thanks, where names belong elsewhere."""
        from incident.rules._name_places import NamePlaces

        return NamePlaces(self)

    @cached_property
    def lowered(self) -> str:
        """`prose` in lower case with the same offsets."""
        lowered = self.prose.lower()
        # a few letters have a lower case of two characters
        return lowered if len(lowered) == len(self.prose) else self.prose

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words of `lowered`: a cheap test before the expensive regex."""
        return _text.vocabulary(self.lowered)


class ArchiveContext(NamedTuple):
    """What a rule about the archive looks at: the facts of all postmortems, by path and by id.

    `aliases`: paths in the archive that are links to another of its files.
    """

    by_path: dict[str, Facts]
    by_id: dict[str, list[Facts]]
    config: Config
    options: Any = None
    aliases: frozenset[str] = frozenset()


_RANKS = {status: rank for rank, status in enumerate(configuration.STATUSES)}
Check = Callable[[Context], Iterator[Finding]]
CheckAll = Callable[[ArchiveContext], Iterator[ArchiveFinding]]


class Rule(NamedTuple):
    """One rule. `since_status` is the first status it applies to.

    `body_only` rules run even where the frontmatter cannot be read; `last` ones after all others
    (they judge the suppressions). `options` is a frozen dataclass, or None. A rule about the
    archive has `check_all` instead of `check`.
    """

    code: str
    name: str
    level: Level
    since: str
    since_status: str
    body_only: bool
    last: bool
    page: str
    options: type | None
    check: Check
    importance: Importance
    check_all: CheckAll | None = None

    @property
    def module(self) -> str:
        """The name of its module."""
        return self.name.replace("-", "_")

    @property
    def summary(self) -> str:
        """The first line of its page."""
        return self.page.partition("\n")[0].rstrip(".")

    @property
    def explanation(self) -> str:
        """Its page as Markdown, with its level and how to turn it off."""
        title, _, rest = self.page.partition("\n")
        asked = f"required from `{self.since_status}`"
        facts = f"`{self.code}` · `{self.name}` · {self.level} · {asked} · since {self.since}"
        ignored = f'`[tool.incident] ignore = ["{self.name}"]`'
        off = f"Turn it off with {ignored}, or in one place with a reason:"
        comment = f"`<!-- incident-ignore: {self.name} -- reason -->`"
        return f"# {title}\n\n{facts}\n{rest.rstrip()}\n\n{off}\n{comment}"

    def applies(self, status: str) -> bool:
        """Whether the rule applies at that status; an unknown status counts as published."""
        return _RANKS.get(status, _RANKS["published"]) >= _RANKS[self.since_status]


def rule(
    *,
    code: str,
    level: Level,
    since: str,
    since_status: str = "draft",
    body_only: bool = False,
    last: bool = False,
    options: type | None = None,
    importance: Importance | None = None,
) -> Callable[[Check], Rule]:
    """Make the decorated check a rule; name and page come from its module.

    `importance`: if it differs from that of the code's family.
    """

    def register(check: Check) -> Rule:
        module = sys.modules[check.__module__]
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        page = (module.__doc__ or "").strip()
        matters = of_code(code) if importance is None else importance
        return Rule(
            code, name, level, since, since_status, body_only, last, page, options, check, matters
        )

    return register


def archive_rule(
    *,
    code: str,
    level: Level,
    since: str,
    options: type | None = None,
    importance: Importance | None = None,
) -> Callable[[CheckAll], Rule]:
    """Make the decorated check a rule about all postmortems together."""

    def register(check: CheckAll) -> Rule:
        made = rule(code=code, level=level, since=since, options=options, importance=importance)(
            _nothing
        )
        module = sys.modules[check.__module__]
        name = check.__module__.rpartition(".")[2].replace("_", "-")
        return made._replace(name=name, page=(module.__doc__ or "").strip(), check_all=check)

    return register


def _nothing(_context: Context) -> Iterator[Finding]:
    return iter(())


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code. Raises IncidentError where a module here is not one, with the fix."""
    by_code: dict[str, Rule] = {}
    for module in discovery.load_all(__name__):
        found = getattr(module, "check", None)
        file = f"rules/{module.__name__.rpartition('.')[2]}.py"
        if not isinstance(found, Rule):
            hint = "decorate `check` with @rule(code=…) or @archive_rule(code=…)"
            raise IncidentError(f"{file} does not define a rule", hint)
        if other := by_code.get(found.code):
            hint = f"give the new one {free_code(found.code[:4], by_code)}"
            raise IncidentError(f"{file}: rules/{other.module}.py already has {found.code}", hint)
        by_code[found.code] = found
    return tuple(sorted(by_code.values(), key=lambda rule: rule.code))


def free_code(group: str, taken: Iterable[str]) -> str:
    """The next code of a group ("INC3"): above all that are `taken`, so that none is used again."""
    used = [int(code[3:]) for code in taken if code.startswith(group)]
    return f"INC{max(used, default=int(group[3:]) * 100) + 1:03}"


@cache
def by_word() -> dict[str, Rule]:
    """Rules by name and by code, in lower case."""
    known = {rule.code.lower(): rule for rule in all_rules()}
    known.update({rule.name: rule for rule in all_rules()})
    return known


def by_importance(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics as a reviewer wants them: what blocks, what to act on, style."""
    known = by_word()

    def key(d: Diagnostic) -> tuple[bool, int, int, tuple[str, int, int, str, str]]:
        rule = known.get(d.code.lower())
        matters = rule.importance if rule else Importance.LEAK if d.code == FAILURE else of_code("")
        return d.level is not Level.ERROR, matters, d.level.rank, d.sort_key

    return sorted(diagnostics, key=key)


class ConfiguredRule(NamedTuple):
    """A rule as a repository wants it; it applies to incidents from the day `since` on."""

    rule: Rule
    level: Level
    options: Any
    since: date | None = None


def matches(rule: Rule, words: tuple[str, ...]) -> bool:
    """Whether one of `words` (a name, a code, or the beginning of a code) means this rule."""
    return any(rule.code in meant(word) for word in words)


def meant(word: str) -> frozenset[str]:
    """The codes of the rules that a word means: a name, a code, or the beginning of a code."""
    known = _by_any_word()
    return known.get(word) or known.get(word.upper(), frozenset())


@cache
def _by_any_word() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for rule in all_rules():
        for word in (rule.name, *(rule.code[:end] for end in range(4, len(rule.code) + 1))):
            found[word] = found.get(word, frozenset()) | {rule.code}
    return found


def settings(config: Config) -> list[ConfiguredRule]:
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
        where = f"[tool.incident.rules.{rule.name}]"
        given = tables.get(rule.name, {})
        if not isinstance(given, Mapping):
            raise ConfigError(
                f"{where} must be a table, got {given!r}", 'write `level = "off"` under it'
            )
        table = dict(given)
        since = _since(table.pop("since", config.since), where)
        wanted = table.pop("level", rule.level.value)
        if not isinstance(wanted, str) or wanted not in {*Level, "off"}:
            raise ConfigError(
                f"{where}: invalid level {wanted!r}", "use error, warning, notice or off"
            )
        if rule.options is None and table:
            raise ConfigError(
                f"{where}: unknown key `{next(iter(table))}`", "this rule has no options"
            )
        options = None
        if rule.options is not None:
            options = rule.options(**configuration.typed(rule.options, table, where))
        if wanted == "off" or (config.select and not matches(rule, config.select)):
            continue
        if not matches(rule, config.ignore):
            level = Level(wanted)
            if config.profile == "legacy" and level is Level.ERROR:
                level = Level.WARNING
            chosen.append(ConfiguredRule(rule, level, options, since))
    return chosen


def _since(value: object, where: str) -> date | None:
    if value == "" or value is None:
        return None
    day = model.parse_date(str(value))
    if day is None:
        raise ConfigError(
            f"{where}: invalid date {value!r} for `since`", 'write it like "2026-01-31"'
        )
    return day


def suggest(word: str) -> str:
    """A hint for a rule that does not exist."""
    is_code = word[:3].upper() == "INC"
    known = [one.upper() if one.startswith("inc") else one for one in by_word()]
    hint = configuration.did_you_mean(word.upper() if is_code else word.lower(), known)
    return hint if hint.startswith("did") else "run `incident rule` to list all rules"
