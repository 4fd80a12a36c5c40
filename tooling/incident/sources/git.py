"""Changes of the assets' files in git, from the window before an incident. Authors are not read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from incident import git
from incident.errors import UsageError
from incident.git import State, Unavailable, remote
from incident.sources import Entry, Evidence, Option, Prefill, Request, Signal
from incident.text.instants import parse_utc
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut, escape

MAX_CHANGES = 100
MAX_PATHS = 400
WINDOW = timedelta(hours=48)
_FORMAT = "%x1e%cI%x1f%P%x1f%s%x1f%b"
_PULL = lazy(r"^Merge pull request #(\d{1,9})\b")
_NUMBER = lazy(r"\s*\((?:#|!)(\d{1,9})\)\s*$")
_MERGE_REQUEST = lazy(r"^See merge request \S{0,200}!(\d{1,9})\s*$", re.MULTILINE)
_REMOTE = lazy(
    r"(?:https?://(?:[^\s/@]+@)?|ssh://(?:[^\s/@]+@)?|[\w.-]+@)(?P<host>[\w.-]+)(?::\d{1,5}(?=/))?"
    r"[:/](?P<path>[\w./-]+?)(?:\.git)?/?"
)


OPTIONS = (
    Option("--from-git", "REPO", "Prefill from commits to the assets' files."),
    Option("--between", "A B", "For --from-git: only from time A to time B.", "window"),
    Option("--path", "FOLDER", "For --from-git: a folder to look in.", "text", is_list=True),
)
RANK = 3  # it looks for the files, and around the times, that the others name


def gather(request: Request) -> Prefill:
    """The changes in the repository named on the command line."""
    known, given = request.known, request.given
    paths = [path for prefill in known for path in prefill.paths]
    specs = pathspecs(paths, request.names, given["--path"])
    if not specs:
        raise UsageError("--from-git needs to know which files", "add --path models/ or --from-dbt")
    times = [at for p in known for at in (p.started_at, p.detected_at) if at]
    around = (min(times, default=request.now) - WINDOW, max(times, default=request.now))
    start, end = given["--between"] or around
    found = prefill(read(given["--from-git"], start, end, specs))
    if len(specs) > MAX_PATHS:
        warning = f"only the changes of {MAX_PATHS} of {len(specs)} files are looked for"
        found = replace(found, warnings=(warning,))
    return found


def read(
    repository: Path, start: datetime, end: datetime, pathspecs: Sequence[str]
) -> list[Signal]:
    """The merges and commits on the checked-out branch in [start, end] that touch the paths.

    Oldest first; `detail` is the pull request's number, "" without one. Raises UsageError where
    there is no repository, no commit, no git, or far too many changes.
    """
    if start > end:
        raise UsageError("the window ends before it begins", "--between EARLIER LATER")
    if not repository.is_dir():
        raise UsageError(f"{repository} is not a folder", "name a clone of the repository")
    if State.SHALLOW in git.states(repository):
        # where the history was cut, one commit seems to have changed every file
        cuts = git.output(repository, "log", "--max-parents=0", "--format=%cI").text.split()
        if any(when is None or when >= start for when in map(parse_utc, cuts)):
            raise Unavailable(State.SHALLOW, repository)
    log = git.run(
        repository,
        "log",
        "--first-parent",
        "--no-color",
        f"--max-count={MAX_CHANGES + 1}",
        f"--since={start.isoformat()}",
        f"--until={end.isoformat()}",
        f"--format={_FORMAT}",
        globs=pathspecs[:MAX_PATHS],
    )
    if log.code:
        raise UsageError(f"{repository}: {cut(log.reason, 200)}", "name a clone of the repository")
    web = _web(remote.origin(repository))
    signals = []
    for record in log.text.split("\x1e")[1:]:
        at, parents, subject, body = [*record.split("\x1f", 3), "", "", ""][:4]
        when = parse_utc(at.strip())
        if when is not None and start <= when <= end:
            signals.append(_signal(when, len(parents.split()) > 1, subject, body, web))
    if len(signals) > MAX_CHANGES:
        raise UsageError(
            f"over {MAX_CHANGES} changes in the window", "narrow it: --between A B, --path models/"
        )
    return sorted(signals)


def pathspecs(paths: Sequence[str], names: Sequence[str], folders: Sequence[str]) -> list[str]:
    """What to ask git for: `paths` of files, else files named like assets, within `folders`.

    Paths may be relative to a project below the repository's top.
    """
    places = [folder.strip("/") for folder in folders if folder.strip("/")]
    if paths:
        wanted = [_glob(path) for path in dict.fromkeys(paths)]
        if places:
            wanted = [path for path in wanted if any(f"{p}/" in f"{path}/" for p in places)]
        return [f":(glob)**/{path}" for path in wanted] or _folders(places)
    if names:
        inside = [f"**/{_glob(place)}/" for place in places] or [""]
        return [f":(glob){place}**/{_glob(name)}.*" for place in inside for name in names]
    return _folders(places)


def prefill(signals: Sequence[Signal]) -> Prefill:
    """The changes as evidence, and as entries that somebody must confirm."""
    evidence, entries = [], []
    for signal in signals:
        title = f"{signal.what} ({signal.detail})" if signal.detail else signal.what
        evidence.append(Evidence("pr", title, signal.url))
        assert signal.at is not None
        text = f"changed: {escape(title)} (TODO keep this line if it matters)"
        entries.append(Entry(signal.at, text))
    return Prefill(evidence=tuple(evidence), entries=tuple(entries))


def _folders(places: Sequence[str]) -> list[str]:
    return [f":(glob)**/{_glob(place)}/**" for place in places]


def _glob(text: str) -> str:
    """Text that a glob takes literally."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", text)


def _signal(at: datetime, is_merge: bool, subject: str, body: str, web: str) -> Signal:
    """A change by its subject. The subject of a merge names a branch, often a login: not taken."""
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    pull, number = _PULL().match(subject), ""
    if pull:
        number = pull[1]
    elif (found := _MERGE_REQUEST().search(body)) and is_merge:
        number = found[1]
    elif found := _NUMBER().search(subject):
        number, subject = found[1], subject[: found.start()]
    if is_merge and subject.startswith("Merge "):
        title = lines[0] if lines and not lines[0].startswith("See merge request") else ""
        subject = title or (f"pull request {number}" if number else "a branch was merged")
    sign = "!" if "/-/" in web else "#"
    url = f"{web}{number}" if web and number else ""
    return Signal(
        at, "change", cut(subject, 150) or "a change", "", f"{sign}{number}" if number else "", url
    )


def _web(remote: str) -> str:
    """The address of a pull request without its number; "" for a remote without a host."""
    found = _REMOTE().fullmatch(remote.strip())
    if found is None or ".." in found["path"]:
        return ""
    middle = "-/merge_requests" if "gitlab" in found["host"] else "pull"
    return f"https://{found['host']}/{found['path'].strip('/')}/{middle}/"
