"""What an issue tracker can do, and how it fails. The plan knows nothing else of GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from incident.errors import IncidentError

LABEL = "incident-action"  # on every issue of ours: the listing asks for it
DEFAULT_TRACKER = "github"  # whose numbers are recorded as numbers
COMMENT = "<!-- incident-action:reminder -->"
MAX_TITLE, MAX_BODY, MAX_LABEL = 256, 65_536, 50  # characters, GitHub's


@dataclass(frozen=True)
class Issue:
    """One issue. `reason` of a closed one: completed, not_planned, duplicate or "".

    An open one that has a `reason` was closed before. `opened_on` and `closed_on` are days,
    YYYY-MM-DD, or "". `milestone` is its title. `body` has LF line ends. `is_trusted`: its author
    could write to the repository, so that what its marker says may be believed.
    """

    number: int
    title: str
    body: str = ""
    state: str = "open"
    reason: str = ""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""
    url: str = ""
    closed_on: str = ""
    opened_on: str = ""
    is_trusted: bool = True

    @property
    def is_open(self) -> bool:
        """Not closed."""
        return self.state == "open"


@dataclass(frozen=True)
class Draft:
    """An issue that is not there yet."""

    title: str
    body: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""


@dataclass(frozen=True)
class Change:
    """New values of an issue, each absolute; None leaves what is there."""

    title: str | None = None
    body: str | None = None
    state: str | None = None
    reason: str | None = None
    labels: tuple[str, ...] | None = None
    assignees: tuple[str, ...] | None = None
    milestone: str | None = None

    def names(self) -> tuple[str, ...]:
        """The fields that change."""
        return tuple(name for name, value in vars(self).items() if value is not None)


@dataclass(frozen=True)
class Absent:
    """Why a number leads to no issue here. `kind`: gone, moved, pull_request or unknown."""

    kind: str
    detail: str = ""


class RequestRejected(IncidentError):  # noqa: N818
    """The tracker said no to one request, and nothing was written."""


class AmbiguousWrite(IncidentError):  # noqa: N818
    """No answer: the write may have happened."""


class FatalTrackerError(IncidentError):
    """The tracker will say no to every further request, too."""


class IssueTracker(Protocol):
    """Where issues live. Methods raise what is above."""

    @property
    def kind(self) -> str:
        """The name of its module, by which a recorded number is told from others."""

    @property
    def name(self) -> str:
        """What to call it: `tidewater/warehouse`."""

    @property
    def web(self) -> str:
        """Where people read the repository's files, or ""."""

    @property
    def notes(self) -> list[str]:
        """What people should know beside the answers: that the repository was renamed."""

    def batch(self) -> AbstractContextManager[None]:
        """Writes inside may be kept together, and be none where an exception ends them."""

    def issues(self) -> list[Issue]:
        """Every issue with the label LABEL, open or closed, oldest first."""

    def changed_since(self, day: date | None) -> list[Issue]:
        """Every issue that was opened or changed since, whatever its labels; None: ever."""

    def issue(self, number: int) -> Issue | Absent:
        """One issue, whatever its labels."""

    def create(self, draft: Draft) -> Issue:
        """Open an issue; tried once. The answer is what the tracker made of it."""

    def update(self, number: int, change: Change) -> Issue:
        """Set fields of an issue; harmless when done twice."""

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """Write the one comment of ours, or rewrite it (`edit`, where it is known); its number.

        `text` ends with COMMENT, by which it is found again.
        """

    def reopened_at(self, number: int) -> str:
        """When the issue was last reopened; "" where the tracker cannot tell."""

    def closed_by(self, number: int) -> str:
        """Address of the pull request or commit that closed the issue, or ""."""


@runtime_checkable
class PullRequests(Protocol):
    """What else a tracker can do that is also where the repository's code is."""

    def push_environment(self) -> Mapping[str, str]:
        """What lets git push to the repository."""

    def is_proposed(self, branch: str, commit: str) -> bool:
        """Whether a pull request of `branch` is open, or one of this very commit was closed."""

    def withdraw(self, branch: str, note: str) -> str:
        """Close the open pull request of `branch` with a note in its text; its address, or ""."""

    def propose(self, branch: str, base: str, title: str, body: str) -> str:
        """Open a pull request of `branch`, or rewrite the one that is open; its address."""
