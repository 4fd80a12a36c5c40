"""What to do so that issues and archive agree: a pure function of both.

Three texts are compared: the Markdown, the issue, and what the issue's marker says was last
written. What differs between Markdown and marker changed in the Markdown, and is pushed; what
differs between issue and marker was changed by a person, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from incident.actions import identity, marker
from incident.actions.desired_issues import DesiredIssue, Problem
from incident.actions.tracker import LABEL, Absent, Change, Draft, Issue
from incident.postmortem.edit import Scalar

_SEEN = ("status", "proposed", "reopened")  # in the marker, without a field of the issue
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Reminder:
    """A comment on an issue; `edit` is the number of the one that is rewritten, 0 for none yet."""

    text: str
    edit: int = 0


@dataclass(frozen=True)
class Step:
    """One write. `action`: create, update, close, reopen, duplicate or remind.

    `state` is the new marker. The body of an action item's issue is rendered when the step is
    taken; `rewrite` is False where the text stays and only the marker changes. `draft`: the issue
    to create where there is no action item.
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
    empty `item` it is a key of `follow_up`. `proof_of`: the issue whose closing is the proof.
    `is_marked`: only written when the issue's marker knows of it, so that a person who reopens the
    issue is understood.
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
    """`kept`: edits by hand that stay, for information."""

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
    """The steps from `issues` to what is wanted.

    `issues`: one listing, and the recorded issues that it lacked. `absent`: recorded numbers that
    lead to no issue. `renames`: former ids of a postmortem. `reopen`: whether closed issues of
    items that are open again may be reopened. `whole`: whether `wanted` is the whole archive, so
    that an issue without an item is a surprise.
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
    """What follows from the two states, and from what was known of both when we last wrote.

    `status` in the marker is what the archive said. `proposed` is what we told the archive since,
    because a person closed or reopened the issue: an open issue that has it was reopened, whatever
    the archive says by now. So was one with a reason, unless `reopened` says that we know.
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
        # a `done` that was proposed may still be merged, unless the archive took it back again
        is_news = proposed == "in_progress" or knew != "open"
        seen = {"proposed": None} if is_news else {}
        if issue.reason and (is_news or not (proposed or had.get("reopened"))):
            seen["reopened"] = True
        _update(draft, "update", one, issue, had, Change(), seen=seen)
    elif settled:  # a person closed it first: only remember that we know
        seen = {"status": one.status, "proposed": None, "reopened": None}
        _update(draft, "update", one, issue, had, Change(), seen=seen, only_seen=True)
    elif knew == "open" or proposed == "in_progress":
        _closed_by_hand(draft, one, issue, had)
    elif reopen:  # the Markdown was reopened
        again = {"proposed": None, "reopened": True}
        _update(draft, "reopen", one, issue, had, Change(state="open"), seen=again)
    else:
        fact = f"issue {issue.number} is closed, and its item is {one.item.status} again"
        hint = "reopen it on GitHub, or run with --reopen"
        draft.problems.append(Problem(one.key, fact, hint))


def _closed_by_hand(draft: _Parts, one: DesiredIssue, issue: Issue, had: Mapping[str, Any]) -> None:
    """Propose the state to the archive, once the issue itself remembers that this was done."""
    if issue.reason in {"not_planned", "duplicate"}:
        words = "as not planned" if issue.reason == "not_planned" else "as a duplicate"
        why = f"issue {issue.number} was closed {words}; write the reason into `reason`"
        status, proof = "wont_do", 0
    else:
        why = f"issue {issue.number} was closed as completed"
        status, proof = "done", 0 if one.item.proof else issue.number
    values: dict[str, Scalar] = {"status": status}
    if status == "done" and issue.closed_on and one.item.done_at is None:
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
    """Add the step that pushes what changed in the Markdown, and restores label and marker.

    `seen`: what the marker shall remember besides; None forgets. `only_seen`: nothing else, but
    that the item was moved.
    """
    base = had or {**one.state, "body": ""}  # without a marker, people's words stay
    state = {**base, **seen} if only_seen else {**had, **one.state, **seen}
    archive = one.home.archive  # a folder's name alone ("~") is no reason to write
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
    """What a person changed on the issue and the Markdown did not, and what never worked."""
    if not issue.is_open or one.status != "open" or not had:
        return
    if had.get("title") == one.state["title"] and issue.title != one.title:
        draft.kept.append(Problem(one.key, f"issue {issue.number} has another title by hand"))
    if had.get("refused") and had["refused"] == one.login and not _has(issue.assignees, one.login):
        fact = f"issue {issue.number} could not be assigned to {one.login}"
        hint = "give the account access and assign it, or name another owner"
        draft.problems.append(Problem(one.key, fact, hint))
    elif had.get("assignee") == one.login and one.login and not _has(issue.assignees, one.login):
        draft.kept.append(Problem(one.key, f"issue {issue.number} was taken from {one.login}"))
    if had.get("labels") == one.state["labels"]:
        lost = [
            label
            for label in one.state["labels"]
            if not _has(issue.labels, label) and label != LABEL
        ]
        if lost:
            fact = f"issue {issue.number} lost the label {', '.join(lost)} by hand"
            draft.kept.append(Problem(one.key, fact))


def _has(names: Sequence[str], name: str) -> bool:
    if name in names:
        return True
    return name.casefold() in {other.casefold() for other in names}  # as GitHub compares them


def _labels(there: Sequence[str], before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """`there`, moved from `before` to `after`; a label that a person took off stays off."""
    removed = {n.casefold() for n in before if not _has(there, n)} - {LABEL}
    ours = {name.casefold() for name in before}
    kept = [name for name in there if name.casefold() not in ours]
    added = [n for n in after if n.casefold() not in removed and not _has(kept, n)]
    return (*kept, *added)


def _moved(there: Sequence[str], before: str, after: str) -> tuple[str, ...]:
    kept = [name for name in there if name.casefold() != before.casefold()]
    return (*kept, after) if after and not _has(kept, after) else tuple(kept)


def duplicate(issue: Issue, original: Issue) -> Step:
    """Close one of two issues of a key, and say why, in one write."""
    note = (
        f"Closed: #{original.number} is about the same action item. If this is a task of its own, "
        "reopen it: it is no longer tied to the postmortem."
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
            fact = f"issue {issue.number} is open, and its action item is not in the archive"
            hint = f"if it was moved, record `issue: {issue.number}` there; else close the issue"
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
