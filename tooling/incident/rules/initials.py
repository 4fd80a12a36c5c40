"""The text contains no initials of people.

"KJ reverted it" hides the person only from strangers. A role ("IC", "responder") tells the reader
more. Common abbreviations (PR, SRE, DBA) are recognized; add others to `names.allow`. Letters that
match no colleague, but act like a person, are a warning.

## Fails

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the nightly load ran with the new filter
- 10:30 **mitigated**: KJ reverted the filter
```

## Passes

```markdown
## Timeline

- 2025-05-14 02:05Z **started**: the nightly load ran with the new filter
- 10:30 **mitigated**: IC reverted the filter, PR 2892
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import INITIALS
from incident.rules._roster_matches import elsewhere


@rule(code="INC417", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report people of this kind who are not on the roster."""
    for person, shown in elsewhere(context, INITIALS):
        fact = f'"{shown}" looks like someone\'s initials'
        hint = 'use the role ("IC", "responder"), or add it to names.allow'
        at = (person.start, person.end)
        fact, hint = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        level = None if person.sure else Level.WARNING
        yield Finding(*at, fact, hint, level)
