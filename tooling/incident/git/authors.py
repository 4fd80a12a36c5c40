"""Who wrote what git's history has: names and addresses, with .mailmap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.errors import IncidentError
from incident.git import State, Unavailable

_NOTHING = State.NOT_A_REPOSITORY  # an empty folder named .git


class Authors(NamedTuple):
    """`people`: pairs of name and address. `problem`: why they are unknown or incomplete."""

    people: frozenset[tuple[str, str]] = frozenset()
    problem: IncidentError | None = None


def begin(root: Path) -> Callable[[], Authors]:
    """Start to list the authors, and return what waits for them.

    Git runs in the background: it takes half as long as linting one file. Outside of any
    repository there are no authors, and that is fine.
    """
    if not git.is_inside(root):
        return Authors
    log = ("log", "-20000", "--use-mailmap", "--format=%aN%x09%aE")
    try:
        listing = git.start(root, *log)
        asking = git.start_states(root) if git.may_be_shallow(root) else None
    except IncidentError as problem:
        known = Authors(problem=problem)
        return lambda: known

    def wait() -> Authors:
        try:
            try:
                listed = listing.wait()
            finally:
                states = git.states_of(asking.wait(), root) if asking else frozenset()
        except IncidentError as problem:
            is_nothing = isinstance(problem, Unavailable) and problem.state is _NOTHING
            return Authors(problem=None if is_nothing else problem)
        cut = Unavailable(State.SHALLOW, root) if State.SHALLOW in states else None
        lines = listed.stdout.decode("utf-8", errors="replace").splitlines()
        pairs = (line.partition("\t") for line in set(lines))
        return Authors(frozenset((name, email) for name, _, email in pairs), cut)

    return wait
