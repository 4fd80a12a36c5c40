"""`incident actions sync`, without the terminal: read both sides, plan, and write back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incident import archive, edit
from incident.archive import Archive
from incident.config import Config
from incident.errors import IncidentError
from incident.github import apply, follow_up, plan, wanted, writeback
from incident.github.apply import Observed
from incident.github.plan import Plan, Record
from incident.github.tracker import IssueTracker
from incident.github.wanted import Problem, Wanted

if TYPE_CHECKING:
    from incident.github.client import GitHub


@dataclass(frozen=True)
class Prepared:
    """Both sides, read, and what to do about it."""

    archive: Archive
    wanted: tuple[Wanted, ...]
    observed: Observed
    plan: Plan


def prepare(config: Config, tracker: IssueTracker, reopen: bool = False) -> Prepared:
    """Read the archive and the tracker. Raises what the tracker raises, and OSError."""
    found = archive.load(config)
    items, problems = wanted.read(found.postmortems, config, tracker.web)
    problems += _broken(found)
    observed = apply.observe(tracker, apply.recorded(items))

    def planned(seen: Observed) -> Plan:
        return plan.plan(items, seen.issues, seen.absent, reopen=reopen, whole=not problems)

    made = planned(observed)
    if observed.doubt or any(step.action == "create" for step in made.steps):
        observed = apply.confirm(tracker, observed)
        made = planned(observed)
    made = apply.hold(made, observed)
    records = (*made.records, *follow_up.records(found.postmortems, observed.issues))
    made = replace(made, problems=(*problems, *made.problems), records=records)
    return Prepared(found, tuple(items), observed, made)


def _broken(found: Archive) -> list[Problem]:
    problems = []
    for document in found.broken:
        fault = document.faults[0]
        line = document.span(fault.start, fault.end).line
        fact = f"{document.path}:{line}: {fault.message}, so its action items are left alone"
        problems.append(Problem("", fact, fault.hint))
    return problems


def write_files(records: Sequence[Record], config: Config) -> writeback.Edits:
    """Write the records into the working files. Raises OSError."""
    found = writeback.edits(records, lambda path: edit.read_text(config.root / path))
    writeback.to_files(found, config.root)
    return found


def write_branch(
    records: Sequence[Record], config: Config, tracker: GitHub, token: str, base: str
) -> tuple[writeback.Edits, str]:
    """Push the records as a commit, and open or rewrite its pull request; its address, or "".

    Raises IncidentError where git or GitHub refuses.
    """
    environment: Mapping[str, str] = writeback.push_environment(tracker.server, token)
    git = writeback.Git(config.root, environment)
    found = writeback.edits(records, git.show)
    if not found.texts:
        return found, ""
    commit, is_new = writeback.to_branch(found, git)
    try:
        if not is_new and tracker.is_proposed(writeback.BRANCH, commit):
            return found, ""
        address = tracker.propose(writeback.BRANCH, base, writeback.TITLE, writeback.body(found))
    except IncidentError as error:
        fact = f"the branch {writeback.BRANCH} is pushed, its pull request is not: {error.message}"
        raise type(error)(fact, "open it by hand, or let the token write pull requests") from error
    return found, address
