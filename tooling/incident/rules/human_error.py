"""Human error is not a cause.

A slip is where the analysis starts, not where it ends: the next person in the same place will slip
too. What made it easy? A missing check, an unclear runbook, a risky default, two similar names? Text
that rejects it ("human error is never a root cause") is not reported.

## Fails

```markdown
## Root cause

Human error: the wrong filter was merged on Friday evening before the nightly run began.
```

```markdown
## Contributing factors

The load was started twice due to operator error.
```

## Passes

```markdown
## Root cause

The deploy tool asks for a date in two formats; operator error is never a root cause here, so we
looked at why both were accepted.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.text.lazy_regex import lazy

_WORDS = frozenset({"error", "errors", "mistake", "mistakes", "failure", "pebkac", "slip"})
_PATTERN = lazy(
    r"\b(?:human|operator|user|manual|pilot|developer|engineer|engineering|analyst|admin|"
    r"administrator|fat[- ]finger(?:ed)?|copy[- ]?(?:and[- ])?paste)[- ](?:error|mistake|failure|slip)s?\b"
    r"|\b(?:error|mistake|slip)s?\s+(?:by|of|on the part of|from)\s+(?:the|an?|our|one of)\s+(?:\w+\s+)?"
    r"(?:engineer|developer|analyst|operator|team|colleague|admin|contractor|intern)s?\b"
    r"|\bPEBKAC\b",
    re.IGNORECASE,
)
# technical terms, not explanations: "user errors are logged", "manual error handling"
_SYSTEM = lazy(
    r"\s*(?:handling|handler|messages?|logs?|codes?|rates?|pages?|counts?|class|type|budgets?|"
    r"responses?|reports?|tracking|boundar|"
    r"(?:is|are|was|were|get|gets)\s+(?:logged|returned|shown|counted|reported|handled|raised))\b",
    re.IGNORECASE,
)


@rule(code="INC421", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report human error as an explanation."""
    for match in hits(context, _WORDS, _PATTERN):
        if not _SYSTEM().match(context.prose, match.end()):
            fact = f'"{said(match)}" is not a root cause'
            hint = "explain what made it easy: a missing check, an unclear runbook, a risky default"
            several = Several("{} phrases are not a root cause", f'"{said(match)}"')
            yield Finding(*match.span(), fact, hint, several=several)
