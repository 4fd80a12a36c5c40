"""Kill, pause and race the commands that write, at every call that changes the disk.

`make kills` runs all of it for minutes; the tests run a part. Each command runs in a forked child
whose calls of the operating system are counted: at the n-th one it kills or stops itself, before
the call, after it, or with half of the bytes written.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incident.repository.atomic_files import PREFIX
from scenes import ADD, SCENES, Scene

CALLS = (
    *("open", "write", "fsync", "replace", "rename", "link", "unlink", "remove", "mkdir", "rmdir"),
    *("chmod", "fchmod", "fchown", "close", "truncate", "ftruncate"),
)
WHOLLY = "timeline add"  # the tests kill it at every boundary, the others at some
TWICE = ("timeline add", "new", "lint --fix", "actions sync")


@dataclass
class Counted:
    """`between`: a command of several files had written some of them. `mixed` is never right."""

    kills: int = 0
    old: int = 0
    new: int = 0
    between: int = 0
    mixed: int = 0
    said: str = ""

    def add(self, other: Counted) -> None:
        for name in ("kills", "old", "new", "between", "mixed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.said += other.said

    def __str__(self) -> str:
        return (
            f"kills: {self.kills}, old: {self.old}, new: {self.new}, "
            f"between files: {self.between}, mixed: {self.mixed}"
        )


def environment(folder: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    return {**kept, "XDG_CACHE_HOME": str(folder / "cache")}


def laid_out(one: Scene, folder: Path) -> Path:
    """A new repository with the scene's files."""
    root = folder / "repository"
    shutil.rmtree(root, ignore_errors=True)
    (root / ".git").mkdir(parents=True)
    (root / "incident.toml").write_text("[names]\ngit_roster = false\n")
    for path, text in one.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, newline="")
    for command in one.commands[:-1]:
        assert ended(forked(root, command)) == 0
    return root


