"""An unknown word that acts like a person may be a name.

No list has every name. A capitalized word in the middle of a sentence that notices, asks or decides
is a person more often than a system. If it is a team, a product or a vendor, add it to
`names.allow`.

## Fails

```markdown
## What went well

- The backfill was safe to start because Szofkacz noticed that the second table was still growing.
```

## Passes

```markdown
## What went well

- The backfill was safe to start because finance noticed that the second table was still growing.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import UNKNOWN
from incident.rules._roster_matches import elsewhere


@rule(code="INC418", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report people of this kind who are not on the roster."""
    for person, shown in elsewhere(context, UNKNOWN):
        fact = f'"{shown}" may be a person'
        hint = "use the role, or add it to names.allow"
        at = (person.start, person.end)
        fact, hint = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        yield Finding(*at, fact, hint)
