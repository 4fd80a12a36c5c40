"""Regular expressions compiled on first use.

Compiling those of all rules takes longer than checking a document with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

Compile = Callable[[str, int], re.Pattern[str]]
_compile: Compile = re.compile


def lazy(pattern: str, flags: int = 0) -> partial[re.Pattern[str]]:
    """A function that returns the compiled pattern."""
    return partial(_compiled, pattern, int(flags))  # an int is a quicker key than a RegexFlag


@cache
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    return _compile(pattern, flags)


def compile_with(other: Compile) -> None:
    """Compile from now on with `other` instead of `re.compile`."""
    global _compile
    _compile = other
