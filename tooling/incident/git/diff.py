"""Changes in the archive: against a commit or in the index, and a file's content there."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.errors import UsageError
from incident.git import State, Unavailable
from incident.text import markdown_names
from incident.text.lazy_regex import lazy

_HUNK = lazy(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Change(NamedTuple):
    """A file that differs from the base. Paths are relative to the repository's root.

    `path` is "" for a deleted file, `before` is "" for a new one.
    """

    path: str
    before: str


def commit(root: Path, revision: str) -> str:
    """The full hash of a revision. Raises UsageError if there is none."""
    answer = git.run(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
    )
    if answer.code:
        raise UsageError(f"unknown commit `{revision}` in {root}", _instead(root, revision))
    return answer.text


def _instead(root: Path, revision: str) -> str:
    """What to do about an unknown commit: there are several reasons."""
    if git.run(root, "rev-parse", "--verify", "--quiet", "HEAD").code:
        return "nothing is committed yet: commit first"
    states = git.states(root)
    if State.SHALLOW in states:
        return Unavailable(State.SHALLOW, root).hint
    remote, slash, _ = revision.partition("/")
    if slash and remote not in git.run(root, "remote").text.split("\n"):
        branches = git.run(root, "for-each-ref", "--format=%(refname:short)", "refs/heads").text
        named = f", such as {branches.split()[0]}" if branches else ""
        return f"there is no remote `{remote}`: use a local branch{named}"
    if State.DETACHED in states:
        return Unavailable(State.DETACHED, root).hint
    return "fetch it; in a workflow, check out with `fetch-depth: 0`"


def merge_base(root: Path, base: str) -> str:
    """Where HEAD parted from `base`. Raises UsageError."""
    answer = git.run(root, "merge-base", commit(root, base), "HEAD")
    if answer.code:
        raise UsageError(
            f"`{base}` and HEAD have no common commit",
            "fetch the full history; in a workflow, check out with `fetch-depth: 0`",
        )
    return answer.text


def changed(root: Path, base: str, folder: str) -> list[Change]:
    """The Markdown files below `folder` that differ from the merge base with `base`, sorted.

    Counts what is not committed yet, and new files. Raises UsageError, IncidentError.
    """
    found = files_changed(root, merge_base(root, base), (f"{folder}/",))
    return [one for one in found if is_postmortem(one.path or one.before)]


def files_changed(root: Path, commit: str, paths: tuple[str, ...] = ()) -> list[Change]:
    """The files below `root`, or of `paths`, that differ from a commit, sorted.

    Counts what is not committed yet, and new files. Raises IncidentError.
    """
    options = ("-z", "--name-status", "-M", "--no-ext-diff", "--relative", "--ignore-submodules")
    words = git.output(root, "diff", *options, commit, paths=paths).paths
    found = []
    while words:
        kind, path = words.pop(0), words.pop(0)
        if kind[:1] in {"R", "C"}:
            found.append(Change(words.pop(0), path if kind[0] == "R" else ""))
        elif kind[:1] == "D":
            found.append(Change("", path))
        else:
            found.append(Change(path, "" if kind[:1] == "A" else path))
    found += [Change(path, "") for path in untracked(root, paths)]
    return sorted(set(found))


def lines_changed(root: Path, commit: str, path: str) -> list[range]:
    """The lines of a file (from 1) that are not in `commit`, in stretches. Raises IncidentError."""
    options = ("--unified=0", "--no-ext-diff", "--no-textconv", "--no-color", "--relative")
    text = git.output(root, "diff", *options, commit, paths=(path,)).text
    found = [(int(at), int(n or 1)) for at, n in _HUNK().findall(text)]
    return [range(at, at + n) for at, n in found if n]


def is_postmortem(path: str) -> bool:
    """Whether a file of the archive is a postmortem, by its path."""
    hidden = any(part.startswith(".") for part in Path(path).parts)
    return markdown_names.is_postmortem(Path(path).name) and not hidden


def names(root: Path, *arguments: str, index: Path | None = None) -> frozenset[str]:
    """The paths that `git diff` lists, relative to `root`. Raises IncidentError."""
    options = ("--name-only", "--no-renames", "--relative", "--no-ext-diff", "-z")
    return frozenset(git.output(root, "diff", *options, *arguments, "--", env=_env(index)).paths)


def untracked(root: Path, paths: tuple[str, ...] = ()) -> list[str]:
    """The files that git neither tracks nor ignores. Raises IncidentError."""
    asked = ("ls-files", "-z", "--others", "--exclude-standard")
    return git.output(root, *asked, paths=paths).paths


def text_at(root: Path, revision: str, path: str) -> str:
    """What the file contained at a revision; "" where it did not exist."""
    answer = git.run(root, "cat-file", "blob", f"{revision}:./{path}")
    return "" if answer.code else answer.stdout.decode("utf-8", errors="replace")


def line_changed_at(root: Path, path: str, pattern: str) -> datetime | None:
    """When the last commit changed a line of the file that the regular expression matches.

    Raises Unavailable in a shallow clone, whose last commit seems to have changed everything.
    """
    if State.SHALLOW in git.states(root):
        raise Unavailable(State.SHALLOW, root)
    asked = ("log", "-1", "--format=%cI", f"-G{pattern}", "--no-ext-diff", "--no-textconv")
    written = git.output(root, *asked, paths=(path,)).text
    return datetime.fromisoformat(written.replace("Z", "+00:00")) if written else None


def index_of_commit(root: Path) -> Path | None:
    """The index of the commit that a hook runs for, where it is one of this repository.

    `git commit FILE` and `git commit -a` do not commit the usual index, but another one.
    """
    value = os.environ.get("GIT_INDEX_FILE")
    if not value:
        return None
    answer = git.output(root, "rev-parse", "--absolute-git-dir", "--show-toplevel")
    own, _, top = answer.text.partition("\n")
    index = Path(top, value)
    return index if index.parent.resolve() == Path(own).resolve() else None


def staged(root: Path, path: str, index: Path | None = None) -> bytes:
    """The content of a file in the index; nothing where it is not there."""
    return git.run(root, "cat-file", "blob", f":./{path}", env=_env(index)).stdout


def _env(index: Path | None) -> dict[str, str]:
    return {"GIT_INDEX_FILE": str(index)} if index else {}
