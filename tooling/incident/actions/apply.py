"""Read the tracker, and apply a plan step by step, so that stopping anywhere is safe.

Each step either creates an issue that carries its own key, or sets absolute values. After an
interruption, reading and planning again yields the remaining steps.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from incident.actions import marker
from incident.actions.desired_issues import DesiredIssue, Problem, Renderer
from incident.actions.plan import Plan, Record, Step
from incident.actions.tracker import (
    LABEL,
    Absent,
    AmbiguousWrite,
    Change,
    Draft,
    FatalTrackerError,
    Issue,
    IssueTracker,
    RequestRejected,
)
from incident.errors import IncidentError

_FEW, _MANY = 3, 100
_LISTINGS = 4
_PATIENCE = 3  # consecutive ambiguous responses


@dataclass(frozen=True)
class Observed:
    """The state of the tracker. `doubt`: why nothing may be created based on it, or ""."""

    issues: tuple[Issue, ...] = ()
    absent: Mapping[int, Absent] = field(default_factory=dict)
    doubt: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a step. `result`: done, left or failed."""

    step: Step
    result: str
    issue: Issue | None = None
    problems: tuple[Problem, ...] = ()
    record: Record | None = None


def observe(tracker: IssueTracker, recorded: Iterable[int]) -> Observed:
    """List the issues, and look up recorded ones that are missing from the listing.

    If many are missing, list again. Raises FatalTrackerError if most are still missing, and
    whatever the tracker raises.
    """
    numbers = set(recorded)
    seen = {issue.number: issue for issue in tracker.issues()}
    missing = sorted(numbers - seen.keys())
    if len(missing) > _FEW:
        seen |= {issue.number: issue for issue in tracker.issues()}
        missing = sorted(numbers - seen.keys())
    if len(missing) > _MANY:
        fact = f"{tracker.name} lists {len(numbers) - len(missing)} of {len(numbers)} issues"
        raise FatalTrackerError(f"{fact} recorded in the archive", "check --repo and try again")
    absent: dict[int, Absent] = {}
    doubt = ""
    for number in missing:
        try:
            found = tracker.issue(number)
        except (RequestRejected, AmbiguousWrite) as error:
            found = Absent("unknown", error.message)
        if isinstance(found, Absent):
            absent[number] = found
        else:
            seen[number] = found
            if LABEL in found.labels:
                doubt = f"the issue listing of {tracker.name} is missing existing issues"
    return Observed(tuple(seen.values()), absent, doubt)


def confirm(tracker: IssueTracker, observed: Observed) -> Observed:
    """List until two consecutive listings agree: only then is an issue considered missing.

    Needed before creating anything, and after a listing with missing issues. Issues from all
    listings are kept.
    """
    seen = {issue.number: issue for issue in observed.issues}
    known = {issue.number for issue in observed.issues if LABEL in issue.labels}
    before = known
    for _ in range(_LISTINGS - 1):
        issues = {issue.number: issue for issue in tracker.issues()}
        seen |= issues
        if known <= issues.keys() == before:
            return replace(observed, issues=tuple(seen.values()), doubt="")
        before = set(issues)
    doubt = observed.doubt or f"two consecutive issue listings of {tracker.name} differ"
    return replace(observed, issues=tuple(seen.values()), doubt=doubt)


def unlabelled(tracker: IssueTracker, observed: Observed, since: date | None) -> Observed:
    """Add our issues that lost their label: they exist but are not listed."""
    seen = {issue.number: issue for issue in observed.issues}
    more = [i for i in tracker.changed_since(since) if i.number not in seen and marker.read(i.body)]
    return replace(observed, issues=(*observed.issues, *more))


def hold(plan: Plan, observed: Observed) -> Plan:
    """The plan without its creates, if the listing is in doubt."""
    held = [step for step in plan.steps if step.action == "create"]
    if not observed.doubt or not held:
        return plan
    hint = "try again in a few minutes"
    problems = [Problem(step.key, f"not created: {observed.doubt}", hint) for step in held]
    steps = tuple(step for step in plan.steps if step.action != "create")
    return replace(plan, steps=steps, problems=(*plan.problems, *problems))


def recorded(wanted: Iterable[DesiredIssue]) -> Iterator[int]:
    """The issue numbers recorded by open items."""
    return (w.number for w in wanted if w.number and w.item.is_open)


def apply(
    plan: Plan,
    tracker: IssueTracker,
    renderer: Renderer,
    limit: int | None = None,
) -> Iterator[Outcome]:
    """Apply the steps, creates last; yield each outcome as soon as it is known."""
    steps = sorted(plan.steps, key=lambda step: step.action == "create")
    others = {step.number for step in steps}
    is_held = False
    unclear = 0
    with tracker.batch():
        for place, step in enumerate(steps):
            if is_held or (limit is not None and place >= limit):
                yield Outcome(step, "left")
                continue
            try:
                if step.action == "create":
                    outcome = _create(step, tracker, renderer, others)
                else:
                    outcome = _change(step, tracker, renderer)
                unclear = 0
            except IncidentError as error:
                unclear = unclear + 1 if isinstance(error, AmbiguousWrite) else 0
                is_held = isinstance(error, FatalTrackerError) or unclear >= _PATIENCE
                problem = Problem(step.key, error.message, error.hint)
                outcome = Outcome(step, "failed", problems=(problem,))
            yield outcome


def _wanted(step: Step) -> DesiredIssue:
    assert step.wanted is not None, "a step without an action item"
    return step.wanted


