"""Issues in a file, one JSON object a line: for teams without GitHub, and for tests."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path

from incident.actions import marker
from incident.actions.tracker import LABEL, Absent, Change, Draft, Issue, RequestRejected
from incident.errors import UsageError
from incident.postmortem import edit

_LISTS = ("labels", "assignees")


class FileTracker:
    """The issues of `path`; a file that is not there has none. People may edit it by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.web = ""
        self.notes: list[str] = []

    def issues(self) -> list[Issue]:
        """All with the label."""
        return [issue for issue in self._read() if LABEL in issue.labels]

    def issue(self, number: int) -> Issue | Absent:
        """One, whatever its labels."""
        return next((i for i in self._read() if i.number == number), Absent("gone"))

    def create(self, draft: Draft) -> Issue:
        """Add a line, unless another process has opened the issue of that action item since."""
        made: list[Issue] = []

        def added(issues: list[Issue]) -> list[Issue]:
            key = marker.read(draft.body).get("key")
            there = [i for i in issues if key and marker.read(i.body).get("key") == key]
            number = max((issue.number for issue in issues), default=0) + 1
            made[:] = there[:1] or [Issue(number, **vars(draft))]
            return issues if there else [*issues, made[0]]

        self._change(added)
        return made[0]

    def update(self, number: int, change: Change) -> Issue:
        """Rewrite a line. Raises Refused where there is none."""
        values = {name: getattr(change, name) for name in change.names()}
        made: list[Issue] = []

        def changed(issues: list[Issue]) -> list[Issue]:
            made[:] = [replace(i, **values) for i in issues if i.number == number]
            if not made:
                raise RequestRejected(f"{self.name} has no issue {number}", "run again")
            return [made[0] if issue.number == number else issue for issue in issues]

        self._change(changed)
        return made[0]

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """A file has no comments: whoever reads it sees the due dates."""
        return edit or 1

    def closed_by(self, number: int) -> str:
        """Nothing in a file says what closed an issue."""
        return ""

    def _read(self) -> list[Issue]:
        try:
            return self._parse(edit.read_text(self.path))
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
                hint = "correct the line, or restore the file from git"
                raise UsageError(f"{self.path}:{number}: no issue: {error}", hint) from error
        return issues

    def _change(self, changed: Callable[[list[Issue]], list[Issue]]) -> None:
        """Rewrite the file, with nobody else in between."""

        def rewritten(text: str) -> str:
            lines = (json.dumps(asdict(i), ensure_ascii=False) for i in changed(self._parse(text)))
            return "".join(f"{line}\n" for line in lines)

        if not self.path.exists():
            first = rewritten("")
            with contextlib.suppress(UsageError):  # another process was first
                edit.create_text(self.path, first)
                return
        edit.change(self.path, rewritten)
