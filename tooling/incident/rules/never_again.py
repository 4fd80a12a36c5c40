"""The text doesn't promise that it will never happen again.

Such a promise is hard to keep and doesn't say what changed. Readers trust a control more: which
test, alert or limit reduces the risk, and how will we know that it works?

Quotations and block quotes are not reported. "Prevent this from happening again" is a promise too.

## Fails

```markdown
## Root cause

The filter compared names. We have fixed it, so this will never happen again.
```

```markdown
## What went badly

The runbook was out of date; we will make sure that it does not happen again.
```

## Passes

```markdown
## What went badly

The runbook was out of date. AI-2 checks it against the schema on every change. The drop did not
happen again in the week after. The vendor wrote "this will never happen again".
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.text.lazy_regex import lazy

_PROMISE = lazy(
    r"\b(?:will\s+(?:not|never)|won['\u2019]?t|can(?:not|\s+never)|can['\u2019]?t|"
    r"(?:must|shall)\s+(?:not|never))(?:\s+ever)?\s+"
    r"(?:happen(?:\s+\w+){0,3}?\s+again|occur(?:\s+\w+){0,3}?\s+again|recur)\b"
    r"|\bnever\s+(?:happens?|occurs?)\s+again\b|\bnever\s+recurs?\b"
    r"|\b(?:ensur(?:e[sd]?|ing)|(?:make|makes|made|making)\s+(?:\w+\s+)?sure)\b[^.!?\0]{1,120}?"
    r"\b(?:does\s+not|doesn['\u2019]?t|do\s+not|don['\u2019]?t|never|not)\s+"
    r"(?:happens?|occurs?)\s+(?:again|in\s+(?:the\s+)?future)\b"
    r"|\bprevent(?:s|ed|ing)?\s+[^.!?\0]{0,60}?\bfrom\s+(?:ever\s+)?(?:happening|occurring|recurring)"
    r"(?:\s+(?:again|in\s+(?:the\s+)?future))?\b"
    r"|\bwill\s+prevent\s+[^.!?\0]{1,60}?\b(?:in\s+(?:the\s+)?future|again|going\s+forward)\b"
    r"|\bguarantee[sd]?\s+(?:that\s+)?(?:this|it|no)\b",
    re.IGNORECASE,
)
_WORDS = frozenset(
    ["again", "recur", "recurs", "recurring", "prevent", "future", "guarantee", "guarantees"]
)


@rule(code="INC426", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report promises outside quotations."""
    for match in hits(context, _WORDS, _PROMISE, deniable=False, around=200):
        fact = f'"{said(match)}" is a promise that is hard to keep'
        hint = "name the control that reduces the risk, and how we will know that it works"
        yield Finding(*match.span(), fact, hint)
