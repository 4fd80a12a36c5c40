"""The text doesn't use hindsight.

"Obviously", "simply" and "should be common sense" measure the past by what is known today. Describe
what the dashboards showed at that moment. This is only a notice: the word is often just a habit.

## Fails

```markdown
## What went badly

- It was obvious from the dashboard that rows were missing.
```

## Passes

```markdown
## What went badly

- The dashboard showed 82 at 09:40; the page that shows the row count was not linked from it.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    r"\b(?:obvious(?:ly)?(?!\s+(?:next|candidate))|it\s+is\s+clear\s+now|common\s+sense|any(?:one|body)\s+(?:could|would|can)\s+(?:have\s+)?(?:see|seen|know|known)|"
    r"(?:the|our)\s+(?:real\s+)?culprit|plain(?:ly)?\s+(?:to\s+see|visible)|needless\s+to\s+say|"
    r"of\s+course)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    obvious obviously clear sense anyone anybody culprit plain plainly needless course
    """
)
_THING = re.compile(
    r"\s+(?:pr|pull|change|query|commit|line|code|was\s+an?\s+\w+\s+(?:query|job))\b", re.I
)


@rule(code="INC429", level=Level.NOTICE, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words of hindsight."""
    for match in hits(context, _WORDS, _PATTERN):
        if "culprit" in match[0].casefold() and _THING.match(context.prose, match.end()):
            continue
        fact = f'"{said(match)}" is hindsight'
        yield Finding(*match.span(), fact, "describe what was visible at the time")
