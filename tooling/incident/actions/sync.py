"""`incident actions sync` and `chase`, without the CLI: read both sides, plan, write back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from incident import archive
from incident.actions import (
    apply,
    chase,
    desired_issues,
    follow_up,
    identity,
    marker,
    plan,
    reminders,
    writeback,
)
from incident.actions.apply import Observed, Outcome
from incident.actions.desired_issues import DesiredIssue, Home, Problem
from incident.actions.plan import Plan, Record, Step
from incident.actions.tracker import Change, Issue, IssueTracker, PullRequests
from incident.archive import Archive
from incident.errors import IncidentError
from incident.git import branch, subfolder
from incident.postmortem.model import Postmortem
from incident.repository.config import Config, is_archive


def prepare(config: Config, tracker: IssueTracker, reopen: bool = False) -> Plan:
    """The plan that syncs both sides. Raises what the tracker raises, and OSError."""
    read = _read(config, tracker)

    def planned(seen: Observed) -> Plan:
        return plan.plan(
            read.items, seen.issues, seen.absent, read.renames, reopen=reopen, whole=read.whole
        )

    made, observed = _planned(tracker, read, planned)
    moves, issues = _checks(read, observed)
    records = (*made.records, *follow_up.records(read.postmortems, issues))
    return replace(made, steps=(*made.steps, *moves), records=records)


def chased(config: Config, tracker: IssueTracker, today: date) -> Plan:
    """Today's reminders. Raises like `prepare`."""
    read = _read(config, tracker)
    notes: list[Problem] = []

    def planned(seen: Observed) -> Plan:
        first = chase.since(config, seen.issues, today)
        day = chase.Chase(config, read.home, today, first)
        matches = identity.match(read.items, seen.issues, seen.absent, read.renames)
        issues = _checks(read, seen)[1]
        quiet = reminders.quiet(read.postmortems, day)
        notes[:] = [Problem("", quiet)] if quiet else []
        return Plan(reminders.steps(read.postmortems, matches, read.items, issues, day))

    made, _ = _planned(tracker, read, planned)
    return replace(made, kept=(*made.kept, *notes))


class _Read(NamedTuple):
    """The archive's desired issues. `whole`: no item was left out because of a problem."""

    postmortems: tuple[Postmortem, ...]
    items: list[DesiredIssue]
    problems: list[Problem]
    home: Home
    config: Config
    renames: identity.Renames

    @property
    def whole(self) -> bool:
        return {problem.key for problem in self.problems} <= {one.key for one in self.items}


def _read(config: Config, tracker: IssueTracker) -> _Read:
    found = archive.load(config)
    prefix = subfolder.prefix(config.root)
    below = f"{prefix}/" if prefix else ""
    home = Home(
        f"{tracker.web}/blob/HEAD/{below}" if tracker.web else "",
        f"~{config.root.name}" if prefix is None else prefix,
        tracker.kind,
    )
    items, problems = desired_issues.read(found.declared, config, home)
    return _Read(found.declared, items, problems + _broken(found), home, config, _renames(config))


def _renames(config: Config) -> identity.Renames:
    """Former ids of a postmortem, from former file names; asks git only when needed."""

    @cache
    def before() -> dict[str, str]:
        pairs = subfolder.renames(config.root, config.archive)
        return {Path(new).stem: Path(old).stem for old, new in reversed(pairs)}

    @cache
    def former(id_: str) -> frozenset[str]:
        found: set[str] = set()
        while (id_ := before().get(id_, "")) and id_ not in found:
            found.add(id_)
        return frozenset(found)

    return former


def _planned(
    tracker: IssueTracker, read: _Read, planned: Callable[[Observed], Plan]
) -> tuple[Plan, Observed]:
    """Read, plan, and read again before creating anything."""
    observed = apply.observe(tracker, apply.recorded(read.items))
    mine, strangers = _mine(observed, read)
    made = planned(mine)
    if observed.doubt or _creates(made):
        observed = apply.confirm(tracker, observed)
        mine, strangers = _mine(observed, read)
        made = planned(mine)
    if _creates(made) and not observed.doubt:
        observed = apply.unlabelled(tracker, observed, _earliest(made))
        mine, strangers = _mine(observed, read)
        made = planned(mine)
    made = apply.hold(made, mine)
    made = replace(made, problems=(*read.problems, *made.problems), kept=(*made.kept, *strangers))
    return made, mine


def _creates(made: Plan) -> list[Step]:
    return [step for step in made.steps if step.action == "create"]


