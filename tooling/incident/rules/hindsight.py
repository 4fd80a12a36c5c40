"""The text doesn't use hindsight.

"It was obvious", "should be common sense" and "the wrong call" measure what people knew by what is
known today. Describe what the dashboards showed at that moment. This is only a notice.

"Of course" and "obviously" as figures of speech are not reported, and neither is a culprit that is a
thing ("the culprit was a cached view").

## Fails

```markdown
## What went badly

- It was obvious from the dashboard that rows were missing.
```

```markdown
## Lessons learned

Anyone could have seen that the export was empty, and skipping the check was the wrong call.
```

## Passes

```markdown
## What went badly

- The dashboard showed 82 at 09:40; the page that shows the row count was not linked from it. Of
  course, the culprit was a cached view, and a restart obviously did not help.
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
    r"\b(?:(?:was|were|been|seems?|is)\s+(?:\w+\s+)?(?:obvious|evident|self-evident)(?!\s+(?:next|candidate|in)\b)"
    r"|obviously\s+(?:wrong|missing|broken|incorrect|dangerous|unsafe|a\s+(?:bad|wrong))"
    r"|(?:should|ought\s+to)\s+(?:\w+\s+)?(?:know|have\s+known|be\s+common\s+sense)"
    r"|it\s+is\s+(?:now\s+clear|clear\s+now)|common\s+sense"
    r"|any(?:one|body)\s+(?:could|would|can)\s+(?:have\s+)?(?:see|seen|know|known|notice|noticed|spot|spotted)"
    r"|plain(?:ly)?\s+(?:to\s+see|visible)|the\s+(?:warning\s+)?signs\s+were\s+(?:all\s+)?there"
    r"|(?:was|were)\s+(?:clearly\s+)?the\s+wrong\s+(?:call|decision|choice)|knew\s+better|known\s+better)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    obvious obviously evident clear know known sense anyone anybody plain plainly signs wrong
    better
    """
)
# "it was not obvious" describes what people knew
_UNKNOWN = lazy(r"\b(?:not|n['\u2019]?t|never|less|hardly|far\s+from)\b", re.IGNORECASE)


@rule(code="INC429", level=Level.NOTICE, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words of hindsight."""
    for match in hits(context, _WORDS, _PATTERN):
        if _UNKNOWN().search(match[0]):
            continue
        fact = f'"{said(match)}" is hindsight'
        several = Several("{} phrases are hindsight", f'"{said(match)}"')
        yield Finding(*match.span(), fact, "describe what was visible at the time", several=several)
