"""What keeps a postmortem from a status: the errors that it would have there."""

from __future__ import annotations

from incident.diagnostic import Diagnostic, Level
from incident.errors import IncidentError, UsageError
from incident.lint import run
from incident.lint.linter import Linter
from incident.postmortem import edit, frontmatter
from incident.postmortem.model import Postmortem


def with_status(text: str, status: str) -> str:
    """`text` with another status; what it was closed as is taken back. Raises IncidentError."""
    data = frontmatter.read(text).data
    taken_back: dict[frontmatter.Path, edit.Scalar] = {
        (key,): None
        for key in ("closed_as", "closed_reason", "duplicate_of")
        if data.get(key) is not None
    }
    return edit.set_values(text, {("status",): status, **taken_back})


def must_follow(postmortem: Postmortem, status: str) -> None:
    """Raise UsageError where a status is skipped that a review has to see."""
    if status == "closed" and postmortem.status != "published":
        raise UsageError(
            f"{postmortem.path}: only a published postmortem can be closed; "
            f"its status is {postmortem.status or 'missing'}",
            "publish it first; for what was not an incident add --as false_alarm or --as duplicate",
        )


def lacking(linter: Linter, text: str, path: str) -> list[Diagnostic]:
    """The errors of `text` in the place of the document at `path`, next to the whole archive."""
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:  # a lone surrogate
        raise IncidentError(f"{path}: {error.reason}", "save it as UTF-8 text") from error
    found = run.text(linter, raw, path).diagnostics
    return [one for one in found if one.path == path and one.level is Level.ERROR]
