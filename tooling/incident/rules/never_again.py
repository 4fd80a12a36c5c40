"""The text doesn't promise that it will never happen again.

Such a promise is hard to keep and doesn't say what changed. Readers trust a control more: which
test, alert or limit reduces the risk, and how will we know that it works?

Quotations and block quotes are not reported. "Prevent this from happening again" is a promise too;
"measures to prevent similar incidents" is an aim, and is not reported.

## Fails

```markdown
## Root cause

The filter compared names. We have fixed it, so this will never happen again.
```

```markdown
## What went badly

The runbook was out of date; we will make sure that it does not happen again.
```

```markdown
## Resolution and data repair

The constraint is in place. A double billing is now impossible.
```

```markdown
## Lessons learned

From now on no wrong figure will reach the board.
```

## Passes

```markdown
## What went badly

The runbook was out of date. AI-2 checks it against the schema on every change. The drop did not
happen again in the week after. The vendor wrote "this will never happen again".
```

```markdown
## Lessons learned

We agreed on measures to prevent similar incidents from occurring.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_RECUR = r"(?:happens?(?:\s+\w+){0,3}?\s+again|occurs?(?:\s+\w+){0,3}?\s+again|re-?occurs?|recurs?|be\s+repeated)"
_PROMISE = lazy(
    rf"\b(?:will\s+(?:not|never)|won['\u2019]?t|can(?:not|\s+never|\s+no\s+longer)|can['\u2019]?t|"
    rf"(?:must|shall)\s+(?:not|never))(?:\s+ever)?\s+{_RECUR}\b"
    r"|\bnever\s+(?:happens?|occurs?)\s+again\b|\bnever\s+re-?(?:oc)?curs?\b"
    r"|\b(?:ensur(?:e[sd]?|ing)|(?:make|makes|made|making)\s+(?:\w+\s+)?sure)\b[^.!?\0]{1,120}?"
    r"\b(?:does\s+not|doesn['\u2019]?t|do\s+not|don['\u2019]?t|never|not)\s+"
    r"(?:(?:happens?|occurs?)\s+(?:again|in\s+(?:the\s+)?future)|re-?occurs?|recurs?)\b"
    r"|\b(?<!steps to )(?<!measures to )(?<!actions to )(?<!controls to )(?<!ways to )(?<!do to )"
    r"prevent(?:s|ed|ing)?\s+(?!(?:\w+\s+|\W+)?(?:prevent\s+)?(?:similar|such|incidents)\b)[^.!?\0]{0,60}?\bfrom\s+(?:ever\s+)?"
    r"(?:(?:happening|occurring)(?:\s+(?:again|in\s+(?:the\s+)?future))?|re-?(?:oc)?curring)\b"
    r"|\bwill\s+prevent\s+[^.!?\0]{1,60}?\b(?:in\s+(?:the\s+)?future|again|going\s+forward)\b"
    r"|\bguarantees?\s+(?:that\s+)?(?:this|it|no|we|nothing|never)\b|\bwe\s+(?:can\s+)?guarantee\b"
    r"|\b(?:is|are)\s+(?:now|from\s+now\s+on)\s+(?:\w+ly\s+)?(?:impossible|(?:ruled\s+out)|a\s+thing\s+of\s+the\s+past)\b"
    r"|\b(?:made|makes)\s+(?:it|this|such\s+\w+|(?:an?|the)\s+(?:repeat|recurrence)(?:\s+\w+)?)\s+impossible\b(?!\s+(?:to|for)\b)"
    r"|\bfrom\s+(?:now\s+on|today(?:\s+on)?|this\s+day\s+on|here\s+on),?\s+(?:no|nothing|nobody|never)\b"
    r"|\bonce\s+and\s+for\s+all\b|\b(?:zero|no)\s+(?:chance|risk|possibility)\s+(?:of|that)\s+(?:this|it|a\s+(?:repeat|recurrence)|another)\b"
    r"|\bnever\s+again\s+(?:will|can|shall)\b|\bcan(?:not|['\u2019]t)\s+(?:go\s+down|fail|break),?\s+ever\b",
    re.IGNORECASE,
)
_ASKED = lazy(r"[^.!?\n]{0,60}\?")  # "how do we prevent …?" promises nothing
_WORDS = any_of(
    """
    again recur recurs recurring reoccur reoccurs occur repeated prevent prevents prevented
    preventing future guarantee guarantees impossible ruled past today now day here once chance
    risk possibility ever
    """
)
_NEAR = lazy(
    r"\b(?:again|re-?(?:oc)?cur|(?<=re-)occur|(?<=be\s)repeated|prevent|future|guarantee|impossible|"
    r"ruled\s+out|past\b|(?:today|now|day|here)(?:,|\s)|once\s+and\b|(?:chance|risk|possibility)\s|"
    r"(?<=,\s)ever\b)"
)


@rule(code="INC426", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report promises outside quotations."""
    for match in hits(context, _WORDS, _PROMISE, deniable=False, around=200, near=_NEAR):
        if _ASKED().match(context.prose, match.end()):
            continue
        fact = f'"{said(match)}" is a promise that is hard to keep'
        hint = "name the control that reduces the risk, and how we will know that it works"
        several = Several("{} promises are hard to keep", f'"{said(match)}"')
        yield Finding(*match.span(), fact, hint, several=several)
