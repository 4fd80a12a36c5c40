"""Runs queries through the team's own dbt or SQLMesh: its profile, its warehouse, its login.

Where its Python is known, it starts once for all queries (`in_dbt`); otherwise `dbt show` runs once
for each. A query that takes too long is canceled, and the rest goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from incident.errors import IncidentError, UsageError
from incident.investigation import in_dbt, shown_json
from incident.text.lazy_regex import lazy
from incident.text.untrusted_text import cut
from incident.text.values import mapping, mappings

START = 600.0  # seconds for a large project to be parsed
_ALONE = 120.0  # for `dbt show` to start
_PATIENCE = 10.0  # for a canceled query
_TAIL = 40  # lines of output that may explain a failure
_MARK = "incident-numbers:"
_PYTHON = lazy(r"#!\s*(?P<path>/[^\s\"']*python[\d.]*)\s*$")
_LONG = lazy(r"'''exec'\s+\"?(?P<path>/[^\"]*?python[\d.]*)\"?\s")  # pip's, of a long path
# without the folder of the project, whose files could have the names of modules
_LOADER = "import sys; sys.path[:] = filter(None, sys.path); exec(sys.argv[1])"


@dataclass(frozen=True)
class Tool:
    """`command`: how it is called. `project`: the folder it runs in. `target`: of dbt, or ""."""

    name: Literal["dbt", "sqlmesh"]
    command: str
    project: Path
    target: str = ""


class Limits(NamedTuple):
    """Of one query: rows of its result, and seconds."""

    rows: int
    seconds: float


class Outcome(NamedTuple):
    """What a query gave: `rows`, or `error`. `bytes`: that the warehouse read, if it says so."""

    number: int
    rows: list[dict[str, Any]]
    seconds: float
    bytes: int | None = None
    error: str = ""


def run(
    tool: Tool, queries: Sequence[str], limits: Limits, checks: Sequence[str] = ()
) -> Generator[Outcome, None, None]:
    """The outcome of each query, in order.

    `checks`: a template of dbt for each query, which may stop it before it runs. Raises UsageError
    if the tool is not there, IncidentError if it can't start.
    """
    words = shlex.split(tool.command)
    program = shutil.which(words[0]) if words else None
    if program is None:
        fact = f"`{tool.command}` was not found"
        raise UsageError(fact, f"activate its environment, or name it with --{tool.name}")
    texts = list(queries)
    if tool.name == "dbt":
        before = checks or [""] * len(texts)
        texts = [check + _plain(sql) for check, sql in zip(before, texts, strict=True)]
    program = str(Path(program).absolute())  # it runs in another folder
    python = _python(Path(program)) if len(words) == 1 else ""
    left = dict(enumerate(texts))
    while left and python:
        session = _Session(tool, python, list(left.values()), limits)
        numbers = list(left)
        for one in session.outcomes():
            del left[numbers[one.number]]
            yield one._replace(number=numbers[one.number])
        if len(left) == len(numbers):
            if session.is_missing and tool.name == "dbt":
                break  # another Python has dbt, or a version without a runner
            check = "debug" if tool.name == "dbt" else "info"
            fact = f"{tool.name} could not start: {session.reason}"
            raise IncidentError(fact, f"run `{tool.command} {check}` in {tool.project}")
    if left and tool.name == "sqlmesh":
        fact = f"the Python of `{tool.command}` is not known"
        raise UsageError(fact, "name the `sqlmesh` command of its virtual environment: --sqlmesh")
    for number, sql in left.items():
        yield _show(tool, [program, *words[1:]], number, sql, limits)


def _plain(sql: str) -> str:
    """SQL in which dbt finds no template."""
    return sql.replace("{", "{{ '{' }}")


def _python(program: Path) -> str:
    """The Python of a command that pip or uv installed; "" if it is another kind of program."""
    try:
        with program.open("rb") as file:
            lines = file.read(2000).decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    first = _PYTHON().match(lines[0]) if lines else None
    second = (
        _LONG().match(lines[1]) if len(lines) > 1 and lines[0].startswith("#!/bin/sh") else None
    )
    found = first or second
    return found["path"] if found and os.access(found["path"], os.X_OK) else ""


class _Session:
    """One start of the tool."""

    def __init__(self, tool: Tool, python: str, queries: list[str], limits: Limits) -> None:
        self._queries, self._limits = queries, limits
        self._tail: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        source = Path(in_dbt.__file__).read_text(encoding="utf-8")
        self._process = _start([python, "-c", _LOADER, source], tool.project)
        self._asked = json.dumps(
            {
                "tool": tool.name,
                "mark": _MARK,
                "queries": queries,
                "limit": limits.rows,
                "project": str(tool.project),
                "target": tool.target,
                "options": _options(tool),
            }
        )

    def outcomes(self) -> Iterator[Outcome]:
        """What the queries gave, up to one that takes too long."""
        pump = threading.Thread(target=self._pump, daemon=True)
        pump.start()
        current = -1
        try:
            deadline = time.monotonic() + START
            while (line := self._next(deadline)) is not None:
                value = _marked(line)
                if value is None:
                    self._tail = [*self._tail, line][-_TAIL:]
                elif "query" in value:
                    current = -1
                    yield _outcome(value)
                else:
                    current = value.get("start", -1)
                    deadline = time.monotonic() + self._limits.seconds
            if current >= 0:
                seconds = self._limits.seconds
                is_late = time.monotonic() >= deadline
                why = f"canceled: it took over {seconds:g} s" if is_late else self.reason
                yield Outcome(current, [], seconds, error=why)
        finally:
            _stop(self._process)
            pump.join(_PATIENCE)

    @property
    def is_missing(self) -> bool:
        """Whether that Python has no runner."""
        return any("No module named" in line or "cannot import name" in line for line in self._tail)

    @property
    def reason(self) -> str:
        """The last words of the tool."""
        lines = [line.strip() for line in self._tail if line.strip()]
        listed: list[str] = []
        while len(lines) > 1 and lines[-1].startswith("- "):  # choices, after what is wrong
            listed.insert(0, lines.pop().removeprefix("- "))
        words = [*lines[-1:], ", ".join(listed)]
        return cut(" ".join(words).strip(), 300) or "it printed nothing"

    def _pump(self) -> None:
        """Feed the tool, and read its output as it comes."""
        assert self._process.stdin and self._process.stdout
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(self._asked)
            self._process.stdin.close()
        with contextlib.suppress(OSError, ValueError), self._process.stdout:
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _next(self, deadline: float) -> str | None:
        """The next line; None at the end, or when the time is over."""
        try:
            return self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None


def _options(tool: Tool) -> list[str]:
    target = ["--target", tool.target] if tool.target else []
    return ["--project-dir", str(tool.project), *target]


def _marked(line: str) -> dict[str, Any] | None:
    if not line.startswith(_MARK):
        return None
    try:
        return mapping(json.loads(line.removeprefix(_MARK)))
    except ValueError:
        return None


def _outcome(value: dict[str, Any]) -> Outcome:
    size = value.get("bytes")
    seconds = value.get("seconds")
    return Outcome(
        value["query"],
        mappings(value.get("rows")),
        float(seconds) if isinstance(seconds, (int, float)) else 0.0,
        size if isinstance(size, int) and not isinstance(size, bool) else None,
        _words(str(value.get("error") or "")),
    )


def _words(error: str) -> str:
    """An error of a warehouse in one line, without the query."""
    lines = [line.strip() for line in error.splitlines()]
    kept = [line for line in lines if line and not line.startswith(("LINE ", "^", "compiled code"))]
    return cut(" ".join(kept), 300)


def _show(tool: Tool, command: list[str], number: int, sql: str, limits: Limits) -> Outcome:
    """One query with `dbt show`, for a dbt whose Python is not known."""
    options = ["--inline", sql, "--output", "json", "--limit", str(limits.rows), *_options(tool)]
    began = time.monotonic()
    with _start([*command, "show", *options, "--log-format", "json"], tool.project) as process:
        try:
            out, _ = process.communicate("", timeout=limits.seconds + _ALONE)
        except subprocess.TimeoutExpired:
            fact = f"canceled: it took over {limits.seconds:g} s, and {_ALONE:g} s for dbt to start"
            return Outcome(number, [], time.monotonic() - began, error=fact)
        finally:
            _stop(process)
    rows, error = shown_json.read(out)
    if process.returncode and not error:
        error = f"dbt ended with exit code {process.returncode}"
    return Outcome(number, [] if error else rows, time.monotonic() - began, error=_words(error))


def _start(command: list[str], folder: Path) -> subprocess.Popen[str]:
    """Start a command of its own group, so that Ctrl-C reaches it only through `_stop`."""
    is_posix = sys.platform != "win32"
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"}
    environment["DBT_WRITE_JSON"] = "False"  # run_results.json stays that of the failing run
    return subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=is_posix,
    )


def _stop(process: subprocess.Popen[str]) -> None:
    """End a command: first as Ctrl-C does, so that the warehouse cancels its query."""
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.terminate()
        else:
            os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        process.wait()