def _create(
    step: Step, tracker: IssueTracker, renderer: Renderer, others: Container[int]
) -> Outcome:
    """Create an issue; `others`: issues of other steps, whose marker may be outdated."""
    draft = step.draft or renderer.draft(_wanted(step))
    try:
        issue, problems = _opened(step, tracker, renderer, draft)
    except AmbiguousWrite as error:
        # it may have been created: look, never retry
        ours = marker.identity(draft.body)
        listed = (issue for issue in tracker.issues() if issue.number not in others)
        same = (issue for issue in listed if ours and marker.identity(issue.body) == ours)
        found = next(same, None)
        if found is None:
            fact = f"{error.message}, and no new issue was found"
            raise AmbiguousWrite(fact, "try again: the next run creates it") from error
        issue, problems = found, ()
    if not any(label.casefold() == LABEL for label in issue.labels):
        closed = _undo(tracker, issue)
        hint = "give the token write access to issues (triage at least)"
        raise FatalTrackerError(
            f"issue {issue.number} was created without labels and {closed}", hint
        )
    return Outcome(step, "done", issue, problems, _numbered(step, issue))


def _opened(
    step: Step, tracker: IssueTracker, renderer: Renderer, draft: Draft
) -> tuple[Issue, tuple[Problem, ...]]:
    """Create the issue; without an assignee if the assignee is rejected."""
    try:
        issue = tracker.create(draft)
    except RequestRejected as error:
        if not draft.assignees:
            raise
        who, body = draft.assignees[0], draft.body
        if step.wanted is not None:  # so that it is reported again without another attempt
            body = renderer.block(step.wanted, {**step.state, "refused": who})
        try:
            issue = tracker.create(replace(draft, body=body, assignees=()))
        except RequestRejected:
            raise error from None
        return issue, (_unassigned(step, issue, who),)
    problems = []
    if lost := _lost(draft.assignees, issue.assignees):
        problems.append(_unassigned(step, issue, lost[0]))
    if lost := _lost(draft.labels, issue.labels):
        fact = f"issue {issue.number} was created without the label {', '.join(lost)}"
        problems.append(
            Problem(step.key, fact, "create the label, or give the token more permissions")
        )
    return issue, tuple(problems)


def _lost(asked: Iterable[str], got: Iterable[str]) -> list[str]:
    there = {name.casefold() for name in got}
    return [name for name in asked if name.casefold() not in there]


def _unassigned(step: Step, issue: Issue, who: str) -> Problem:
    fact = f"issue {issue.number} could not be assigned to {who}"
    hint = "give the account access and assign the issue, or set another owner"
    return Problem(step.key, fact, hint)


def _undo(tracker: IssueTracker, issue: Issue) -> str:
    """Close it: an unlabeled issue is never listed, so every run would create another."""
    note = (
        "Created with a token that cannot set labels. Closed, so that a token with permission "
        "can create it again."
    )
    body = f"{note}\n\n{marker.remove(issue.body)}"
    try:
        tracker.update(issue.number, Change(body=body, state="closed", reason="not_planned"))
    except IncidentError as error:
        return f"could not be closed: {error.message}"
    return "closed"


def _numbered(step: Step, issue: Issue) -> Record | None:
    if step.wanted is None:
        return None
    one = step.wanted
    values = {"issue": one.reference(issue.number)}
    return Record(one.postmortem.path, one.key, one.item.id, one.item.index, values, "its issue")


def _change(step: Step, tracker: IssueTracker, renderer: Renderer) -> Outcome:
    if step.wanted is None or step.issue is None:
        return Outcome(step, "done", tracker.update(step.number, step.change))
    text = marker.text(step.issue.body)
    state = dict(step.state)
    _check_reopened(step, step.issue, state, tracker)
    if step.reminder is not None:
        comment = tracker.comment(step.number, step.reminder.text, step.reminder.edit or None)
        state["reminder"] = [comment, *state["reminder"][1:]]

    def change(state: dict[str, object]) -> Change:
        assert step.issue is not None
        if step.rewrite or not text:
            block = renderer.block(_wanted(step), state)
        else:
            block = marker.render(text, state)
        return replace(step.change, body=marker.replace(step.issue.body, block))

    try:
        return Outcome(step, "done", tracker.update(step.number, change(state)))
    except RequestRejected:
        if not step.change.assignees:
            raise
        who = _wanted(step).login
        weaker = replace(change({**state, "refused": who}), assignees=None)
        issue = tracker.update(step.number, weaker)
        return Outcome(step, "done", issue, (_unassigned(step, issue, who),))


def _check_reopened(
    step: Step, issue: Issue, state: dict[str, object], tracker: IssueTracker
) -> None:
    """Record when an issue was reopened; raises RequestRejected if one to close was reopened since.

    The listing shows that an issue was reopened but not when, so only those are looked up.
    """
    if state.get("reopened") is True:
        state["reopened"] = tracker.reopened_at(step.number) or True
    known = marker.read(issue.body).get("reopened", True)
    if step.action != "close" or known is True or tracker.reopened_at(step.number) == known:
        return
    fact = f"issue {step.number} was reopened on GitHub after its item was closed"
    raise RequestRejected(
        fact, "close it on GitHub if it is done, or set the item to `in_progress`"
    )


def records(plan: Plan, outcomes: Sequence[Outcome], tracker: IssueTracker) -> list[Record]:
    """The values to write back: the plan's records with their proof, and the new issue numbers."""
    found = []
    undone = {outcome.step.key for outcome in outcomes if outcome.result != "done"}
    for record in plan.records:
        if record.is_marked and record.key in undone:
            continue
        if record.proof_of:
            try:
                proof = tracker.closed_by(record.proof_of)
            except (RequestRejected, AmbiguousWrite, FatalTrackerError):
                proof = ""
            if proof:
                record = replace(record, values={**record.values, "proof": proof})
        found.append(record)
    return found + [outcome.record for outcome in outcomes if outcome.record]
