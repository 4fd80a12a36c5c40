"""How much a finding matters to a reviewer; the only definition of it.

What blocks comes first, then what someone would act on, in this order, then style.
"""

from __future__ import annotations

from enum import IntEnum


class Importance(IntEnum):
    """The subject of a rule, the most important first."""

    LEAK = 0  # harm that grows while the text is public
    FACT = 1  # what happened, to whom, why; ids, times, assets
    ACTION = 2
    PERSON = 3
    LANGUAGE = 4
    FILE = 5  # the file and its suppressions
    STYLE = 6


_FAMILIES = {
    "INC0": Importance.FILE,
    "INC1": Importance.FACT,
    "INC2": Importance.FACT,
    "INC3": Importance.ACTION,
    "INC41": Importance.PERSON,
    "INC42": Importance.LANGUAGE,
    "INC43": Importance.LANGUAGE,
    "INC5": Importance.FACT,
    "INC6": Importance.FACT,
}


def of_code(code: str) -> Importance:
    """The importance of a code's family; unknown ones count as facts."""
    return _FAMILIES.get(code[:5]) or _FAMILIES.get(code[:4], Importance.FACT)
