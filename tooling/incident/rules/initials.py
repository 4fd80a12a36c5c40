"""Nobody's initials stand in the text.

"KJ reverted it" hides a person from strangers and from nobody else. A role ("IC", "responder")
tells the reader more. Common abbreviations (PR, SRE, DBA) are known; others go to
`names.allow`. A colleague's, by the roster, are an error.

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


@rule(code="INC417", level=Level.ERROR, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report what `_names` found of this kind, where the roster does not know it."""
    for person, shown in elsewhere(context, INITIALS):
        fact = f'"{shown}" reads like someone\'s initials'
        hint = 'a role ("IC", "responder") tells the reader more; or add it to names.allow'
        level = None if person.sure else Level.WARNING
        yield Finding(person.start, person.end, fact, hint, level)
