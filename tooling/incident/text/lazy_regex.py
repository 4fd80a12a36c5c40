"""Regular expressions that are compiled when they are first used.

Compiling those of all rules takes longer than checking a document with them.
"""

from __future__ import annotations

import re
from functools import cache, partial

_compiled = cache(re.compile)


def lazy(pattern: str, flags: int = 0) -> partial[re.Pattern[str]]:
    """What returns the compiled pattern when it is called."""
    return partial(_compiled, pattern, int(flags))  # an int is a quicker key than a RegexFlag
