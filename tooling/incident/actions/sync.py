"""`incident actions sync` and `chase` without the terminal: read both sides, plan, write back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from incident import archive
from incident.actions import apply, desired_issues, follow_up, plan, reminders, writeback
from incident.actions.apply import Observed, Outcome
from incident.actions.desired_issues import DesiredIssue, Problem
from incident.actions.plan import Plan, Record
from incident.actions.tracker import IssueTracker, PullRequests
from incident.archive import Archive
from incident.errors import IncidentError
from incident.git import branch
from incident.repository.config import Config


def prepare(config: Config, tracker: IssueTracker, reopen: bool = False) -> Plan:
    """What brings both sides in step. Raises what the tracker raises, and OSError."""
    found, items, problems = _read(config, tracker)
    # whoever is left out of `items` has an issue that looks as if its item were gone
    whole = {problem.key for problem in problems} <= {one.key for one in items}

    def planned(seen: Observed) -> Plan:
        return plan.plan(items, seen.issues, seen.absent, reopen=reopen, whole=whole)

    made, observed = _planned(tracker, items, planned)
    records = (*made.records, *follow_up.records(found.postmortems, observed.issues))
    return replace(made, problems=(*problems, *made.problems), records=records)


def chased(config: Config, tracker: IssueTracker, today: date) -> Plan:
    """What is to be said today. Raises as `prepare`."""
    found, items, problems = _read(config, tracker)

    def planned(seen: Observed) -> Plan:
        return Plan(
            reminders.steps(found.postmortems, items, seen.issues, today, config, tracker.web)
        )

    made, _ = _planned(tracker, items, planned)
    return replace(made, problems=(*problems, *made.problems))


def _read(
    config: Config, tracker: IssueTracker
) -> tuple[Archive, list[DesiredIssue], list[Problem]]:
    found = archive.load(config)
    items, problems = desired_issues.read(found.postmortems, config, tracker.web)
    return found, items, problems + _broken(found)


def _planned(
    tracker: IssueTracker, items: Sequence[DesiredIssue], planned: Callable[[Observed], Plan]
) -> tuple[Plan, Observed]:
    """Look, plan, and look again before anything is created."""
    observed = apply.observe(tracker, apply.recorded(items))
    made = planned(observed)
    if observed.doubt or any(step.action == "create" for step in made.steps):
        observed = apply.confirm(tracker, observed)
        made = planned(observed)
    return apply.hold(made, observed), observed


def _broken(found: Archive) -> list[Problem]:
    problems = []
    for document in found.broken:
        fault = document.faults[0]
        line = document.span(fault.start, fault.end).line
        fact = f"{document.path}:{line}: {fault.message}, so its action items are left alone"
        problems.append(Problem("", fact, fault.hint))
    return problems


class WrittenBack(NamedTuple):
    """What the write-back did, for people, and what it could not do."""

    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def write_back(
    plan: Plan, outcomes: Sequence[Outcome], config: Config, tracker: IssueTracker, base: str
) -> WrittenBack:
    """Write numbers and states into the working files, or propose them to the branch `base`."""
    records = apply.records(plan, outcomes, tracker)
    if not records:
        return WrittenBack()
    if not base:
        edits = writeback.to_files(records, config.root)
        note = f"{len(edits.texts)} file(s) changed; commit them"
        return WrittenBack((note,), edits.problems)
    assert isinstance(tracker, PullRequests)
    try:
        edits, address = _to_branch(records, config, tracker, base)
    except IncidentError as error:
        return WrittenBack(problems=(Problem("", f"write-back: {error.message}", error.hint),))
    return WrittenBack((address or "proposed already",), edits.problems)


def _to_branch(
    records: Sequence[Record], config: Config, tracker: PullRequests, base: str
) -> tuple[writeback.Edits, str]:
    """Push the records as a commit, and open or rewrite its pull request; its address, or "".

    Raises IncidentError where git or GitHub refuses.
    """
    found = writeback.edits(records, lambda path: branch.read(config.root, path))
    if not found.texts:
        return found, ""
    push = branch.Push(writeback.BRANCH, environment=tracker.push_environment())
    commit, is_new = branch.push(config.root, found.texts, writeback.TITLE, push)
    try:
        if not is_new and tracker.is_proposed(writeback.BRANCH, commit):
            return found, ""
        address = tracker.propose(writeback.BRANCH, base, writeback.TITLE, writeback.body(found))
    except IncidentError as error:
        fact = f"the branch {writeback.BRANCH} is pushed, its pull request is not: {error.message}"
        raise type(error)(fact, "open it by hand, or let the token write pull requests") from error
    return found, address
