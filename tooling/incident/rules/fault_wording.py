"""The text doesn't assign fault.

"At fault", "to blame" and "responsible for the outage" ask who. Ask what instead: which condition
let this through? Disk faults, and teams responsible for a table, are not reported.

## Fails

```markdown
## Root cause

The vendor's team is to blame: the column was renamed without notice on the first day of the month.
```

## Passes

```markdown
## Root cause

A segmentation fault in the driver; nobody is to blame, and finance is responsible for the default.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    r"\b(?:(?:was|were|is|are|be|been)\s+(?:entirely\s+|partly\s+|solely\s+|clearly\s+)?(?:at\s+fault|to\s+blame|guilty)"
    r"|(?:our|his|her|their|my|your|[A-Za-z]+['\u2019]s)\s+(?:own\s+)?fault(?!\s*(?:tolera|line|inject|domain|code|handler|in\s+the\s+(?:disk|network|power)|\w*\s*(?:was|which|that)\s+(?:in|over)))\b"
    r"|blam(?:e|ed|ing)\s+(?:the\s+|our\s+|an?\s+|one\s+)?(?:\w+\s+)?(?:team|engineer|developer|analyst|vendor|operator|person|him|her|them|us|me)"
    r"|(?:take|takes|took|bear|bears|accept|accepts|share|shares)\s+(?:full\s+|the\s+|all\s+)*(?:blame|responsibility)"
    r"|(?:sole|solely|directly|personally|ultimately)\s+responsible\s+for\s+(?:the|this)\s+(?:\w+\s+)?(?:incident|outage|error|failure|problem|mistake|loss|issue)"
    r"|held\s+accountable)\b",
    re.IGNORECASE,
)
_INANIMATE = lazy(
    r"\b\w*(?:thing|which|that|what|disk|host|node|network|system)\s+$", re.IGNORECASE
)
_WORDS = any_of(
    """
    fault blame blamed blaming guilty responsible responsibility accountable
    """
)


@rule(code="INC428", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report phrases that assign fault."""
    for match in hits(context, _WORDS, _PATTERN):
        if _INANIMATE().search(context.prose[max(0, match.start() - 40) : match.start()]):
            continue
        fact = f'"{said(match)}" assigns fault'
        hint = "replace who with what: which condition let this through?"
        several = Several("{} phrases assign fault", f'"{said(match)}"')
        yield Finding(*match.span(), fact, hint, several=several)
