"""The only door to git: one runner, one time limit, one error policy.

Files named HEAD, config, objects/ and refs/ make any folder a repository to git, and its
configuration names programs that git runs. Only a `.git`, which cannot be committed, counts here.
The repository is always the one that was named: what git sets for its hooks never wins over it.
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import NamedTuple

from incident.errors import IncidentError, UsageError
from incident.text.lazy_regex import lazy

LIMIT = 120.0  # seconds
_NONE: Mapping[str, str] = {}
# how git reaches a server and whom it trusts, never which repository it reads
_KEPT = (
    *("GIT_SSH", "GIT_SSL_", "GIT_PROXY_", "GIT_HTTP_", "GIT_ASKPASS", "GIT_ALLOW_PROTOCOL"),
    *("GIT_PROTOCOL_FROM_USER", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES"),
    *("GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"),
    *("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"),
)
_SETTINGS = {
    "safe.bareRepository": "explicit",
    "core.quotePath": "false",
    "log.showSignature": "false",
    "i18n.logOutputEncoding": "UTF-8",
}
_PLACE = lazy(r"repository (?:at |\()'(?P<path>[^'\n]+)'")
_GONE = lazy(r"not a git repository: '?(?P<path>[^'\n(]+?)'?$", re.MULTILINE)


class State(StrEnum):
    """Repository states that matter to callers; the first four are faults."""

    NO_GIT = "no git"
    NOT_A_REPOSITORY = "not a repository"
    REFUSED = "refused"
    CUT_OFF = "worktree without its repository"
    SHALLOW = "shallow"
    DETACHED = "detached"
    WORKTREE = "worktree"


_MESSAGES = {
    State.NO_GIT: ("git is not installed", "install git and retry"),
    State.NOT_A_REPOSITORY: (
        "{place} is not a git repository",
        "run `git init`, or use the folder of a clone",
    ),
    State.REFUSED: (
        "git refuses {place}: another user owns it",
        "run `git config --global --add safe.directory {quoted}`; in a workflow, as a step",
    ),
    State.CUT_OFF: (
        "the git directory {place} is missing: this is a worktree or submodule",
        "mount the main repository too, or run `git worktree repair` in it",
    ),
    State.SHALLOW: (
        "the clone {place} is shallow: most of its history is missing",
        "run `git fetch --unshallow`; in a workflow, check out with `fetch-depth: 0`",
    ),
    State.DETACHED: (
        "HEAD is detached in {place}: no branch is checked out",
        "use a commit or a remote branch, such as `origin/main`",
    ),
}


class Unavailable(UsageError):  # noqa: N818
    """Git can't answer because of the repository's `state`, or because git is missing."""

    def __init__(self, state: State, place: str | Path) -> None:
        import shlex

        fact, hint = _MESSAGES[state]
        quoted = shlex.quote(str(place))
        super().__init__(fact.format(place=place), hint.format(quoted=quoted))
        self.state = state


class Answer(NamedTuple):
    """What git printed, and its exit code."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """The output as text, without the last line end."""
        return self.stdout.decode("utf-8", errors="replace").removesuffix("\n")

    @property
    def paths(self) -> list[str]:
        """The output of a command with -z; a path that is not UTF-8 still opens its file."""
        return [os.fsdecode(path) for path in self.stdout.split(b"\0") if path]

    @property
    def reason(self) -> str:
        """Git's own last words, in one line."""
        lines = [line for line in self.stderr.splitlines() if line.startswith("fatal: ")]
        lines = lines or self.stderr.strip().splitlines() or [f"exit {self.code}"]
        return lines[-1].removeprefix("fatal: ")


class Running:
    """A git command that runs in the background."""

    def __init__(
        self, process: subprocess.Popen[bytes], root: Path, name: str, stdin: bytes = b""
    ) -> None:
        self._process, self._root, self._name, self._stdin = process, root, name, stdin

    def wait(self) -> Answer:
        """What it answers. Raises Unavailable, and IncidentError after LIMIT seconds."""
        with self._process as process:
            try:
                stdout, stderr = process.communicate(self._stdin, timeout=LIMIT)
            except subprocess.TimeoutExpired:
                process.kill()
                raise IncidentError(
                    f"git {self._name} took over {LIMIT:g} s in {self._root}",
                    "run it there by hand to see what it is waiting for",
                ) from None
            except BaseException:
                process.kill()
                raise
        answer = Answer(process.returncode, stdout, stderr.decode("utf-8", errors="replace"))
        if answer.code and (fault := _fault(answer.stderr, self._root)):
            raise fault
        return answer


def start(
    root: Path,
    *arguments: str,
    paths: Sequence[str] = (),
    globs: Sequence[str] = (),
    stdin: bytes = b"",
    env: Mapping[str, str] = _NONE,
) -> Running:
    """Start git for the repository around `root`. Raises Unavailable if git is missing.

    `arguments` are the program's own words. Names from outside go into `paths`, which match
    literally, or `globs`; `env` is added to git's environment.
    """
    literal = ("--literal-pathspecs",) if paths and not globs else ()
    below = ("--", *paths, *globs) if paths or globs else ()
    process = _popen(root, (*literal, *arguments, *below), env)
    return Running(process, root, arguments[0], stdin)


