"""The review of a pull request: what changed postmortems lack, and the status each is ready for.

The rules check a document on its own; checks against the base branch or the whole archive are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from incident import archive
from incident.diagnostic import FILE_START, Diagnostic, Level
from incident.errors import IncidentError
from incident.git import diff
from incident.git.diff import Change
from incident.lint import run as lint
from incident.lint import selection
from incident.lint.linter import Linter
from incident.postmortem import document, edit, model
from incident.postmortem.document import Document
from incident.postmortem.model import Postmortem
from incident.repository.config import STATUSES, shown_path

CODE = "review"
_SIGNED = frozenset({"published", "closed"})


@dataclass(frozen=True)
class Review:
    """One changed postmortem. `before`: its status on the base branch, "" if new.

    `diagnostics`: from the rules and the review. `may_be`: the last status it is ready for, or "".
    `lacking`: what is missing for the status `next` ("" if there is none).
    """

    document: Document
    postmortem: Postmortem
    before: str
    diagnostics: tuple[Diagnostic, ...]
    may_be: str
    next: str
    lacking: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that block."""
        return tuple(d for d in self.diagnostics if d.level is Level.ERROR)


@dataclass(frozen=True)
class Outcome:
    """The review of a whole change. `deleted`: paths of deleted postmortems.

    `gap`: why names are checked without git's authors, or "".
    """

    reviews: tuple[Review, ...]
    deleted: tuple[str, ...] = ()
    gap: str = ""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, sorted by file."""
        found = [d for review in self.reviews for d in review.diagnostics]
        return tuple(sorted(found, key=lambda d: d.sort_key))

    @property
    def blocks(self) -> bool:
        """Whether there are errors; warnings never block."""
        return any(review.errors for review in self.reviews)


def run(linter: Linter, base: str) -> Outcome:
    """Review the changes since the merge base with `base` (a revision).

    Archive rules see the whole archive. Raises UsageError and IncidentError if git cannot tell.
    """
    config = linter.config
    _ = linter.settings  # report an invalid configuration even if no postmortem changed
    found = diff.changed(config.root, base, config.archive)
    tip = diff.commit(config.root, base)
    judged: dict[str, list[Diagnostic]] = {}
    if any(change.path for change in found):
        narrowed = selection.since(config.root, base)
        for one in lint.files(linter, [config.archive_dir], changes=narrowed).diagnostics:
            judged.setdefault(one.path, []).append(one)
    reviews = [_review(linter, change, tip, judged) for change in found if change.path]
    gone = tuple(shown_path(change.before) for change in found if not change.path)
    return Outcome(tuple(reviews), gone, linter.roster.gap)


def _review(
    linter: Linter, change: Change, tip: str, judged: dict[str, list[Diagnostic]]
) -> Review:
    config = linter.config
    read = archive.read(config.root / change.path, config)
    postmortem = model.postmortem(read)
    old = diff.text_at(config.root, tip, change.before) if change.before else ""
    before = str(document.parse(old, change.before).data.get("status") or "") if old else ""
    found = [*judged.get(read.path, ())]
    if not read.faults:
        found += _against_base(read, postmortem, before, linter.config.review.lowest_status)
    may_be, next_, lacking = _outlook(linter, read, postmortem)
    diagnostics = tuple(sorted(found, key=lambda d: d.sort_key))
    return Review(read, postmortem, before, diagnostics, may_be, next_, lacking)


def _against_base(
    read: Document, postmortem: Postmortem, before: str, lowest: str
) -> Iterator[Diagnostic]:
    """Status moves forward only, and the main branch has a minimum status."""
    now = postmortem.status
    if postmortem.closed_as:
        return  # a false alarm or duplicate may be closed at once
    if now not in STATUSES:
        return  # the schema reports it
    place = STATUSES.index(now)
    if place < STATUSES.index(lowest):
        fact = f"status is {now}, below the minimum {lowest} for the main branch"
        yield _found(read, "lowest-status", fact, f"complete it and set status: {lowest}")
    if not before and now == "closed":
        fact = "new postmortem is already closed; it was never reviewed as published"
        hint = "fine for an imported postmortem; otherwise start with status: in_review"
        yield _found(read, "status-transition", fact, hint, Level.WARNING)
    if before not in STATUSES or before == now:
        return
    if now == "closed" and before != "published":
        fact = f"status moves from {before} to closed (only a published postmortem can be closed)"
        hint = "publish it first; close it once every action item is done or dropped"
        yield _found(read, "status-transition", fact, hint)
    elif place < STATUSES.index(before) and before in _SIGNED:
        fact = f"status moves back from {before} to {now}"
        hint = "explain in the pull request why it is reopened"
        yield _found(read, "status-transition", fact, hint, Level.WARNING)


def _outlook(
    linter: Linter, read: Document, postmortem: Postmortem
) -> tuple[str, str, tuple[Diagnostic, ...]]:
    """The last status it is ready for, the next one, and what is missing for the next one."""
    if read.faults or postmortem.status not in STATUSES:
        return "", "", ()
    errors = {status: _errors_at(linter, read, status) for status in STATUSES}
    may_be = ""
    for status in STATUSES:
        if errors[status]:
            break
        may_be = status
    here = STATUSES.index(postmortem.status)
    if errors[postmortem.status] or here + 1 == len(STATUSES):
        return may_be, "", ()
    next_ = STATUSES[here + 1]
    return may_be, next_, tuple(errors[next_])


def _errors_at(linter: Linter, read: Document, status: str) -> list[Diagnostic]:
    """The errors that the document would have with this status."""
    try:
        text = edit.set_value(read.text, ("status",), status)
    except IncidentError:
        return []
    asked = document.parse(text, read.path, linter.config.severity_aliases)
    return [d for d in linter.check(asked) if d.level is Level.ERROR]


def _found(
    read: Document,
    name: str,
    fact: str,
    hint: str,
    level: Level = Level.ERROR,
    path: tuple[str, ...] = ("status",),
) -> Diagnostic:
    span = read.span(*read.at(*path)) if read.meta.node is not None else FILE_START
    return Diagnostic(CODE, name, level, fact, hint, read.path, span)


def merged(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic per rule and file, at the first line, listing the other lines.

    GitHub shows ten per level: thirty of the same kind would hide everything else.
    """
    groups: dict[tuple[str, str, str], list[Diagnostic]] = {}
    for one in diagnostics:
        groups.setdefault((one.path, one.name, one.level), []).append(one)
    kept = []
    for first, *others in groups.values():
        if others:
            lines = ", ".join(str(other.span.line) for other in others[:20])
            lines += ", …" if len(others) > 20 else ""
            more = (
                f"{first.message} (and {len(others)} more: line{'s' * (len(others) > 1)} {lines})"
            )
            first = first._replace(message=more)
        kept.append(first)
    return kept
