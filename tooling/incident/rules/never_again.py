"""No promise that it will never happen again.

A promise is hard to keep, and tells nobody what was changed. Readers trust a control more: which
test, alert or limit lowers the chance, and how will we know that it works?

Quotations and block quotes are left alone.

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
from incident.patterns import lazy
from incident.rules import Context, Found, rule

_PROMISE = lazy(
    r"\b(?:will\s+(?:not|never)|won['\u2019]?t|can(?:not|\s+never)|can['\u2019]?t|"
    r"(?:must|shall)\s+(?:not|never))(?:\s+ever)?\s+"
    r"(?:happen(?:\s+\w+){0,3}?\s+again|occur(?:\s+\w+){0,3}?\s+again|recur)\b"
    r"|\bnever\s+(?:happens?|occurs?)\s+again\b|\bnever\s+recurs?\b"
    r"|\b(?:ensur(?:e[sd]?|ing)|(?:make|makes|made|making)\s+(?:\w+\s+)?sure)\b[^.!?]{1,120}?"
    r"\b(?:does\s+not|doesn['\u2019]?t|do\s+not|don['\u2019]?t|never)\s+(?:happens?|occurs?)\s+again\b",
    re.IGNORECASE,
)


@rule(code="INC426", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Found]:
    """Report promises, in the writer's own words."""
    for offset, text in context.passages:
        lowered = text.lower()
        if "again" not in lowered and "recur" not in lowered:
            continue
        for match in _PROMISE.finditer(text):
            if not _is_quoted(text[max(0, match.start() - 400) : match.start()], offset == 0):
                said = " ".join(match[0].split())
                fact = f'"{said[:60]}" is a promise that is hard to keep'
                hint = "name the control that lowers the chance, and how we will know that it works"
                yield Found(offset + match.start(), offset + match.end(), fact, hint)


def _is_quoted(before: str, in_body: bool) -> bool:
    """Whether a quotation is open at the end of `before`, or its line is a block quote."""
    paragraph = re.split(r"\n[ \t]*\r?\n", before)[-1]
    if paragraph.rpartition("\n")[2].lstrip()[:1] == ">":
        return True
    # a value of the frontmatter stands in straight quotes itself
    straight = in_body and paragraph.count('"') % 2 == 1
    return straight or paragraph.count("\u201c") > paragraph.count("\u201d")
