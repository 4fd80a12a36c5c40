"""The text contains no full names.

A first and last name identify a person, even one who is not on the roster: a former colleague, a
vendor's support agent, a contractor. Use the role ("a data engineer", "the vendor's support"), or
name the change instead ("PR 2891 was merged"). A name that could also be a
server, a product or a partner is a warning; add those to `names.allow`. A list of people is
reported once: it belongs in `roles` or `observers`. A name that the document gives to a product
elsewhere ("Katarzyna CSI", "Katarzyna Cloud") is not reported.

## Fails

```markdown
## Timeline

- 2025-05-14 09:40Z **detected**: Katarzyna Wolniak compared the dashboard with the shop's report
```

## Passes

```markdown
## Timeline

- 2025-05-14 09:40Z **detected**: finance compared the dashboard with the report of the Grace Hopper cluster
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._name_shapes import FULL
from incident.rules._roster_matches import elsewhere


@rule(code="INC414", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report people of this kind who are not on the roster."""
    for person, shown in elsewhere(context, FULL):
        fact = f'"{shown}" looks like a person\'s name'
        hint = 'use the role ("a data engineer"), or name the change: "PR 2891 was merged"'
        at = (person.start, person.end)
        fact, hint = context.name_places.advice(*at, f'"{shown}"', fact, hint)
        level = None if person.sure else Level.WARNING
        yield Finding(*at, fact, hint, level)