def run(
    root: Path,
    *arguments: str,
    paths: Sequence[str] = (),
    globs: Sequence[str] = (),
    stdin: bytes = b"",
    env: Mapping[str, str] = _NONE,
) -> Answer:
    """What git answers, whatever its exit code. Raises as `start` and `wait` do."""
    return start(root, *arguments, paths=paths, globs=globs, stdin=stdin, env=env).wait()


def output(
    root: Path,
    *arguments: str,
    paths: Sequence[str] = (),
    globs: Sequence[str] = (),
    stdin: bytes = b"",
    env: Mapping[str, str] = _NONE,
) -> Answer:
    """As `run`, for a command that must succeed: any other exit code raises IncidentError."""
    answer = run(root, *arguments, paths=paths, globs=globs, stdin=stdin, env=env)
    if answer.code:
        raise IncidentError(
            f"git {arguments[0]}: {answer.reason}", "check the repository and its remote"
        )
    return answer


@contextmanager
def blobs(root: Path) -> Iterator[Callable[[str], bytes]]:
    """A function from `commit:./path` to the file's content; b"" where there is none.

    Raises IncidentError where git ends, or does not answer for LIMIT seconds.
    """
    try:
        with _popen(root, ("cat-file", "--batch"), _NONE, subprocess.DEVNULL) as process:
            yield partial(_blob, process)
    except BrokenPipeError:
        raise IncidentError(f"git ended early in {root}", "run `git fsck` there") from None


def _blob(process: subprocess.Popen[bytes], name: str) -> bytes:
    assert process.stdin and process.stdout
    if "\n" in name:
        return b""
    timer = threading.Timer(LIMIT, process.kill)
    timer.start()
    try:
        process.stdin.write(f"{name}\n".encode())
        process.stdin.flush()
        head = process.stdout.readline().split()
        if not head:
            raise BrokenPipeError
        is_blob = len(head) == 3 and head[1] == b"blob" and head[2].isdigit()
        return process.stdout.read(int(head[2]) + 1)[:-1] if is_blob else b""
    finally:
        timer.cancel()


def is_inside(root: Path) -> bool:
    """Whether there is a `.git` here or above: without one, git need not be asked."""
    return any((folder / ".git").exists() for folder in (root, *root.absolute().parents))


def may_be_shallow(root: Path) -> bool:
    """Whether git must be asked: a `.git` folder without a file `shallow` has the whole history."""
    for folder in (root, *root.absolute().parents):
        if (place := folder / ".git").exists():
            return not place.is_dir() or (place / "shallow").exists()
    return False


def states(root: Path) -> frozenset[State]:
    """What kind of repository this is: SHALLOW, DETACHED, WORKTREE. Raises Unavailable."""
    return states_of(start_states(root).wait(), root)


def start_states(root: Path) -> Running:
    """Begin to ask for the states, for `states_of`."""
    asked = ("--is-shallow-repository", "--git-dir", "--git-common-dir")
    return start(root, "rev-parse", *asked, "--symbolic-full-name", "HEAD")


def states_of(answer: Answer, root: Path) -> frozenset[State]:
    """The states that an answer names. Before the first commit, HEAD is not in it."""
    shallow, own, common, head = [*answer.text.split("\n"), "", "", "", ""][:4]
    places = {os.path.realpath(root / folder) for folder in (own, common)}
    found = {
        State.SHALLOW: shallow == "true",
        State.WORKTREE: len(places) == 2,
        State.DETACHED: head == "HEAD" and not answer.code,
    }
    return frozenset(state for state, holds in found.items() if holds)


def _popen(
    root: Path, arguments: Sequence[str], env: Mapping[str, str], stderr: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    settings = [part for item in _SETTINGS.items() for part in ("-c", "=".join(item))]
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(
            ["git", "--no-pager", *settings, "-C", str(root), *arguments],
            env={**_environment(), **env},
            stdin=pipe,
            stdout=pipe,
            stderr=stderr,
        )
    except OSError as error:
        raise Unavailable(State.NO_GIT, root) from error


def _environment() -> dict[str, str]:
    """The caller's, in English, without prompts, locks, or what git sets for a repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    never = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
    return {**kept, **never, "LC_ALL": "C", "LANGUAGE": ""}


def _fault(stderr: str, root: Path) -> Unavailable | None:
    """The state that keeps git from answering, by its own words."""
    if "--no-index" in stderr:  # `git diff` does not say why this is not a repository
        run(root, "rev-parse", "--git-dir")
    if "dubious ownership" in stderr or "unsafe repository" in stderr:
        place = _PLACE().search(stderr)
        return Unavailable(State.REFUSED, place["path"] if place else root)
    if gone := _GONE().search(stderr):
        return Unavailable(State.CUT_OFF, gone["path"])
    if re.search(r"not a git repository|cannot use bare repository|cannot change to", stderr):
        return Unavailable(State.NOT_A_REPOSITORY, root)
    return None
