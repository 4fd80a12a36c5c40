"""The steps that bring issues and archive into agreement: a pure function of both.

This is a three-way comparison of the Markdown, the issue, and the values last written, which are in
the issue's marker. A difference between Markdown and marker is a change in the Markdown and is
pushed; a difference between issue and marker was made by a person and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from incident.actions import identity, marker
from incident.actions.desired_issues import DesiredIssue, Problem
from incident.actions.tracker import LABEL, Absent, Change, Draft, Issue
from incident.postmortem.edit import Scalar
from incident.postmortem.model import parse_date

_SEEN = ("status", "proposed", "reopened")  # in the marker only, not a field of the issue
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Reminder:
    """A comment on an issue; `edit` is the number of the comment to update, 0 to create one."""

    text: str
    edit: int = 0


@dataclass(frozen=True)
class Step:
    """One write. `action`: create, update, close, reopen, duplicate or remind.

    `state` is the new marker. The body of an action item's issue is rendered when the step is
    applied; `rewrite` is False if the text stays and only the marker changes. `draft`: the issue to
    create if there is no action item.
    """

    action: str
    key: str
    title: str
    number: int = 0
    what: tuple[str, ...] = ()
    wanted: DesiredIssue | None = None
    issue: Issue | None = None
    change: Change = field(default_factory=Change)
    state: Mapping[str, Any] = field(default_factory=dict)
    rewrite: bool = True
    draft: Draft | None = None
    reminder: Reminder | None = None


@dataclass(frozen=True)
class Record:
    """Values to write back into the frontmatter of the document at `path`.

    `values` maps a key (`issue`, `status`, `proof`) of the action item `item` to its value; with an
    empty `item`, a key of `follow_up`. `proof_of`: the issue whose closing is the proof.
    `is_marked`: written only once the issue's marker records it, so that reopening the issue is
    recognized.
    """

    path: str
    key: str
    item: str
    index: int
    values: Mapping[str, Scalar]
    why: str = ""
    proof_of: int = 0
    is_marked: bool = False


@dataclass(frozen=True)
class Plan:
    """`kept`: manual edits that stay, for information."""

    steps: tuple[Step, ...] = ()
    records: tuple[Record, ...] = ()
    problems: tuple[Problem, ...] = ()
    kept: tuple[Problem, ...] = ()


@dataclass
class _Parts:
    steps: list[Step] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kept: list[Problem] = field(default_factory=list)


def plan(
    wanted: Iterable[DesiredIssue],
    issues: Sequence[Issue],
    absent: Mapping[int, Absent] | None = None,
    renames: identity.Renames = lambda _: frozenset(),
    *,
    reopen: bool = False,
    whole: bool = True,
) -> Plan:
    """The steps from `issues` to the desired state.

    `issues`: one listing, plus recorded issues missing from it. `absent`: recorded numbers without
    an issue. `renames`: former ids of a postmortem. `reopen`: whether to reopen closed issues of
    items that are open again. `whole`: whether `wanted` is the whole archive, so that an issue
    without an item is unexpected.
    """
    wanted = list(wanted)
    matches = identity.match(wanted, issues, absent or {}, renames, whole=whole)
    draft = _Parts(problems=matches.problems)
    for one in wanted:
        issue = matches.issue.get(one.key)
        if issue is None:
            continue
        if one.number != issue.number:
            draft.records.append(_record(one, {"issue": one.reference(issue.number)}, "its issue"))
        _step(draft, one, issue, marker.read(issue.body), reopen)
        twice = matches.twice.get(one.key, ())
        draft.steps.extend(duplicate(other, issue) for other in twice)
    draft.steps += [
        Step("create", one.key, one.title, wanted=one, state=one.state) for one in matches.new
    ]
    if whole:
        _orphans(draft, matches.orphans)
    return Plan(*(tuple(part) for part in vars(draft).values()))


def _step(
    draft: _Parts, one: DesiredIssue, issue: Issue, had: Mapping[str, Any], reopen: bool
) -> None:
    """The steps that follow from both states, and from those recorded at the last write.

    `status` in the marker is the archive's state. `proposed` is what we proposed to the archive
    since, because someone closed or reopened the issue: an open issue that has it was reopened,
    whatever the archive says now. So was one with a reason, unless `reopened` records it.
    """
    knew, proposed = had.get("status", "open"), had.get("proposed", "")
    settled = one.status != "open"
    reopened = bool(issue.is_open and issue.reason and not had.get("reopened"))
    _doubts(draft, one, issue, had)
    if issue.is_open and settled and (knew != "open" or proposed or reopened):
        why = f"issue {issue.number} was reopened on GitHub; close it there if it is done"
        undone: dict[str, Scalar] = {"status": "in_progress"}
        if one.item.done_at:
            undone["done_at"] = None
        draft.records.append(_record(one, undone, why, is_marked=True))
        seen: dict[str, Any] = {"proposed": "in_progress"}
        _update(draft, "update", one, issue, had, Change(), seen=seen, only_seen=True)
    elif issue.is_open and settled:
        reason = "completed" if one.status == "done" else "not_planned"
        closed = Change(state="closed", reason=reason)
        _update(draft, "close", one, issue, had, closed, seen={"reopened": None})
    elif issue.is_open:
        # a proposed `done` may still be merged, unless the archive reverted it
        is_news = proposed == "in_progress" or knew != "open"
        seen = {"proposed": None} if is_news else {}
        if issue.reason and (is_news or not (proposed or had.get("reopened"))):
            seen["reopened"] = True
        _update(draft, "update", one, issue, had, Change(), seen=seen)
    elif settled:  # someone closed it first: only record it
        seen = {"status": one.status, "proposed": None, "reopened": None}
        _update(draft, "update", one, issue, had, Change(), seen=seen, only_seen=True)
    elif knew == "open" or proposed == "in_progress":
        _closed_by_hand(draft, one, issue, had)
    elif reopen:  # reopened in the Markdown
        again = {"proposed": None, "reopened": True}
        _update(draft, "reopen", one, issue, had, Change(state="open"), seen=again)
    else:
        fact = f"issue {issue.number} is closed, but its item is {one.item.status} again"
        hint = "reopen it on GitHub, or run with --reopen"
        draft.problems.append(Problem(one.key, fact, hint))


def _closed_by_hand(draft: _Parts, one: DesiredIssue, issue: Issue, had: Mapping[str, Any]) -> None:
    """Propose the state to the archive, once the issue's marker records the proposal."""
    if issue.reason in {"not_planned", "duplicate"}:
        words = "as not planned" if issue.reason == "not_planned" else "as a duplicate"
        why = f"issue {issue.number} was closed {words}; add the `reason`"
        status, proof = "wont_do", 0
    else:
        why = f"issue {issue.number} was closed as completed"
        status, proof = "done", 0 if one.item.proof else issue.number
    values: dict[str, Scalar] = {"status": status}
    if status == "done" and parse_date(issue.closed_on) and one.item.done_at is None:
        values["done_at"] = issue.closed_on
    draft.records.append(_record(one, values, why, proof, is_marked=True))
    seen = {"proposed": status, "reopened": None}
    _update(draft, "update", one, issue, had, Change(), seen=seen, only_seen=True)


