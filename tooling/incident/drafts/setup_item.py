"""One file that `incident init` sets up, and how the one that is there compares with it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from incident import __version__
from incident.drafts.setup_record import GONE, mark


class State(StrEnum):
    """How a file compares with this version's text and with what was written before."""

    MISSING = "missing"
    SAME = "same"
    OUTDATED = "outdated"
    EDITED = "edited"
    REMOVED = "removed"
    YOURS = "yours"


@dataclass(frozen=True)
class Item:
    """A file to set up: where it goes, its text in this version, and the text that is there now.

    `path` is absolute, `shown` is for display, `what` is its purpose. `now` is None if the file
    does not exist. `written`: the hash of what init wrote, or ""; `kept`: of what a team made of it
    and `--upgrade` has seen, or GONE, or "".
    """

    path: Path
    shown: str
    text: str
    now: str | None
    what: str = ""
    is_starter: bool = False
    written: str = ""
    kept: str = ""

    @property
    def state(self) -> State:
        """How the file compares."""
        if self.now is None:
            return State.REMOVED if self.written else State.MISSING
        if not self.changed:
            return State.SAME
        if not self.written or self.is_starter:
            return State.YOURS
        return State.OUTDATED if mark(self.now) == self.written else State.EDITED

    @property
    def missing(self) -> bool:
        """The file does not exist, and nobody removed it."""
        return self.state is State.MISSING

    @property
    def changed(self) -> bool:
        """The file exists with other content."""
        return self.now is not None and self.now.replace("\r\n", "\n") != self.text

    @property
    def drift(self) -> str:
        """What `--check` reports, or "": a difference that nobody has accepted yet."""
        state = self.state
        if self.is_starter:
            return state if state is State.MISSING else ""
        if state in {State.EDITED, State.REMOVED}:
            seen = GONE if self.now is None else mark(self.now)
            is_new = self.written != mark(self.text) and state is State.EDITED
            return state if self.kept != seen or is_new else ""
        return state if state in {State.MISSING, State.OUTDATED} else ""

    def diff(self) -> str:
        """A unified diff from this version's text to the existing file."""
        return self._difference(self._ours, self._there)

    def update(self) -> str:
        """A unified diff from the existing file to this version's text."""
        return self._difference(self._there, self._ours)

    @property
    def _ours(self) -> tuple[str, str]:
        return f"{self.shown} (incident {__version__})", self.text

    @property
    def _there(self) -> tuple[str, str]:
        return self.shown, (self.now or "").replace("\r\n", "\n")

    @staticmethod
    def _difference(old: tuple[str, str], new: tuple[str, str]) -> str:
        before, after = (text.splitlines(keepends=True) for _, text in (old, new))
        lines = difflib.unified_diff(before, after, old[0], new[0])
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
