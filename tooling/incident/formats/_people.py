"""Who is meant: a person who is named in ten places is one finding for the reader.

So are the lists of people, which move to the frontmatter as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.diagnostic import IN_LIST, Diagnostic
from incident.text.lazy_regex import lazy

RULES = frozenset(f"INC41{number}" for number in range(1, 9))
# of a handle or nickname with the name next to it, the name: `@ihalvo ("Ines Halvorsen")`
_CALLED = lazy(r'(?:(?:@[\w.-]+|"[^"\n]+") \()?"(?P<name>[^"\n]+)"|@?(?P<handle>[\w.-]+)@?')


def keys(diagnostics: Sequence[Diagnostic]) -> dict[int, tuple[str, str]]:
    """The file and the person of each diagnostic that names one, by its number."""
    called = {number: _called(d) for number, d in enumerate(diagnostics) if d.code in RULES}
    full: dict[tuple[str, str], set[str]] = {}
    for path, name in {(diagnostics[number].path, name) for number, name in called.items()}:
        words = name.split() if name != IN_LIST else []
        for half in {words[0], words[-1]} if len(words) > 1 else ():
            full.setdefault((path, half), set()).add(name)
    found = {}
    for number, name in called.items():
        path = diagnostics[number].path
        # "Ines" is Ines Halvorsen, where no other Ines is named
        of = full.get((path, name), {name})
        found[number] = path, next(iter(of)) if len(of) == 1 else name
    return found


def _called(one: Diagnostic) -> str:
    """How a person is called in a diagnostic, in lower case; IN_LIST for those in a list."""
    if one.message.endswith(IN_LIST):
        return IN_LIST
    match = _CALLED().match(one.message)
    name = (match["name"] or match["handle"]) if match else one.message
    return " ".join(re.sub(r"['\u2019]s?(?= |\Z)", "", name).casefold().split()) or name
