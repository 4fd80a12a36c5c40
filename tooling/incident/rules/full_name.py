"""No full name stands in the text.

A first and a last name mean a person, also where no roster knows them: a former colleague, a
vendor's support, a contractor. Say the role ("a data engineer", "the vendor's support"), or name
the change instead ("PR 2891 was merged"). Servers, products and partners that are called like
people go to `names.allow`.

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


@rule(code="INC414", level=Level.ERROR, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report what `_names` found of this kind, where the roster does not know it."""
    for person, shown in elsewhere(context, FULL):
        fact = f'"{shown}" looks like a person\'s name'
        hint = 'try the role ("a data engineer"), or name the change: "PR 2891 was merged"'
        level = None if person.sure else Level.WARNING
        yield Finding(person.start, person.end, fact, hint, level)
