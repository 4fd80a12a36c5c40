"""Who acts in the text is a role, not a first name.

"Katarzyna reverted the filter" is read as a judgement of Katarzyna, even when it is meant as
praise. "The on-call engineer reverted the filter" tells the same story, and it is still right when
another person is on call.

## Fails

```markdown
## What went well

- Katarzyna noticed the drop within minutes and reverted the filter before the next run of the load.
```

## Passes

```markdown
## What went well

- On call noticed the drop within minutes and restarted Katarina, the server that holds the cache.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import ACTING
from incident.rules._roster_matches import elsewhere


@rule(code="INC415", level=Level.ERROR, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report what `_names` found of this kind, where the roster does not know it."""
    for person, shown in elsewhere(context, ACTING):
        fact = f'"{shown}" seems to be a person who acts'
        hint = 'try the role: "the responder", "the reviewer"'
        level = None if person.sure else Level.WARNING
        yield Finding(person.start, person.end, fact, hint, level)