def _earliest(made: Plan) -> date | None:
    """The earliest day on which any of the issues to create can have been created."""
    days = [step.wanted.postmortem.date if step.wanted else None for step in _creates(made)]
    known = [day for day in days if day]
    return min(known) if len(known) == len(days) else None


def _mine(observed: Observed, read: _Read) -> tuple[Observed, list[Problem]]:
    """The issues of this archive; impostors are left out and reported."""
    recorded = {one.number for one in read.items}
    titles = {one.key: one.state["title"] for one in read.items}
    mine, strangers = [], []
    for issue in observed.issues:
        state = marker.read(issue.body)
        if state and issue.number not in recorded:
            if not (issue.is_trusted and marker.is_whole(state)):
                fact = f"issue {issue.number} has our marker but an untrusted author; skipped"
                strangers.append(Problem(state["key"], fact))
                continue
            same_title = state.get("title", "") == titles.get(state["key"])
            if not _same_archive(str(state.get("archive", "")), read, same_title):
                continue
        mine.append(issue)
    return replace(observed, issues=tuple(mine)), strangers


def _same_archive(other: str, read: _Read, same_title: bool) -> bool:
    """Whether an issue of the archive `other` belongs to this one."""
    ours = read.home.archive
    if other == ours:
        return True
    if ours.startswith("~") or other.startswith("~"):  # without git, folder names are not enough
        return same_title or not other
    top = read.config.root.parents[ours.count("/")] if ours else read.config.root
    return not is_archive(top / other)  # the other one was moved here


def _checks(read: _Read, observed: Observed) -> tuple[list[Step], list[Issue]]:
    """Checks of renamed postmortems: the steps, and the resulting issues."""
    steps, issues = [], {issue.number: issue for issue in observed.issues}
    for issue, key in follow_up.moved(read.postmortems, observed.issues, read.renames):
        had = marker.read(issue.body)
        block = marker.render(marker.text(issue.body), {**had, "key": key})
        body = marker.replace(issue.body, block)
        issues[issue.number] = replace(issue, body=body)
        what = (f"moved from {had['key']}",)
        change = Change(body=body)
        steps.append(Step("update", key, issue.title, issue.number, what, change=change))
    return steps, list(issues.values())


def _broken(found: Archive) -> list[Problem]:
    problems = []
    for document in found.broken:
        fault = document.faults[0]
        line = document.span(fault.start, fault.end).line
        fact = f"{document.path}:{line}: {fault.message}; its action items are skipped"
        problems.append(Problem("", fact, fault.hint))
    return problems


class WrittenBack(NamedTuple):
    """A summary of the write-back for people, and its problems."""

    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def write_back(
    plan: Plan, outcomes: Sequence[Outcome], config: Config, tracker: IssueTracker, base: str
) -> WrittenBack:
    """Write numbers and states to the working files, or propose them on a branch from `base`."""
    records = apply.records(plan, outcomes, tracker)
    if not base:
        if not records:
            return WrittenBack()
        edits = writeback.to_files(records, config.root)
        note = f"{len(edits.texts)} file{'s' * (len(edits.texts) != 1)} changed; commit the changes"
        return WrittenBack((note,), edits.problems)
    assert isinstance(tracker, PullRequests)
    try:
        if not records:
            agree = not plan.records and not plan.problems
            address = _withdraw(config, tracker) if agree else ""
            return WrittenBack((f"withdrawn: {address}",) if address else ())
        edits, address = _to_branch(records, config, tracker, base)
    except IncidentError as error:
        return WrittenBack(problems=(Problem("", f"write-back: {error.message}", error.hint),))
    return WrittenBack((address or "already proposed",), edits.problems)


def _withdraw(config: Config, tracker: PullRequests) -> str:
    """Withdraw an outdated proposal; the URL of its pull request, or ""."""
    push = branch.Push(writeback.BRANCH, environment=tracker.push_environment())
    if not branch.is_pending(config.root, push):
        return ""
    branch.reset(config.root, push)
    return tracker.withdraw(writeback.BRANCH, writeback.WITHDRAWN)


def _to_branch(
    records: Sequence[Record], config: Config, tracker: PullRequests, base: str
) -> tuple[writeback.Edits, str]:
    """Push the records as a commit, and create or update its pull request; its URL, or "".

    Raises IncidentError if git or GitHub refuses.
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
        fact = f"pushed {writeback.BRANCH}, but could not open its pull request: {error.message}"
        raise type(error)(
            fact, "open it manually, or give the token permission to write pull requests"
        ) from error
    return found, address
