"""What to do so that issues and archive agree: a pure function of both.

Three texts are compared: the Markdown, the issue, and what the issue's marker says was last
written. What differs between Markdown and marker changed in the Markdown, and is pushed; what
differs between issue and marker was changed by a person, and stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from incident.actions import marker
from incident.actions.desired_issues import DesiredIssue, Problem
from incident.actions.tracker import LABEL, Absent, Change, Draft, Issue
from incident.postmortem.edit import Scalar


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
    """

    path: str
    key: str
    item: str
    index: int
    values: Mapping[str, Scalar]
    why: str = ""
    proof_of: int = 0


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
    *,
    reopen: bool = False,
    whole: bool = True,
) -> Plan:
    """The steps from `issues` to what is wanted.

    `issues`: one listing, and the recorded issues that it lacked. `absent`: recorded numbers that
    lead to no issue. `reopen`: whether closed issues of items that are open again may be reopened.
    `whole`: whether `wanted` is the whole archive, so that an issue without an item is a surprise.
    """
    draft = _Parts()
    by_number = {issue.number: issue for issue in issues}
    states = {issue.number: marker.read(issue.body) for issue in issues}
    by_key: dict[str, list[Issue]] = {}
    for issue in sorted(issues, key=lambda issue: issue.number):
        if key := states[issue.number].get("key"):
            by_key.setdefault(key, []).append(issue)
    for one in wanted:
        same = by_key.pop(one.key, [])
        number = one.item.issue
        found = by_number.get(number) if number else None
        if number and found is None and not same:
            _not_there(draft, one, number, (absent or {}).get(number))
            continue
        if found and states[found.number].get("key", one.key) != one.key:
            fact = f"issue {number} belongs to {states[found.number]['key']}"
            draft.problems.append(Problem(one.key, fact, "correct `issue`, or set it to null"))
            continue
        if found and not states[found.number] and not _has(found.labels, LABEL):
            fact = f"issue {number} is none of ours: {found.title!r}"
            hint = f"give it the label {LABEL} to tie it to the item, or correct `issue`"
            draft.problems.append(Problem(one.key, fact, hint))
            continue
        if found is None:
            found = next((i for i in same if i.reason != "duplicate"), same[0] if same else None)
        if found is None:
            if one.item.status in {"committed", "in_progress"}:
                draft.steps.append(Step("create", one.key, one.title, wanted=one, state=one.state))
            continue
        if number != found.number:
            draft.records.append(_record(one, {"issue": found.number}, "its issue"))
        _step(draft, one, found, states[found.number], reopen)
        draft.steps.extend(duplicate(other, found) for other in same if other is not found)
    if whole:
        _orphans(draft, by_key)
    return Plan(*(tuple(part) for part in vars(draft).values()))


def _not_there(draft: _Parts, one: DesiredIssue, number: int, why: Absent | None) -> None:
    if not one.item.is_open:
        return  # settled: nobody needs its issue any more
    if why is not None and why.kind == "moved":
        fact = f"issue {number} was transferred to {why.detail}"
        hint = "settle the item here when it is settled there, or set `issue: null` for another"
    elif why is not None and why.kind == "gone":
        fact = f"issue {number} was deleted{why.detail}"
        hint = "set `issue: null` to open another"
    elif why is not None and why.kind == "pull_request":
        fact, hint = f"number {number} is a pull request", "record it in `proof`, not in `issue`"
    else:
        detail = f": {why.detail}" if why is not None and why.detail else ""
        fact, hint = f"issue {number} could not be read{detail}", "run the sync again"
    draft.problems.append(Problem(one.key, fact, hint))


def _step(
    draft: _Parts, one: DesiredIssue, issue: Issue, had: Mapping[str, Any], reopen: bool
) -> None:
    was = had.get("status", "open")
    settled = one.status != "open"
    _doubts(draft, one, issue, had)
    if issue.is_open and settled:
        if was == one.status:
            why = f"issue {issue.number} was reopened on GitHub"
            draft.records.append(_record(one, {"status": "in_progress"}, why))
            return
        reason = "completed" if one.status == "done" else "not_planned"
        _update(draft, "close", one, issue, had, Change(state="closed", reason=reason))
    elif issue.is_open:
        _update(draft, "update", one, issue, had, Change())
    elif settled:
        if was != one.status:  # a person closed it first: only remember that we know
            _update(draft, "update", one, issue, had, Change(), only="status")
    elif was != "open":  # the Markdown was reopened
        if reopen:
            _update(draft, "reopen", one, issue, had, Change(state="open"))
        else:
            fact = f"issue {issue.number} is closed, and its item is {one.item.status} again"
            hint = "reopen it on GitHub, or run with --reopen"
            draft.problems.append(Problem(one.key, fact, hint))
    elif issue.reason in {"not_planned", "duplicate"}:
        words = "as not planned" if issue.reason == "not_planned" else "as a duplicate"
        why = f"issue {issue.number} was closed {words}; write the reason into `reason`"
        draft.records.append(_record(one, {"status": "wont_do"}, why))
    else:
        why = f"issue {issue.number} was closed as completed"
        proof = 0 if one.item.proof else issue.number
        draft.records.append(_record(one, {"status": "done"}, why, proof))


def _update(
    draft: _Parts,
    action: str,
    one: DesiredIssue,
    issue: Issue,
    had: Mapping[str, Any],
    change: Change,
    only: str = "",
) -> None:
    """Add the step that pushes what changed in the Markdown, and restores label and marker."""
    state = {**had, **one.state} if not only else {**(had or one.state), only: one.state[only]}
    base = had or {**one.state, "body": ""}  # without a marker, people's words stay
    names = [only] if only else list(one.state)
    fields = [name for name in names if base.get(name) != one.state[name] and name != "key"]
    labels = None
    if "labels" in fields or not _has(issue.labels, LABEL):
        labels = _labels(issue.labels, base.get("labels", ()), one.labels)
        fields += [] if "labels" in fields else ["labels"]
    if not fields and not change.names():
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
    what = tuple(name for name in fields if name != "status" or action == "update")
    what = what if had else ("marker", *(name for name in what if name != "body"))
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
            rewrite="body" in fields,
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


def _orphans(draft: _Parts, left: Mapping[str, Sequence[Issue]]) -> None:
    for key, issues in left.items():
        for issue in issues:
            if issue.is_open and "/AI-" in key:
                fact = f"issue {issue.number} is open, and its action item is not in the archive"
                draft.problems.append(Problem(key, fact, "close the issue, or restore the item"))


def _record(one: DesiredIssue, values: Mapping[str, Scalar], why: str, proof_of: int = 0) -> Record:
    return Record(one.postmortem.path, one.key, one.item.id, one.item.index, values, why, proof_of)