def state(root: Path) -> dict[str, bytes]:
    """All files but those under a temporary name."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(PREFIX)
    }


def forked(root: Path, command: tuple[str, ...], prepare: Callable[[], None] | None = None) -> int:
    """Begin the command in a child; its process id."""
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.chdir(root)
        said = os.open("/dev/null", os.O_WRONLY)
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdin = Path("/dev/null").open()  # noqa: SIM115
        if prepare:
            prepare()
        from incident.commands import cli

        try:
            cli(args=list(command), prog_name="incident")
        except SystemExit as done:
            code = int(done.code or 0)
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """The exit code of a child; negative for the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counting(act: Callable[[int], None], done: Callable[[str], None] = lambda _: None) -> None:
    """From now on, call `act(n)` around the n-th call that changes the disk."""
    count = 0

    def point() -> None:
        nonlocal count
        count += 1
        act(count)

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            point()
            if name == "write" and len(args[1]) > 1:
                result = real(args[0], bytes(args[1])[: len(args[1]) // 2])
            else:
                result = real(*args, **kwargs)
            done(name)
            point()
            return result

        return call

    import fcntl

    for name in CALLS:
        setattr(os, name, wrapped(name, getattr(os, name)))
    fcntl.flock = wrapped("flock", fcntl.flock)


def _kill_at(point: int) -> Callable[[], None]:
    def act(count: int) -> None:
        if count == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda: counting(act)


def _whole(one: Scene, folder: Path) -> tuple[dict[str, bytes], dict[str, set[bytes]], int]:
    """The state after the command, every content that a file was given whole, and the exit code."""
    root = laid_out(one, folder)
    seen = folder / "seen"
    shutil.rmtree(seen, ignore_errors=True)
    seen.mkdir()

    def watched() -> None:
        number = 0

        def done(name: str) -> None:
            nonlocal number
            if name in {"replace", "link", "rename"}:
                number += 1
                shutil.copytree(root, seen / str(number), symlinks=True)

        counting(lambda _: None, done)

    code = ended(forked(root, one.commands[-1], watched))
    known: dict[str, set[bytes]] = {}
    for snapshot in (root, *seen.iterdir()):
        for path, content in state(snapshot).items():
            known.setdefault(path, set()).add(content)
    return state(root), known, code


def _judge(
    counted: Counted,
    root: Path,
    before: dict[str, bytes],
    after: dict[str, bytes],
    known: dict[str, set[bytes]],
) -> None:
    now = state(root)
    counted.kills += 1
    odd = [
        path
        for path in now.keys() | before.keys()
        if now.get(path) != before.get(path) and now.get(path) not in known.get(path, set())
    ]
    if odd:
        counted.mixed += 1
        counted.said += f"after kill {counted.kills}: {odd[0]} is neither\n"
    elif now == before:
        counted.old += 1
    elif now == after:
        counted.new += 1
    else:
        counted.between += 1


def _again(counted: Counted, root: Path, one: Scene, code: int, after: dict[str, bytes]) -> None:
    """A second run succeeds, or says that all is there, and leaves what the first would have."""
    found = ended(forked(root, one.commands[-1]))
    if found not in {code, 2} or state(root) != after:
        counted.mixed += 1
        counted.said += f"after kill {counted.kills}: the second run ended with {found}\n"


def warm(name: str, folder: Path) -> None:
    """Run the command here once: what it imports need not be imported by every child."""
    from incident.commands import cli

    root = laid_out(SCENES[name], folder / "warm")
    was = Path.cwd()
    os.chdir(root)
    with (
        (folder / "said").open("w") as said,
        redirect_stdout(said),
        redirect_stderr(said),
        suppress(SystemExit),
    ):
        cli(args=list(SCENES[name].commands[-1]), prog_name="incident")
    os.chdir(was)


def _boundaries_of(one: Scene, folder: Path) -> int:
    """How many calls of the command change the disk, times two: before and after."""
    root = laid_out(one, folder)
    log = folder / "counted"

    def watched() -> None:
        out = log.open("w", encoding="utf-8")
        counting(lambda count: print(count, file=out, flush=True))

    ended(forked(root, one.commands[-1], watched))
    return int(log.read_text(encoding="utf-8").split()[-1])


def boundaries(name: str, folder: Path, again: int = 1, most: int = 5000) -> Counted:
    """Kill a command at every boundary, or at `most` of them, at equal distances.

    Run it again after every `again`-th kill.
    """
    one = SCENES[name]
    warm(name, folder)
    after, known, code = _whole(one, folder)
    counted = Counted()
    total = _boundaries_of(one, folder)
    step = max(1, total // most)
    for number, point in enumerate(range(1, total + 1, step), 1):
        root = laid_out(one, folder)
        before = state(root)
        if ended(forked(root, one.commands[-1], _kill_at(point))) != -signal.SIGKILL:
            raise AssertionError(f"it ended before boundary {point} of {total}")
        _judge(counted, root, before, after, known)
        if number % again == 0:
            _again(counted, root, one, code, after)
    return counted


def at_random(name: str, folder: Path, times: int) -> Counted:
    """Kill a command from outside, at moments that nobody chose."""
    one = SCENES[name]
    after, known, code = _whole(one, folder)
    counted = Counted()
    root = laid_out(one, folder)
    begun = time.perf_counter()
    ended(forked(root, one.commands[-1]))
    longest = 1.1 * (time.perf_counter() - begun)
    choice = random.Random(name)
    for _ in range(times):
        root = laid_out(one, folder)
        before = state(root)
        child = forked(root, one.commands[-1])
        time.sleep(choice.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        ended(child)
        _judge(counted, root, before, after, known)
        _again(counted, root, one, code, after)
    return counted


SECOND = dict.fromkeys(("timeline add", "lint --fix"), (*ADD, "a second thing was seen"))


def races(name: str, folder: Path, step: int) -> Iterator[str]:
    """Stop one process at every `step`-th boundary while another runs; what was lost."""
    one = SCENES[name]
    warm(name, folder)
    first = one.commands[-1]
    second = SECOND.get(name, first)
    root = laid_out(one, folder)
    codes = sorted((ended(forked(root, first)), ended(forked(root, second))))
    wanted = state(root)
    for point in range(1, 5000, step):
        root = laid_out(one, folder)

        def act(count: int, point: int = point) -> None:
            if count == point:
                os.kill(os.getpid(), signal.SIGSTOP)

        child = forked(root, first, lambda: counting(act))
        stopped = os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])
        if not stopped:
            return
        other = forked(root, second)
        until = time.monotonic() + 0.15
        code = None
        while code is None and time.monotonic() < until:
            pid, status = os.waitpid(other, os.WNOHANG)
            code = os.waitstatus_to_exitcode(status) if pid else None
            time.sleep(0.002)
        os.kill(child, signal.SIGCONT)
        found = sorted((ended(child), ended(other) if code is None else code))
        now = state(root)
        lines = {path: sorted(content.split(b"\n")) for path, content in now.items()}
        right = {path: sorted(content.split(b"\n")) for path, content in wanted.items()}
        if found != codes or lines != right:
            yield f"stopped at {point}: exit codes {found}, not {codes}, or something was lost\n"


def opens(name: str, folder: Path) -> list[str]:
    """Every path below `folder` that the command opens for writing."""
    one = SCENES[name]
    root = laid_out(one, folder)
    log = folder / "opened"

    def watched() -> None:
        out = log.open("w", encoding="utf-8")

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event != "open" or not isinstance(args[0], (str, bytes)):
                return
            path = os.path.abspath(os.fsdecode(args[0]))  # noqa: PTH100
            if args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path.startswith(str(folder)):
                print(path, file=out, flush=True)

        sys.addaudithook(hook)

    ended(forked(root, one.commands[-1], watched))
    return log.read_text(encoding="utf-8").splitlines()


def _called(*args: object) -> str:
    """This module in a process of its own, which may fork."""
    folder = Path(str(args[-1]))
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, __file__, *map(str, args)],
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def at_every_boundary(name: str, folder: Path) -> Counted:
    return Counted(**json.loads(_called("boundaries", name, folder)))


def at_some_boundaries(folder: Path) -> dict[str, Counted]:
    """Every other command, killed at a few boundaries each."""
    found = json.loads(_called("sampled", folder))
    return {name: Counted(**counted) for name, counted in found.items()}


def two_at_once(name: str, folder: Path) -> str:
    return _called("races", name, 11, folder)


def opened_for_writing(folder: Path) -> dict[str, list[Path]]:
    """By command, every path that it opens for writing."""
    found = json.loads(_called("opens", folder))
    return {name: [Path(path) for path in paths] for name, paths in found.items()}


def _everything(times: int) -> int:
    """What `make kills` does."""
    import tempfile

    total, lost = Counted(), 0
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        for name in SCENES:
            counted = boundaries(name, folder)
            print(f"{name}, at every boundary: {counted}", flush=True)  # noqa: T201
            total.add(counted)
            counted = at_random(name, folder, times)
            print(f"{name}, at random: {counted}", flush=True)  # noqa: T201
            total.add(counted)
        for name in TWICE:
            said = list(races(name, folder, 1))
            lost += len(said)
            print(f"{name}, two at once: {len(said)} lost", flush=True)  # noqa: T201
    print(f"{total}, lost: {lost}\n{total.said}", end="")  # noqa: T201
    return int(total.mixed > 0 or lost > 0)


def _main(what: str, *args: str) -> int:
    if what == "boundaries":
        print(json.dumps(vars(boundaries(args[0], Path(args[1]), again=5))))  # noqa: T201
    elif what == "sampled":
        others = [name for name in SCENES if name != WHOLLY]
        some = {name: vars(boundaries(name, Path(args[0]), again=2, most=4)) for name in others}
        print(json.dumps(some))  # noqa: T201
    elif what == "races":
        print("".join(races(args[0], Path(args[2]), int(args[1]))), end="")  # noqa: T201
    elif what == "opens":
        found = {name: opens(name, Path(args[0])) for name in SCENES}
        print(json.dumps(found))  # noqa: T201
    else:
        return _everything(int(args[0]))
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
