"""The text uses roles for people who act, not first names.

"Katarzyna reverted the filter" reads like a judgment of Katarzyna, even if it is meant as praise.
"The on-call engineer reverted the filter" tells the same story, and stays true when someone else is
on call. A word that is less certainly a name is a warning. Add servers, products, partners and
people whom the text is about to `names.allow`.

## Fails

```markdown
## What went well

- Katarzyna noticed the drop within minutes and reverted the filter before the next run of the load.
```

## Passes

```markdown
## What went well

- The on-call engineer noticed the drop within minutes and restarted Katarina, the cache server.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import ACTING
from incident.rules._roster_matches import elsewhere


@rule(code="INC415", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report people of this kind who are not on the roster."""
    for person, shown in elsewhere(context, ACTING):
        fact = f'"{shown}" looks like a person\'s name'
        hint = "use the role or the team, or add a name that the text is about to names.allow"
        at = (person.start, person.end)
        fact, hint = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        level = None if person.sure else Level.WARNING
        yield Finding(*at, fact, hint, level)
