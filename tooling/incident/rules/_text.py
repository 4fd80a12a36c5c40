"""Word patterns that several rules share."""

import re

_PLACEHOLDER = re.compile(
    r"[\s<\[{(*_.?-]*(?:tbd|tba|tbc|todo|fixme|xxx+|unknown|unassigned|nobody|none|n/?a|"
    r"someone|somebody|name|owner|team-name|your[- ]team|change-?me|replace-?me|\?+|)"
    r"[\s>\]})*_.?-]*",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Whether `text` stands for a value that nobody has given yet: TBD, <owner>, ???."""
    return _PLACEHOLDER.fullmatch(text) is not None
