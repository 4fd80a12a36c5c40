"""Jinja2 templates; a repository's own run in the sandbox, in a process with limits.

A pull request may contain a template. The sandbox keeps it away from Python, and the kernel keeps
it from looping forever or filling the memory (not on Windows).
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from incident.errors import UsageError
from incident.repository import resources
from incident.repository.path_containment import escapes

if TYPE_CHECKING:
    from jinja2 import Environment

SECONDS = 5  # of work; the templates that come with the package take milliseconds
PATIENCE = 60  # seconds by the clock, for one that waits instead of working
MEMORY = 1 << 30  # bytes, in addition to what the process has
LONGEST = 10_000_000  # characters of a template, and of its output
_HINT = "correct the template"


class Template(NamedTuple):
    """`path`: its file. `render`: its text with values. Raises UsageError with file and line."""

    path: Path
    render: Callable[..., str]


@dataclass(frozen=True)
class Templates:
    """The templates in `folder`: those of the repository at `root` win over the packaged ones.

    `words` are available in them like values. `html`: every value is escaped.
    """

    folder: str
    root: Path | None
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    words: Mapping[str, Any] = field(default_factory=dict)
    html: bool = False

    def load(self, name: str) -> Template:
        """One of them. Raises UsageError where it cannot be read."""
        self._source(name)
        return Template(self._path(name), partial(self._render, name))

    @cached_property
    def is_trusted(self) -> bool:
        """Whether all of them come with the package; the sandbox takes an eighth of a build."""
        if self.root is None or self.root.resolve() == resources.root():
            return True
        return not any((self.root / self.folder).glob("*.j2"))

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FunctionLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        def source(name: str) -> tuple[str, str, None] | None:
            if not self._path(name).is_file():
                return None
            text = self._source(name)
            self._loaded.add(name)
            return text, str(self._path(name)), None

        environment = (Environment if self.is_trusted else ImmutableSandboxedEnvironment)(
            loader=FunctionLoader(source),
            autoescape=self.html,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=not self.html,
            auto_reload=False,
        )
        environment.filters.update(self.filters)
        environment.globals.update(self.words)
        return environment

    @cached_property
    def _loaded(self) -> set[str]:
        """The names of the templates that were read."""
        return set()

    def _path(self, name: str) -> Path:
        return resources.find(self.folder, name, self.root)

    def _source(self, name: str) -> str:
        path = self._path(name)
        try:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise UsageError(f"{name} is not the name of a template", _HINT)
            if self.root and path.is_relative_to(self.root) and escapes(path, self.root):
                raise UsageError(f"{path} is outside the repository", "remove the link")
            if path.stat().st_size > LONGEST:
                raise UsageError(f"{path} is over {LONGEST / 1e6:.0f} MB", _HINT)
            return path.read_text(encoding="utf-8")
        except (OSError, RuntimeError, ValueError) as error:
            said = getattr(error, "strerror", None) or error
            raise UsageError(f"{path}: {said}", _HINT) from error

    def _render(self, name: str, /, **values: Any) -> str:
        def attempt() -> tuple[str, str]:
            return _attempt(self._environment, name, self._path(name), values)

        if self.is_trusted or sys.platform == "win32":
            text, fault = attempt()
        else:
            text, fault, loaded = _limited(lambda: (*attempt(), sorted(self._loaded)))
            for known in loaded if not fault else ():  # they compile within the limits
                self._environment.get_template(known)
        if fault:
            raise UsageError(fault if ": " in fault else f"{self._path(name)}:1: {fault}", _HINT)
        return text


def load(
    folder: str,
    name: str,
    root: Path,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    words: Mapping[str, Any] | None = None,
) -> Template:
    """The template `folder/name`. Raises UsageError where it cannot be read."""
    return Templates(folder, root, filters or {}, words or {}).load(name)


def _attempt(
    environment: Environment, name: str, path: Path, values: Mapping[str, Any]
) -> tuple[str, str]:
    """The text and "", or "" and `file:line: what is wrong`."""
    try:
        return environment.get_template(name).render(values), ""
    except UsageError as error:
        return "", f"{_place(error, path)}: {error.message}"
    except Exception as error:  # anything a custom template does
        return "", f"{_place(error, path)}: {str(error) or type(error).__name__}"


def _place(error: Exception, path: Path) -> str:
    """File and line of the template in which it happened."""
    file, line = str(path), 1
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename.endswith(".j2"):
            file, line = frame.f_code.co_filename, number
    return f"{getattr(error, 'filename', None) or file}:{getattr(error, 'lineno', None) or line}"


def _limited(attempt: Callable[[], tuple[str, str, list[str]]]) -> tuple[str, str, list[str]]:
    """The outcome of `attempt` in a child that has only so many seconds and so much memory."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which do not matter here
        child = os.fork()
    if not child:
        try:
            os.close(read)
            _bound()
            text, fault, loaded = attempt()
            if len(text) > LONGEST:
                text, fault = "", f"renders over {LONGEST / 1e6:.0f} MB"
            with open(write, "w", encoding="utf-8", errors="surrogatepass") as pipe:
                json.dump([text, fault, loaded], pipe)
        finally:
            os._exit(0)
    os.close(write)
    raw = _all_of(read, PATIENCE)
    os.close(read)
    if raw is None:
        os.kill(child, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "", f"takes over {SECONDS if raw is not None else PATIENCE} s", []
    if code or not raw:
        return "", "takes too much memory or is nested too deeply", []
    text, fault, loaded = json.loads(raw)
    return text, fault, loaded


def _all_of(pipe: int, seconds: float) -> bytes | None:
    """Everything until its other end is closed; None where that takes longer."""
    ready = select.poll()
    ready.register(pipe, select.POLLIN | select.POLLHUP)
    end = time.monotonic() + seconds
    parts: list[bytes] = []
    while ready.poll(max(0.0, end - time.monotonic()) * 1000):
        if not (part := os.read(pipe, 1 << 16)):
            return b"".join(parts)
        parts.append(part)
    return None


def _bound() -> None:
    import resource

    has = 0
    with contextlib.suppress(OSError, ValueError):  # not on macOS
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
        has = int(pages) * resource.getpagesize()
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_AS, has + MEMORY),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))
