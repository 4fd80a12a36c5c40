"""Regular expressions that are compiled when they are first used.

Compiling those of all rules takes longer than judging a document with them.
"""

from __future__ import annotations

import re
from typing import Any, cast


class _Lazy:
    def __init__(self, pattern: str, flags: int) -> None:
        self.source = (pattern, flags)

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(*self.source)
        for method in ("search", "match", "fullmatch", "finditer", "findall", "sub", "split"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` gives, without the work as long as nobody uses it."""
    return cast("re.Pattern[str]", _Lazy(pattern, flags))
