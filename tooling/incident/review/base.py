"""What a change is compared with: found from the run in CI, so that no workflow has to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from incident import git
from incident.errors import IncidentError
from incident.git import default_branch
from incident.text import bounded_readers
from incident.text.lazy_regex import lazy

_HASH = lazy(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NOWHERE = re.compile("0+")  # "before" the first commit of a branch
_LIMIT = 50_000_000  # bytes
_MERGE_RESULT = "HEAD^1"  # its first parent is the base branch


def find(root: Path, environment: Mapping[str, str]) -> str:
    """The revision to compare HEAD with; outside of CI, the default branch of `origin`.

    GitHub: a merge queue's base (its entry may have several commits), the base branch in a merge
    result, what a push started from. GitLab: what the merge request started from.
    Raises UsageError and IncidentError where the run cannot be read.
    """
    known = (
        _on_github(root, environment)
        # a merged result has the target branch in it, so only its tip is a base
        or _commit(environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"))
        or _commit(environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
        or _commit(environment.get("CI_COMMIT_BEFORE_SHA"))
    )
    return known or f"origin/{default_branch.find(root).name or 'main'}"


def pull_number(environment: Mapping[str, str]) -> int | None:
    """The number of the pull or merge request that this run in CI is for, None without one."""
    if (text := environment.get("CI_MERGE_REQUEST_IID", "")).isdecimal():
        return int(text)
    number = _part(_event(environment), "pull_request").get("number")
    return number if type(number) is int and number > 0 else None


def _event(environment: Mapping[str, str]) -> Any:
    """What GitHub started the run for; None elsewhere."""
    path = environment.get("GITHUB_EVENT_PATH")
    if environment.get("GITHUB_ACTIONS") != "true" or not path:
        return None
    return bounded_readers.parse_json(
        bounded_readers.decode(bounded_readers.read_bytes(Path(path), _LIMIT), path), path
    )


def _on_github(root: Path, environment: Mapping[str, str]) -> str:
    event = _event(environment)
    if pull := _part(event, "pull_request"):
        # a workflow may check out the branch instead of the merge result
        is_branch = _head(root) == _commit(_part(pull, "head").get("sha"))
        return (_commit(_part(pull, "base").get("sha")) if is_branch else "") or _MERGE_RESULT
    if queue := _part(event, "merge_group"):
        return _commit(queue.get("base_sha")) or _MERGE_RESULT
    return _commit(event.get("before")) if isinstance(event, dict) else ""


def _head(root: Path) -> str:
    """The commit that is checked out; "" where git cannot tell, which the comparison reports."""
    try:
        return git.run(root, "rev-parse", "--verify", "--quiet", "HEAD").text
    except IncidentError:
        return ""


def _part(value: Any, key: str) -> dict[str, Any]:
    part = value.get(key) if isinstance(value, dict) else None
    return part if isinstance(part, dict) else {}


def _commit(value: object) -> str:
    """A full hash, or "": nothing else of an event is given to git."""
    text = value if isinstance(value, str) else ""
    return text if _HASH().fullmatch(text) and not _NOWHERE.fullmatch(text) else ""
