"""Read the tracker, and take the steps of a plan, one after another, so that any prefix is sound.

Every step either creates an issue that carries its own key, or sets absolute values. Whatever is
cut off in between, reading and planning again gives the rest.
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
_PATIENCE = 3  # unclear answers in a row


@dataclass(frozen=True)
class Observed:
    """What the tracker has. `doubt`: why nothing may be created on this evidence, or ""."""

    issues: tuple[Issue, ...] = ()
    absent: Mapping[int, Absent] = field(default_factory=dict)
    doubt: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a step. `result`: done, left or failed."""

    step: Step
    result: str
    issue: Issue | None = None
    problems: tuple[Problem, ...] = ()
    record: Record | None = None


def observe(tracker: IssueTracker, recorded: Iterable[int]) -> Observed:
    """List the issues, and look up the recorded ones that the listing lacks.

    A listing that lacks many is not believed: it is asked for again. Raises FatalTrackerError
    when it lacks most of them even then, and what the tracker raises.
    """
    numbers = set(recorded)
    seen = {issue.number: issue for issue in tracker.issues()}
    missing = sorted(numbers - seen.keys())
    if len(missing) > _FEW:
        seen |= {issue.number: issue for issue in tracker.issues()}
        missing = sorted(numbers - seen.keys())
    if len(missing) > _MANY:
        fact = f"{tracker.name} lists {len(numbers) - len(missing)} of {len(numbers)} issues"
        raise FatalTrackerError(f"{fact} that the archive records", "check --repo, and run again")
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
                doubt = f"the listing of {tracker.name} lacks issues that are there"
    return Observed(tuple(seen.values()), absent, doubt)


def confirm(tracker: IssueTracker, observed: Observed) -> Observed:
    """List until two listings in a row agree: absence is believed only then.

    Whoever is to create something asks for this, and who met a listing that lacked something.
    Issues of all listings are kept.
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
    doubt = observed.doubt or f"two listings of {tracker.name} in a row do not agree"
    return replace(observed, issues=tuple(seen.values()), doubt=doubt)


def unlabelled(tracker: IssueTracker, observed: Observed, since: date | None) -> Observed:
    """Add issues of ours that lost their label: the listing lacks them, and they are there."""
    seen = {issue.number: issue for issue in observed.issues}
    more = [i for i in tracker.changed_since(since) if i.number not in seen and marker.read(i.body)]
    return replace(observed, issues=(*observed.issues, *more))


def hold(plan: Plan, observed: Observed) -> Plan:
    """The plan without its creates, where the evidence for them is in doubt."""
    held = [step for step in plan.steps if step.action == "create"]
    if not observed.doubt or not held:
        return plan
    hint = "run again in some minutes"
    problems = [Problem(step.key, f"not opened: {observed.doubt}", hint) for step in held]
    steps = tuple(step for step in plan.steps if step.action != "create")
    return replace(plan, steps=steps, problems=(*plan.problems, *problems))


def recorded(wanted: Iterable[DesiredIssue]) -> Iterator[int]:
    """The issue numbers that open items record."""
    return (w.number for w in wanted if w.number and w.item.is_open)


def apply(
    plan: Plan,
    tracker: IssueTracker,
    renderer: Renderer,
    limit: int | None = None,
) -> Iterator[Outcome]:
    """Take the steps, creates last; yield what became of each, as soon as it is known."""
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
    assert step.wanted is not None, "a step about no action item"
    return step.wanted


def _create(
    step: Step, tracker: IssueTracker, renderer: Renderer, others: Container[int]
) -> Outcome:
    """Open an issue; `others`: issues of other steps, whose marker may still be an old one."""
    draft = step.draft or renderer.draft(_wanted(step))
    try:
        issue, problems = _opened(step, tracker, renderer, draft)
    except AmbiguousWrite as error:
        # it may have happened: look, never repeat
        ours = marker.identity(draft.body)
        listed = (issue for issue in tracker.issues() if issue.number not in others)
        same = (issue for issue in listed if ours and marker.identity(issue.body) == ours)
        found = next(same, None)
        if found is None:
            fact = f"{error.message}, and no issue was found after it"
            raise AmbiguousWrite(fact, "run again: the next run opens it") from error
        issue, problems = found, ()
    if not any(label.casefold() == LABEL for label in issue.labels):
        closed = _undo(tracker, issue)
        hint = "give the token write access to issues (triage at least)"
        raise FatalTrackerError(
            f"issue {issue.number} was opened without labels, and {closed}", hint
        )
    return Outcome(step, "done", issue, problems, _numbered(step, issue))


def _opened(
    step: Step, tracker: IssueTracker, renderer: Renderer, draft: Draft
) -> tuple[Issue, tuple[Problem, ...]]:
    """Open the issue, without its assignee where that is what is refused."""
    try:
        issue = tracker.create(draft)
    except RequestRejected as error:
        if not draft.assignees:
            raise
        who, body = draft.assignees[0], draft.body
        if step.wanted is not None:  # so that it is said again, without being tried again
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
        fact = f"issue {issue.number} was opened without the label {', '.join(lost)}"
        problems.append(Problem(step.key, fact, "create the label, or give the token more access"))
    return issue, tuple(problems)


def _lost(asked: Iterable[str], got: Iterable[str]) -> list[str]:
    there = {name.casefold() for name in got}
    return [name for name in asked if name.casefold() not in there]


def _unassigned(step: Step, issue: Issue, who: str) -> Problem:
    fact = f"issue {issue.number} could not be assigned to {who}"
    hint = "give the account access and assign it, or name another owner"
    return Problem(step.key, fact, hint)


def _undo(tracker: IssueTracker, issue: Issue) -> str:
    """Close it: without the label no listing shows it, and every run would open another."""
    note = "Opened by a token that may not set labels; closed again, to be opened by one that may."
    body = f"{note}\n\n{marker.remove(issue.body)}"
    try:
        tracker.update(issue.number, Change(body=body, state="closed", reason="not_planned"))
    except IncidentError as error:
        return f"could not be closed again: {error.message}"
    return "closed again"


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
    """Remember when an issue was reopened; raises RequestRejected if one to close was again since.

    The listing says that an issue was reopened, and not when; it is asked only of those.
    """
    if state.get("reopened") is True:
        state["reopened"] = tracker.reopened_at(step.number) or True
    known = marker.read(issue.body).get("reopened", True)
    if step.action != "close" or known is True or tracker.reopened_at(step.number) == known:
        return
    fact = f"issue {step.number} was reopened on GitHub since its item was settled"
    raise RequestRejected(fact, "close it there if it is done, or set the item to `in_progress`")


def records(plan: Plan, outcomes: Sequence[Outcome], tracker: IssueTracker) -> list[Record]:
    """What is written back: the plan's records with their proofs, and the new numbers."""
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
