"""Regular expressions compiled on first use.

Compiling those of all rules takes longer than checking a document with them.
"""

from __future__ import annotations

import re
from functools import cache, partial

_compiled = cache(re.compile)


def lazy(pattern: str, flags: int = 0) -> partial[re.Pattern[str]]:
    """A function that returns the compiled pattern."""
    return partial(_compiled, pattern, int(flags))  # an int is a quicker key than a RegexFlag
