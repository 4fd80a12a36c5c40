"""The text doesn't call an action a mistake.

"Accidentally", "wrongly", "by mistake" and "an oversight" assign blame by outcome: at the time, the
action looked right. Often it's enough to drop the word: "the table was dropped". Better still,
explain what made it look right.

## Fails

```markdown
## Root cause

The staging schema was accidentally dropped while the other schema of the same name was cleaned up.
```

## Passes

```markdown
## Root cause

The staging schema was dropped: both schemas have the same name, and the prompt shows no host.
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
    r"\b(?:mistaken(?:ly)?\s+(?!(?:for|identity)\b)\w+|(?:accidentally|inadvertently|erroneously|unintentionally|wrongly|"
    r"wrongfully|unwittingly|unknowingly|absent-?mindedly)\s+\w+|\w+\s+(?:accidentally|inadvertently|erroneously|by accident)\b|"
    r"by\s+mistake|(?:an?|the|our|this|my)\s+(?:\w+\s+)?oversight|made\s+(?:an?|the|this|some)?\s*(?:\w+\s+)?mistakes?|"
    r"(?:an?|the|our|his|her|their|my)\s+(?:\w+\s+)?mistake)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    mistaken mistakenly accidentally inadvertently erroneously unintentionally wrongly
    wrongfully unwittingly unknowingly absentmindedly mistake mistakes oversight accident
    """
)


@rule(code="INC425", level=Level.WARNING, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words that call an action a mistake."""
    for match in hits(context, _WORDS, _PATTERN):
        fact = f'"{said(match)}" assigns blame by outcome'
        yield Finding(*match.span(), fact, "drop the word, or explain what made it look right")
