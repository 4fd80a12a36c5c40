"""The interface of an issue tracker, and its errors. The plan uses nothing else of GitHub."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from incident.errors import IncidentError

LABEL = "incident-action"  # on all our issues: the listing filters by it
DEFAULT_TRACKER = "github"  # its issue numbers are recorded without a prefix
COMMENT = "<!-- incident-action:reminder -->"
MAX_TITLE, MAX_BODY, MAX_LABEL = 256, 65_536, 50  # characters, GitHub's limit


@dataclass(frozen=True)
class Issue:
    """One issue. `reason` of a closed one: completed, not_planned, duplicate or "".

    An open one with a `reason` was closed before. `opened_on` and `closed_on` are dates
    (YYYY-MM-DD) or "". `milestone` is its title. `body` has LF line endings. `is_trusted`: its
    author can write to the repository, so its marker can be trusted.
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
    """An issue that does not exist yet."""

    title: str
    body: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str = ""


@dataclass(frozen=True)
class Change:
    """New absolute values of an issue; None leaves a field unchanged."""

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
class Comment:
    """A comment of an issue or a pull request. `author`: a login."""

    id: int
    author: str
    body: str


@dataclass(frozen=True)
class Absent:
    """Why a number has no issue here. `kind`: gone, moved, pull_request or unknown."""

    kind: str
    detail: str = ""


class RequestRejected(IncidentError):  # noqa: N818
    """The tracker rejected one request; nothing was written."""


class AmbiguousWrite(IncidentError):  # noqa: N818
    """No response: the write may have happened."""


class FatalTrackerError(IncidentError):
    """The tracker will reject all further requests too."""


class AccessDeniedError(FatalTrackerError):
    """The token may not do this."""


class IssueTracker(Protocol):
    """Where issues live. Methods raise the errors above."""

    @property
    def kind(self) -> str:
        """The name of its module, used as the prefix of recorded numbers."""

    @property
    def name(self) -> str:
        """Its display name: `tidewater/warehouse`."""

    @property
    def web(self) -> str:
        """The web URL of the repository's files, or ""."""

    @property
    def notes(self) -> list[str]:
        """Notes for people, e.g. that the repository was renamed."""

    def batch(self) -> AbstractContextManager[None]:
        """Writes inside may be batched, and dropped if an exception occurs."""

    def issues(self) -> list[Issue]:
        """Every issue with the label LABEL, open or closed, oldest first."""

    def changed_since(self, day: date | None) -> list[Issue]:
        """Every issue created or changed since, with any labels; None: all."""

    def issue(self, number: int) -> Issue | Absent:
        """One issue, with any labels."""

    def create(self, draft: Draft) -> Issue:
        """Create an issue; tried once. Returns the created issue."""

    def update(self, number: int, change: Change) -> Issue:
        """Set fields of an issue; idempotent."""

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """Create or update our one comment (`edit`: its number, if known); returns its number.

        `text` ends with COMMENT, which identifies it.
        """

    def reopened_at(self, number: int) -> str:
        """When the issue was last reopened; "" if the tracker cannot tell."""

    def closed_by(self, number: int) -> str:
        """The URL of the pull request or commit that closed the issue, or ""."""


@runtime_checkable
class PullRequests(Protocol):
    """The additional interface of a tracker that also hosts the repository's code."""

    def push_environment(self) -> Mapping[str, str]:
        """Environment variables that let git push to the repository."""

    def is_proposed(self, branch: str, commit: str) -> bool:
        """Whether a pull request from `branch` is open, or one with this commit was closed."""

    def withdraw(self, branch: str, note: str) -> str:
        """Close the open pull request from `branch`, with a note in its text; its URL, or ""."""

    def propose(self, branch: str, base: str, title: str, body: str) -> str:
        """Create a pull request from `branch`, or update the open one; its URL."""
