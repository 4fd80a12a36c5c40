"""Issues in a file, one JSON object a line: for teams without GitHub, and for tests."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, replace
from pathlib import Path

from incident import edit
from incident.errors import UsageError
from incident.github.tracker import LABEL, Absent, Change, Draft, Issue, Refused

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
        """Add a line."""
        issues = self._read()
        number = max((issue.number for issue in issues), default=0) + 1
        issue = Issue(number, **vars(draft))
        self._write([*issues, issue])
        return issue

    def update(self, number: int, change: Change) -> Issue:
        """Rewrite a line. Raises Refused where there is none."""
        issues = self._read()
        place = next((i for i, issue in enumerate(issues) if issue.number == number), None)
        if place is None:
            raise Refused(f"{self.name} has no issue {number}", "run again")
        values = {name: getattr(change, name) for name in change.names()}
        issues[place] = replace(issues[place], **values)
        self._write(issues)
        return issues[place]

    def comment(self, number: int, text: str, edit: int | None = None) -> int:
        """A file has no comments: whoever reads it sees the due dates."""
        return edit or 1

    def closed_by(self, number: int) -> str:
        """Nothing in a file says what closed an issue."""
        return ""

    def _read(self) -> list[Issue]:
        known = {field.name for field in fields(Issue)}
        issues = []
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except UnicodeDecodeError as error:
            raise UsageError(f"{self.path}: not UTF-8", "restore the file from git") from error
        for number, line in enumerate(lines, 1):
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

    def _write(self, issues: list[Issue]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(issue), ensure_ascii=False) for issue in issues)
        write = edit.write_text if self.path.exists() else edit.create_text
        write(self.path, "".join(f"{line}\n" for line in lines))
