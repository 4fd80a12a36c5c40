"""Contributing factors add to the root cause.

The root cause explains this incident. The factors let it through or made it worse, and will do so
again with another cause: a sample without the edge case, an alert nobody reads, a deploy on the
last day of the quarter. They are often the better lever. Repeating the root cause here loses them.

## Fails

```markdown
## Contributing factors

The filter compared the beginning of a name where it should compare the key of a product line.
```

```markdown
## Contributing factors

None.
```

## Passes

```markdown
## Contributing factors

- The staging sample has no product line younger than a year.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._sections import is_empty

_MIN_WORDS = 5
_SAME = 0.8


@rule(code="INC210", level=Level.WARNING, since="0.1.0", since_status="published", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report factors that are too short or repeat the root cause."""
    document = context.document
    section = document.by_key.get("contributing_factors")
    if section is None or is_empty(document, section):
        return
    at = (section.start, section.heading_end)
    factors = [word.casefold() for word in words(document.section_text("contributing_factors"))]
    cause = {word.casefold() for word in words(document.section_text("root_cause"))}
    hint = "add what let it through or made it worse: a sample, an alert, a habit, a deadline"
    if len(factors) < _MIN_WORDS:
        fact = f'section "{section.title}" has {len(factors)} words (at least {_MIN_WORDS})'
        yield Finding(*at, fact, hint)
    elif sum(word in cause for word in factors) >= _SAME * len(factors):
        yield Finding(*at, f'section "{section.title}" repeats the root cause', hint)
