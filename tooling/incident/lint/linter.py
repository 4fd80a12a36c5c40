"""A linter: the rules of one repository at one instant. Never prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from incident.archive import nicknames
from incident.archive import roster as rosters
from incident.archive.roster import Roster
from incident.repository.config import STATUSES, Config

if TYPE_CHECKING:
    from incident.archive.index import Facts
    from incident.diagnostic import Diagnostic
    from incident.lint.checks import Outcome
    from incident.postmortem.document import Document
    from incident.rules import ConfiguredRule


def make(
    config: Config,
    now: datetime,
    roster: Roster | None = None,
    nicks: frozenset[str] | None = None,
) -> Linter:
    """A linter at the instant `now` (aware). Without a `roster`, git lists authors in parallel.

    `nicks`: names of people in all documents; None if each is checked on its own.
    """
    return Linter(config, now, rosters.load(config) if roster is None else lambda: roster, nicks)


class Linter:
    """Checks documents. Rules load at the first check: a fully cached run needs none.

    Every check raises ConfigError if the configuration names an unknown rule, level or option.
    """

    def __init__(
        self,
        config: Config,
        now: datetime,
        ask: Callable[[], Roster],
        nicks: frozenset[str] | None = None,
    ) -> None:
        self.config, self.now, self.nicks = config, now, nicks
        self._ask = ask

    def __reduce__(self) -> tuple[Any, ...]:
        return make, (self.config, self.now, self.roster, self.nicks)

    @cached_property
    def colleagues(self) -> Roster:
        """The roster, with what people are called in all documents."""
        return self.roster.knowing(self.nicks or ())

    def colleagues_in(self, text: str) -> Roster:
        """Whom the rules know in one document: without all others, by what it says itself."""
        if self.nicks is not None:
            return self.colleagues
        return self.roster.knowing(nicknames.in_text(text, self.config))

    def knowing(self, nicks: frozenset[str]) -> Linter:
        """The same linter, that knows what people are called in all documents."""
        other = Linter(self.config, self.now, lambda: self.roster, nicks)
        if "settings" in self.__dict__:
            other.__dict__["settings"] = self.settings
        return other

    @cached_property
    def roster(self) -> Roster:
        """The people who work here; waits for git."""
        return self._ask()

    @cached_property
    def settings(self) -> tuple[ConfiguredRule, ...]:
        """The rules that the repository enables, in the order they run."""
        from incident import rules

        try:
            chosen = rules.settings(self.config)
        finally:
            _ = self.roster  # wait for git in any case
        return tuple(sorted(chosen, key=lambda setting: setting.rule.last))

    def settings_at(self, status: str) -> list[ConfiguredRule]:
        """The rules about one document that apply at that status, in the order they run."""
        known = status if status in STATUSES else "published"
        if known not in self._by_status:
            self._by_status[known] = [
                setting
                for setting in self.settings
                if setting.rule.check_all is None and setting.rule.applies(known)
            ]
        return self._by_status[known]

    @cached_property
    def _by_status(self) -> dict[str, list[ConfiguredRule]]:
        return {}

    def at(self, now: datetime) -> Linter:
        """The same linter at another instant."""
        other = Linter(self.config, now, lambda: self.roster, self.nicks)
        other.__dict__["settings"] = self.settings
        return other

    def check(self, document: Document) -> list[Diagnostic]:
        """All diagnostics of one document on its own, in order."""
        return self.examine(document).diagnostics

    def examine(self, document: Document) -> Outcome:
        """Check one document on its own, and gather its facts for the rules about the archive."""
        from incident.lint import checks

        return checks.examine(self, document)

    def check_archive(
        self, known: Iterable[Facts], aliases: frozenset[str] = frozenset()
    ) -> list[Diagnostic]:
        """The diagnostics of the rules about the whole archive.

        `aliases`: paths that are symlinks to another archive file, not separate postmortems.
        """
        from incident.lint import checks

        return checks.check_archive(self, known, aliases)

    def check_prose(self, text: str) -> list[Diagnostic]:
        """The diagnostics of a text that is not a postmortem; nothing in it suppresses a rule."""
        from incident.lint import checks

        return checks.check_prose(self, text)