def _update(
    draft: _Parts,
    action: str,
    one: DesiredIssue,
    issue: Issue,
    had: Mapping[str, Any],
    change: Change,
    *,
    seen: Mapping[str, Any] = _NOTHING,
    only_seen: bool = False,
) -> None:
    """Add the step that pushes changes from the Markdown and restores label and marker.

    `seen`: values to store in the marker as well; None removes one. `only_seen`: only those, and a
    move of the item.
    """
    base = had or {**one.state, "body": ""}  # without a marker, people's text stays
    state = {**base, **seen} if only_seen else {**had, **one.state, **seen}
    archive = one.home.archive  # a folder's name alone ("~") is not a reason to write
    archive = base.get("archive", "") if archive.startswith("~") else archive
    state |= {"key": one.key, "archive": archive or None}
    state = {name: value for name, value in state.items() if value is not None}
    news = [name for name in _SEEN if state.get(name) != base.get(name)]
    names = [name for name in {**one.state, "archive": ""} if name not in _SEEN]
    fields = [name for name in names if state.get(name) != base.get(name)]
    labels = None
    if "labels" in fields or not _has(issue.labels, LABEL):
        labels = _labels(issue.labels, base.get("labels", ()), state.get("labels", ()))
        fields += [] if "labels" in fields else ["labels"]
    if not fields and not news and not change.names():
        return
    if "assignee" in fields:
        state.pop("refused", None)
    change = replace(
        change,
        title=one.title if "title" in fields else None,
        labels=labels,
        assignees=_moved(issue.assignees, base.get("assignee", ""), one.login)
        if "assignee" in fields
        else None,
        milestone=one.milestone if "milestone" in fields else None,
    )
    fields += ["status"] if news else []
    what = tuple(name for name in fields if name != "status" or action == "update")
    what = what if had else ("marker", *(name for name in what if name != "body"))
    if "key" in what:
        what = (f"moved from {base['key']}", *(name for name in what if name != "key"))
    draft.steps.append(
        Step(
            action,
            one.key,
            one.title,
            issue.number,
            what,
            one,
            issue,
            change,
            state,
            rewrite="body" in fields or "key" in fields,
        )
    )


