"""A suppression suppresses something.

What was mended, or never was wrong, needs no exception. One that stays behind would hide the next
real finding in the same place.

Rules that this repository has switched off, or that the status does not ask for yet, are not
counted as unused.

## Fails

```markdown
## Root cause

<!-- incident-ignore: never-again -- the vendor's own words -->
The filter compared names where it should compare keys.
```

## Passes

```markdown
## Root cause

<!-- incident-ignore: never-again -- the vendor's own words -->
The vendor wrote to us that this will never happen again.
```
"""

from collections.abc import Iterator

from incident import rules
from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC004", level=Level.WARNING, since="0.1.0", body_only=True, last=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words of suppressions that no finding has met."""
    left = [item for item in context.suppressions if item.holds and set(item.words) - item.used]
    if not left:
        return
    status = str(context.document.data.get("status"))
    readable = context.document.meta.node is not None
    asked = {
        setting.rule.code
        for setting in rules.settings(context.config)
        if setting.rule.applies(status)
        and (readable or setting.rule.body_only)
        # what is known of other postmortems changes without this one
        and setting.rule.check_all is None
    }
    for item in left:
        for word in item.words:
            if word not in item.used and not asked.isdisjoint(rules.meant(word)):
                fact = f"nothing here breaks {word}: the suppression is unused"
                yield Finding(item.at, item.at_end, fact, "remove it")
