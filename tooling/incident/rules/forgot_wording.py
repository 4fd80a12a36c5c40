"""The text doesn't say that someone forgot or failed to do something.

"We forgot", "overlooked", "failed to check" and "did not follow the process" describe what a person
did not do. A helpful sentence names what was missing: "the runbook doesn't mention the second
table", "a full refresh runs without confirmation". Systems may fail to do things.

## Fails

```markdown
## Root cause

We forgot to run the backfill for the second table after the column had been renamed in the shop.
```

```markdown
## What went badly

- The engineer did not follow the runbook.
```

```markdown
## Contributing factors

We failed to consider the case of a product line without orders.
```

## Passes

```markdown
## Root cause

The runbook does not mention the second table, and the load failed to check for negative values.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._blame import PERSON, hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    rf"\b{PERSON}\s+(?:had\s+|have\s+|has\s+|also\s+|simply\s+|just\s+|completely\s+|again\s+|all\s+|both\s+)*"
    r"(?:forgot(?:ten)?|bothered\s+to|overlooked|neglected|omitted|misread|misunderst(?:ood|and)|misjudged|"
    r"misconfigured|mistyped|ignored|missed|underestimated|"
    r"fail(?:ed|s)?\s+to|"
    r"(?:did|had)(?:\s+not|n['\u2019]?t)\s+(?:\w+ly\s+|even\s+)?(?:bother|follow(?:ed)?|notice(?:d)?|"
    r"realis(?:e|ed)|realiz(?:e|ed)|think|thought|consider(?:ed)?|remember(?:ed)?|read|pay|double[- ]check|"
    r"check(?:ed)?|test(?:ed)?|verif(?:y|ied)|validate(?:d)?|communicate(?:d)?|review(?:ed)?|understand|understood|"
    r"care|account|anticipate(?:d)?|foresee|properly))\b"
    r"|\b(?:was|were|had been|been|got|is)\s+(?:simply\s+|just\s+|completely\s+|accidentally\s+)?"
    r"(?:forgotten|overlooked|neglected)\b(?!\s+(?:password|cart|offer))"
    r"|\b(?:forgot|forgetting|neglecting|failure|failing)\s+to\s+(?:run|check|test|update|add|tell|notify|"
    r"inform|communicate|review|follow|verify|validate|read|remove|set|enable|disable|consider|document|"
    r"escalate|announce|ask|include|notice)\b",
    re.IGNORECASE,
)
# "did", "had" and "failed" cover everything that can follow them
_WORDS = any_of(
    """
    bothered did didn failed failing failure fails forgetting forgot forgotten had hadn ignored
    misconfigured misjudged misread missed mistyped misunderstand misunderstood neglected
    neglecting omitted overlooked underestimated
    """
)


@rule(code="INC423", level=Level.WARNING, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report phrases about what people did not do."""
    for match in hits(context, _WORDS, _PATTERN, deniable=False):
        fact = f'"{said(match)}" describes what a person did not do'
        hint = 'name what was missing: "the runbook doesn\'t mention …", "no prompt before …"'
        yield Finding(*match.span(), fact, hint)
