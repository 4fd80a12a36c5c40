"""Templates of Jinja2, in its sandbox; those of a repository in a process with limits.

The sandbox keeps a template away from Python. It keeps none from looping for ever or from filling
the memory, and a pull request may bring a template: so the kernel does (not on Windows).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from incident.errors import UsageError
from incident.repository import resources
from incident.repository.path_containment import leads_out

SECONDS = 5  # of work; the templates that come with the package take milliseconds
MEMORY = 1 << 30  # bytes, beside what the process has
LONGEST = 10_000_000  # characters of a template, and of what it gives
_HINT = "correct the template"

Render = Callable[[Mapping[str, Any]], str]


class Template(NamedTuple):
    """`path`: where it is. `render`: its text with values. Raises UsageError with file and line."""

    path: Path
    render: Callable[..., str]


def load(
    folder: str,
    name: str,
    root: Path,
    filters: Mapping[str, Callable[..., Any]] | None = None,
    words: Mapping[str, Any] | None = None,
) -> Template:
    """The template `folder/name`: of the repository at `root`, else the packaged one.

    `words` may be used in it like values. Raises UsageError where it cannot be read.
    """
    path = resources.find(folder, name, root)
    source = _source(path, root)
    compiled: list[Any] = []

    def plain(values: Mapping[str, Any]) -> str:
        if not compiled:
            compiled.append(_compiled(source, filters or {}, words or {}))
        text: str = compiled[0].render(values)
        return text

    is_own = not path.is_relative_to(resources.root())
    attempt = _limited if is_own and sys.platform != "win32" else _tried

    def render(**values: Any) -> str:
        text, fault = attempt(plain, values)
        if fault:
            raise UsageError(f"{path}:{fault}", _HINT)
        return text

    return Template(path, render)


def _source(path: Path, root: Path) -> str:
    try:
        if leads_out(path, root):
            raise UsageError(f"{path} leads out of the repository", "remove the link")
        if path.stat().st_size > LONGEST:
            raise UsageError(f"{path} is over {LONGEST / 1e6:.0f} MB", _HINT)
        return path.read_text(encoding="utf-8")
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{path}: {getattr(error, 'strerror', None) or error}", _HINT) from error


def _compiled(source: str, filters: Mapping[str, Any], words: Mapping[str, Any]) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters.update(filters)
    environment.globals.update(words)
    return environment.from_string(source)


def _tried(render: Render, values: Mapping[str, Any]) -> tuple[str, str]:
    """The text and "", or "" and `line: what is wrong`."""
    try:
        return render(values), ""
    except Exception as error:  # whatever a template of others does
        said = str(error) or type(error).__name__
        return "", f"{_line(error)}: {said}"


def _line(error: Exception) -> int:
    """Where in the template it happened."""
    line = getattr(error, "lineno", None) or 1
    at = error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename == "<template>":
            line = at.tb_lineno
        at = at.tb_next
    return int(line)


def _limited(render: Render, values: Mapping[str, Any]) -> tuple[str, str]:
    """As `_tried`, in a child that has so many seconds and so much memory."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which do not matter here
        child = os.fork()
    if not child:
        try:
            os.close(read)
            _bound()
            text, fault = _tried(render, values)
            if len(text) > LONGEST:
                text, fault = "", f"1: gives over {LONGEST / 1e6:.0f} MB"
            with open(write, "w", encoding="utf-8", errors="surrogatepass") as pipe:
                json.dump([text, fault], pipe)
        finally:
            os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe_:
        raw = pipe_.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code in {-signal.SIGXCPU, -signal.SIGKILL}:
        return "", f"1: takes over {SECONDS} s"
    if code or not raw:
        return "", "1: takes too much memory, or is nested too deep"
    text, fault = json.loads(raw)
    return text, fault


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
