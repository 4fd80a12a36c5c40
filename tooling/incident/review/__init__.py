"""The review of a pull request: what each changed postmortem lacks, and what it may become.

The rules judge a document on its own; what needs the base branch or the whole archive is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from incident import archive, changes, document, edit, model
from incident.changes import Change
from incident.config import Config
from incident.diagnostic import FILE_START, Diagnostic, Level
from incident.document import Document
from incident.errors import IncidentError
from incident.linter import Linter
from incident.model import STATUSES, Postmortem

CODE = "review"
_ID = re.compile(rb"^id:[ \t]*[\"']?([\w-]{1,200})[\"']?[ \t]*(?:#[^\n]*)?\r?$", re.MULTILINE)
_SKIMMED = 4_000  # bytes
_SIGNED = frozenset({"published", "closed"})
_SEVERE = frozenset({"P0", "P1"})
_RESPONDED = ("incident_lead", "scribe", "data_steward", "responders")


@dataclass(frozen=True)
class Review:
    """One changed postmortem. `before` is its status on the base branch, "" for a new one.

    `diagnostics`: the rules' and the review's. `may_be`: the last status that it is complete for,
    "" for none. `lacking`: what keeps it from the status `next`, "" where there is none.
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
        """What blocks."""
        return tuple(d for d in self.diagnostics if d.level is Level.ERROR)


@dataclass(frozen=True)
class Outcome:
    """The review of a whole change. `deleted`: paths of postmortems that are gone."""

    reviews: tuple[Review, ...]
    deleted: tuple[str, ...] = ()

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, files in order."""
        found = [d for review in self.reviews for d in review.diagnostics]
        return tuple(sorted(found, key=lambda d: d.sort_key))

    @property
    def blocks(self) -> bool:
        """Whether there is an error; warnings never block."""
        return any(review.errors for review in self.reviews)


def run(linter: Linter, base: str) -> Outcome:
    """Review what differs from the merge base with `base` (a revision).

    Raises UsageError and IncidentError where git cannot say.
    """
    config = linter.config
    found = changes.changed(config.root, base, config.archive)
    tip = changes.commit(config.root, base)
    ids = _ids(config) if found else {}
    reviews = [_review(linter, change, tip, ids) for change in found if change.path]
    gone = tuple(change.before for change in found if not change.path)
    return Outcome(tuple(reviews), gone)


def _review(linter: Linter, change: Change, tip: str, ids: dict[str, list[str]]) -> Review:
    config = linter.config
    read = archive.read(config.root / change.path, config)
    postmortem = model.postmortem(read)
    old = changes.text_at(config.root, tip, change.before) if change.before else ""
    before = str(document.parse(old, change.before).data.get("status") or "") if old else ""
    found = [*linter.check(read)]
    if not read.faults:
        found += _against_base(read, postmortem, before, linter.config.review.lowest_status)
        found += _sign_off(read, postmortem)
        found += _twins(read, postmortem, ids)
    may_be, next_, lacking = _outlook(linter, read, postmortem)
    diagnostics = tuple(sorted(found, key=lambda d: d.sort_key))
    return Review(read, postmortem, before, diagnostics, may_be, next_, lacking)


def _against_base(
    read: Document, postmortem: Postmortem, before: str, lowest: str
) -> Iterator[Diagnostic]:
    """The status moves one way, and what reaches the main branch is far enough."""
    now = postmortem.status
    if now not in STATUSES:
        return  # the schema says so
    place = STATUSES.index(now)
    if place < STATUSES.index(lowest):
        fact = f"status {now} may not reach the main branch (at least {lowest})"
        yield _found(read, "lowest-status", fact, f"complete it, and set status: {lowest}")
    if not before and now == "closed":
        fact = "a new postmortem is closed already: no review saw it published"
        hint = "right for one that is imported; else begin with status: in_review"
        yield _found(read, "status-transition", fact, hint, Level.WARNING)
    if before not in STATUSES or before == now:
        return
    if now == "closed" and before != "published":
        fact = f"status moves from {before} to closed (only a published postmortem is closed)"
        hint = "publish it first; close it when every action item is settled"
        yield _found(read, "status-transition", fact, hint)
    elif place < STATUSES.index(before) and before in _SIGNED:
        fact = f"status moves back from {before} to {now}"
        hint = "say in the pull request why it is opened again"
        yield _found(read, "status-transition", fact, hint, Level.WARNING)


def _sign_off(read: Document, postmortem: Postmortem) -> Iterator[Diagnostic]:
    """A published P0 or P1 was reviewed by somebody who did not respond to it."""
    if postmortem.severity not in _SEVERE or postmortem.status not in _SIGNED:
        return
    responded = {who.casefold() for role in _RESPONDED for who in postmortem.roles.get(role, ())}
    if postmortem.reviewers and all(who.casefold() in responded for who in postmortem.reviewers):
        count = len(postmortem.reviewers)
        fact = f"{count} of {count} reviewers responded to this {postmortem.severity}"
        hint = "add a reviewer who did not respond: a fresh eye sees what was taken for granted"
        yield _found(read, "independent-reviewer", fact, hint, path=("reviewers",))


def _ids(config: Config) -> dict[str, list[str]]:
    """Paths by id. The files are skimmed: thousands of them are too many to read for this."""
    found: dict[str, list[str]] = {}
    for path in filter(Path.is_file, archive.files(config.archive_dir)):
        try:
            with path.open("rb") as file:
                written = _ID.search(file.read(_SKIMMED))
        except OSError:
            continue
        if written:
            found.setdefault(written[1].decode(), []).append(config.relative(path))
    return found


def _twins(
    read: Document, postmortem: Postmortem, ids: dict[str, list[str]]
) -> Iterator[Diagnostic]:
    """No other file has this id: two pull requests may both have been right alone."""
    others = [path for path in ids.get(postmortem.id, ()) if path != read.path]
    if postmortem.id and others:
        fact = f"the id {postmortem.id} is also that of {', '.join(sorted(others))}"
        hint = "is it the same incident? else give this one another id and file name"
        yield _found(read, "duplicate-id", fact, hint, path=("id",))


def _outlook(
    linter: Linter, read: Document, postmortem: Postmortem
) -> tuple[str, str, tuple[Diagnostic, ...]]:
    """The last status it is complete for, the next one, and what is missing for that."""
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
    """The errors that the document would have with another status."""
    try:
        text = edit.set_value(read.text, ("status",), status)
    except IncidentError:
        return []
    asked = document.parse(text, read.path, linter.config.severity_aliases)
    found = [*linter.check(asked), *_sign_off(asked, model.postmortem(asked))]
    return [d for d in found if d.level is Level.ERROR]


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
    """One diagnostic for each rule and file, at its first place, which names the other lines.

    GitHub shows ten of each level: thirty times the same leaves no room for anything else.
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
