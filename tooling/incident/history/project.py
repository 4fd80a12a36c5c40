"""The changed files of a dbt project: where the project is, and what git says differs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from incident import git
from incident.git import diff, subfolder
from incident.history.touched import FileChange
from incident.repository.config import shown_path
from incident.repository.path_containment import escapes

MAX_BYTES = 5_000_000
MARK = "dbt_project.yml"
_READ = (".sql", ".py", ".csv", ".yml", ".yaml")
_BUILT = frozenset({"target", "dbt_packages", "dbt_modules", "logs"})


class Files(NamedTuple):
    """`inside`: of the project. `outside`: how many others changed. `too_large`: left out."""

    inside: list[FileChange]
    outside: int
    too_large: list[str]


def find(here: Path, manifest: Path | None) -> Path:
    """The folder of the dbt project: of the manifest, at or above `here`, or the only one."""
    above = [manifest.absolute().parent.parent] if manifest else []
    above += [here.absolute(), *here.absolute().parents]
    for folder in above:
        if (folder / MARK).is_file():
            return folder
        if (folder / ".git").exists():
            break
    listed = git.run(here, "ls-files", "-z", "--full-name", globs=(f":(top,glob)**/{MARK}",)).paths
    own = [path for path in listed if _BUILT.isdisjoint(Path(path).parts)]
    return (top(here) / own[0]).parent if len(own) == 1 else here.absolute()


def top(here: Path) -> Path:
    """The top of the repository around `here`. Raises Unavailable."""
    return Path(git.output(here, "rev-parse", "--show-toplevel").text)


def changes(project: Path, base: str) -> Files:
    """What differs from the merge base with `base`, also what is not committed yet.

    Raises UsageError if `base` is unknown, IncidentError if git fails.
    """
    since, root = diff.merge_base(project, base), top(project)
    prefix = subfolder.prefix(project) or ""
    inside: list[diff.Change] = []
    outside = 0
    for one in diff.files_changed(root, since):
        places = [_within(path, prefix) for path in one]
        if not any(places):
            outside += 1
        elif Path(places[0] or places[1]).parts[0] not in _BUILT:
            inside.append(diff.Change(*places))
    found, too_large = [], []
    with git.blobs(project) as blob:
        for one in inside:
            name = one.path or one.before
            if not name.endswith(_READ):
                found.append(FileChange(*map(shown_path, one)))
                continue
            old = blob(f"{since}:./{one.before}") if one.before else b""
            new = _read(project, one.path) if one.path else b""
            if max(len(old), len(new)) > MAX_BYTES:
                too_large.append(shown_path(name))
                continue
            texts = (raw.decode("utf-8", errors="replace") for raw in (old, new))
            found.append(FileChange(*map(shown_path, one), *texts))
    return Files(found, outside, too_large)


def shown(project: Path, files: tuple[str, ...]) -> Iterator[str]:
    """Paths of the project as seen from the repository's top."""
    prefix = subfolder.prefix(project) or ""
    yield from (f"{prefix}/{path}" if prefix else path for path in files)


def _within(path: str, prefix: str) -> str:
    if not prefix or not path:
        return path
    return path.removeprefix(f"{prefix}/") if path.startswith(f"{prefix}/") else ""


def _read(project: Path, path: str) -> bytes:
    """A working file; nothing for a link out of the project, or a folder."""
    full = project / path
    try:
        if escapes(full, project) or not full.is_file():
            return b""
        with full.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError:
        return b""
