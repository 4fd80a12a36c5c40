"""Compiled regular expressions, kept in the user's cache from one run to the next.

Compiling them takes a quarter of the time of checking one file. In CPython, a compiled pattern is a
list of numbers that depends only on the pattern and the Python version. `re` has no way to keep it,
but the function that `re` itself calls makes a pattern from such a list, after checking it.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from incident.repository import user_cache

_MOST = 2_000  # including patterns of earlier versions; at this many, start over


class _Compiled(NamedTuple):
    """What a pattern is made of: its numbers, and other arguments of `_sre.compile`."""

    code: list[int]
    flags: int
    groups: int
    names: dict[str, int]


class Patterns:
    """The patterns in the file at `place`, read at the first use, and those that were not in it.

    The file is a line of JSON and the numbers of all patterns. In the line are, by flags and
    pattern, where its numbers begin and end, and what else `_Compiled` has.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._fresh: dict[str, _Compiled] = {}

    def compile(self, pattern: str, flags: int) -> re.Pattern[str]:
        """As `re.compile`."""
        name = f"{flags} {pattern}"
        known, numbers = self._kept
        with suppress(LookupError, TypeError, ValueError, AttributeError, RuntimeError):
            start, end, *others = known[name]
            return _made(pattern, _Compiled(numbers[start:end].tolist(), *others))
        try:
            found = self._fresh[name] = _compiled(pattern, flags)
            return _made(pattern, found)
        except (AttributeError, TypeError):  # this Python compiles patterns in another way
            self._fresh.pop(name, None)
            return re.compile(pattern, flags)

    def save(self) -> None:
        """Add the new ones to the file; errors are ignored."""
        if not self._fresh:
            return
        import json
        from array import array

        from incident.repository import atomic_files

        known, numbers = self._kept
        every = dict(known) if len(known) < _MOST else {}
        parts = [numbers.tobytes()] if every else []
        end = len(numbers) if every else 0
        for name, found in self._fresh.items():
            start, end = end, end + len(found.code)
            every[name] = [start, end, found.flags, found.groups, found.names]
            parts.append(array("I", found.code).tobytes())
        with suppress(OSError, ValueError):
            self._place.parent.mkdir(parents=True, exist_ok=True)
            head = json.dumps(every, separators=(",", ":")).encode()
            atomic_files.write_all({self._place: b"\n".join([head, b"".join(parts)])})

    @cached_property
    def _kept(self) -> tuple[dict[str, list[Any]], memoryview[int]]:
        import json  # not for `incident --version`

        with suppress(OSError, ValueError, TypeError):
            head, _, numbers = self._place.read_bytes().partition(b"\n")
            return dict(json.loads(head)), memoryview(numbers).cast("I")
        return {}, memoryview(b"").cast("I")


def patterns() -> Patterns | None:
    """Those of the user and this version of Python; None where they cannot be kept."""
    if sys.implementation.name != "cpython":
        return None
    try:
        return Patterns(user_cache.place(f"patterns-{sys.hexversion:x}-{sys.byteorder}"))
    except RuntimeError:  # no home
        return None


def _compiled(pattern: str, flags: int) -> _Compiled:
    """The first half of what `re.compile` does."""
    parsed = re._parser.parse(pattern, flags)  # type: ignore[attr-defined]
    code = re._compiler._code(parsed, flags)  # type: ignore[attr-defined]
    state = parsed.state
    return _Compiled(code, int(flags | state.flags), state.groups - 1, dict(state.groupdict))


def _made(pattern: str, found: _Compiled) -> re.Pattern[str]:
    """The other half. Raises TypeError, ValueError or RuntimeError on numbers that are invalid."""
    names: list[str | None] = [None] * (found.groups + 1)
    for name, number in found.names.items():
        names[number] = name
    made: re.Pattern[str] = re._compiler._sre.compile(  # type: ignore[attr-defined]
        pattern, found.flags, found.code, found.groups, found.names, tuple(names)
    )
    return made