def _doubts(draft: _Parts, one: DesiredIssue, issue: Issue, had: Mapping[str, Any]) -> None:
    """Manual changes to the issue that stay, and changes that failed."""
    if not issue.is_open or one.status != "open" or not had:
        return
    if had.get("title") == one.state["title"] and issue.title != one.title:
        draft.kept.append(
            Problem(one.key, f"the title of issue {issue.number} was changed manually")
        )
    if had.get("refused") and had["refused"] == one.login and not _has(issue.assignees, one.login):
        fact = f"issue {issue.number} could not be assigned to {one.login}"
        hint = "give the account access and assign the issue, or set another owner"
        draft.problems.append(Problem(one.key, fact, hint))
    elif had.get("assignee") == one.login and one.login and not _has(issue.assignees, one.login):
        draft.kept.append(Problem(one.key, f"{one.login} was unassigned from issue {issue.number}"))
    if had.get("labels") == one.state["labels"]:
        lost = [
            label
            for label in one.state["labels"]
            if not _has(issue.labels, label) and label != LABEL
        ]
        if lost:
            fact = f"the label {', '.join(lost)} was removed from issue {issue.number}"
            draft.kept.append(Problem(one.key, fact))


def _has(names: Sequence[str], name: str) -> bool:
    if name in names:
        return True
    return name.casefold() in {other.casefold() for other in names}  # case-insensitive, like GitHub


def _labels(there: Sequence[str], before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """`there` updated from `before` to `after`; a label that someone removed stays off."""
    removed = {n.casefold() for n in before if not _has(there, n)} - {LABEL}
    ours = {name.casefold() for name in before}
    kept = [name for name in there if name.casefold() not in ours]
    added = [n for n in after if n.casefold() not in removed and not _has(kept, n)]
    return (*kept, *added)


def _moved(there: Sequence[str], before: str, after: str) -> tuple[str, ...]:
    kept = [name for name in there if name.casefold() != before.casefold()]
    return (*kept, after) if after and not _has(kept, after) else tuple(kept)


def duplicate(issue: Issue, original: Issue) -> Step:
    """Close one of two issues with the same key and explain why, in one write."""
    note = (
        f"Closed: #{original.number} is about the same action item. If this is a separate task, "
        "reopen it; it is no longer linked to the postmortem."
    )
    change = Change(
        body=f"{note}\n\n{marker.remove(issue.body)}",
        state="closed" if issue.is_open else None,
        reason="not_planned" if issue.is_open else None,
        labels=tuple(name for name in issue.labels if name.casefold() != LABEL),
    )
    key = marker.read(issue.body)["key"]
    what = (f"of {original.number}",)
    return Step("duplicate", key, issue.title, issue.number, what, issue=issue, change=change)


def _orphans(draft: _Parts, orphans: Iterable[Issue]) -> None:
    for issue in orphans:
        if issue.is_open:
            key = marker.read(issue.body)["key"]
            fact = f"issue {issue.number} is open, but its action item is not in the archive"
            hint = (
                f"if it was moved, record `issue: {issue.number}` there; otherwise close the issue"
            )
            draft.problems.append(Problem(key, fact, hint))


def _record(
    one: DesiredIssue,
    values: Mapping[str, Scalar],
    why: str,
    proof_of: int = 0,
    is_marked: bool = False,
) -> Record:
    path, item = one.postmortem.path, one.item
    return Record(path, one.key, item.id, item.index, values, why, proof_of, is_marked)
