"""Issues in a file, one JSON object per line: for teams without GitHub, and for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

from incident.actions import marker
from incident.actions.tracker import LABEL, Absent, Change, Draft, Issue, RequestRejected
from incident.actions.trackers import Request
from incident.errors import UsageError
from incident.repository import atomic_files
from incident.repository.path_containment import names_outside

_LISTS = ("labels", "assignees")


def open_tracker(request: Request) -> FileTracker:
    """The file `request.target`. Raises UsageError if it is missing or outside the repository."""
    if not request.target:
        raise UsageError("the tracker needs a file name", "use file:NAME.ndjson")
    if not request.configured:
        return FileTracker(Path(request.target))
    if names_outside(request.target, request.root):
        raise UsageError(f"actions.tracker {request.target!r} is outside the repository")
    return FileTracker(request.root / request.target)


class FileTracker:
    """The issues in `path`; none if the file is missing. It can be edited manually."""

    def __init__(self, path: Path) -> None:
        self.kind = "file"
        self.path = path
        self.name = path.name
        self.web = ""
        self.notes: list[str] = []
        self._batch: _Issues | None = None

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Lock the file, read it once, and write it once at the end.

        An exception inside leaves the file unchanged.
        """
        if self._batch is not None:
            yield
            return
        try:
            with atomic_files.hold(self.path, create=True) as held:
                self._batch = _Issues(self._parse(held.text))
                yield
                if self._batch.changed:
                    held.text = self._batch.text()
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.path}: not UTF-8", "restore the file from git") from error
        finally:
            self._batch = None

    def issues(self) -> list[Issue]:
        """All issues with the label."""
        return [issue for issue in self._read() if LABEL in issue.labels]

    def changed_since(self, day: date | None) -> list[Issue]:
        """All issues: the file has no dates."""
        return self._read()

    def issue(self, number: int) -> Issue | Absent:
        """One issue, with any labels."""
        return next((i for i in self._read() if i.number == number), Absent("gone"))

    def create(self, draft: Draft) -> Issue:
        """Add a line, unless another process has created the issue for that action item since."""
        with self.batch():
            assert self._batch is not None
            return self._batch.create(draft)

    def update(self, number: int, change: Change) -> Issue:
        """Update a line. Raises RequestRejected if it does not exist."""
        with self.batch():
            assert self._batch is not None
            if number not in self._batch.by_number:
                raise RequestRejected(f"{self.name} has no issue {number}", "try again")
            return self._batch.update(number, change)

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """The file has no comments; it has the due dates."""
        return edit or 1

    def reopened_at(self, number: int) -> str:
        """The file does not record when an issue was reopened."""
        return ""

    def closed_by(self, number: int) -> str:
        """The file does not record what closed an issue."""
        return ""

    def _read(self) -> list[Issue]:
        if self._batch is not None:
            return list(self._batch.by_number.values())
        try:
            return self._parse(atomic_files.read_text(self.path))
        except FileNotFoundError:
            return []
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.path}: not UTF-8", "restore the file from git") from error

    def _parse(self, text: str) -> list[Issue]:
        known = {field.name for field in fields(Issue)}
        issues = []
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
                values = {key: found[key] for key in known & found.keys()}
                values |= {key: tuple(values.get(key, ())) for key in _LISTS}
                issues.append(Issue(**values))
            except (ValueError, TypeError, AttributeError) as error:
                hint = "fix the line, or restore the file from git"
                raise UsageError(f"{self.path}:{number}: not an issue: {error}", hint) from error
        return issues


class _Issues:
    """The lines of the file during changes, by number and by marker."""

    def __init__(self, issues: list[Issue]) -> None:
        self.changed = False
        self.by_number = {issue.number: issue for issue in issues}
        self.by_identity: dict[marker.Identity, int] = {}
        for issue in issues:
            if one := marker.identity(issue.body):
                self.by_identity.setdefault(one, issue.number)
        self.last = max(self.by_number, default=0)

    def create(self, draft: Draft) -> Issue:
        one = marker.identity(draft.body)
        if one in self.by_identity:
            return self.by_number[self.by_identity[one]]
        self.last += 1
        self.by_number[self.last] = Issue(self.last, **vars(draft))
        if one:
            self.by_identity[one] = self.last
        self.changed = True
        return self.by_number[self.last]

    def update(self, number: int, change: Change) -> Issue:
        values = {name: getattr(change, name) for name in change.names()}
        before, after = self.by_number[number], replace(self.by_number[number], **values)
        self.by_number[number] = after
        if before.body != after.body:  # the marker may now belong to another item
            old, new = marker.identity(before.body), marker.identity(after.body)
            if old and self.by_identity.get(old) == number:
                del self.by_identity[old]
            if new:
                self.by_identity.setdefault(new, number)
        self.changed = True
        return self.by_number[number]

    def text(self) -> str:
        issues = self.by_number.values()
        return "".join(f"{json.dumps(vars(i), ensure_ascii=False)}\n" for i in issues)
