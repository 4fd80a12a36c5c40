"""The branch that pull requests are merged into, as far as a clone knows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.errors import IncidentError

_USUAL = ("main", "master", "trunk", "develop")


class Branch(NamedTuple):
    """A branch. `is_certain`: the remote said so, nothing was guessed."""

    name: str
    is_certain: bool = False


def find(root: Path) -> Branch:
    """What `origin` says, else a usual name that exists, else what is checked out.

    "" where git cannot tell.
    """
    if not git.is_inside(root):
        return Branch("")
    try:
        head = git.run(root, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD")
        if not head.code:
            return Branch(head.text.removeprefix("refs/remotes/origin/"), True)
        places = ("refs/heads", "refs/remotes/origin")
        refs = git.run(root, "for-each-ref", "--format=%(refname)", *places).text.split()
        here = git.run(root, "symbolic-ref", "--quiet", "HEAD").text.removeprefix("refs/heads/")
    except IncidentError:
        return Branch("")
    names = {ref.removeprefix("refs/heads/").removeprefix("refs/remotes/origin/") for ref in refs}
    return Branch(next((name for name in _USUAL if name in names), here))
