"""No first name stands in the text.

A first name in passing ("thanks to", "asked", "with") points at somebody as much as a full one
does. If it is the name of a server, a product or a partner, add it to `names.allow` of the
configuration; a word that stands as code anywhere in the document is known to be a system.

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


@rule(code="INC416", level=Level.WARNING, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report what `_names` found of this kind, where the roster does not know it."""
    for person, shown in elsewhere(context, BARE):
        fact = f'"{shown}" may be a first name'
        hint = "say the role; if it is a system, add it to names.allow"
        yield Finding(person.start, person.end, fact, hint)
