"""The text contains no first names.

A first name in passing ("thanks to", "asked", "with") identifies someone as much as a full name. If
it is a server, a product or a partner, add it to `names.allow` in the configuration; a word that is
formatted as code anywhere in the document counts as a system.

## Fails

```markdown
## What went well

- The backfill was planned with Katarzyna in ten minutes, and rebuilding one partition was enough.
```

## Passes

```markdown
## What went well

- The backfill ran on `katarzyna`: the Katarzyna cluster had free slots, one partition was enough.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import BARE
from incident.rules._roster_matches import elsewhere


@rule(code="INC416", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report people of this kind who are not on the roster."""
    for person, shown in elsewhere(context, BARE):
        fact = f'"{shown}" may be a first name'
        hint = "use the role; if it is a system, add it to names.allow"
        at = (person.start, person.end)
        fact, hint = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        yield Finding(*at, fact, hint)
