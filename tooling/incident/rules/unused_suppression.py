"""Every suppression is used.

Once the problem is fixed, the suppression is no longer needed. If it stays, it hides the next real
problem in the same place.

Suppressions of rules that are disabled in this repository, or that don't apply to the status yet,
are not reported.

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
from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule


@rule(code="INC004", level=Level.WARNING, since="0.1.0", body_only=True, last=True)
def check(context: Context) -> Iterator[Finding]:
    """Report suppressions that matched no diagnostic."""
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
        # facts about other postmortems change without this one
        and setting.rule.check_all is None
    }
    for item in left:
        for word in item.words:
            if word not in item.used and not asked.isdisjoint(rules.meant(word)):
                fact = f"unused suppression of {word}"
                several = Several("{} suppressions are unused", word)
                yield Finding(item.at, item.at_end, fact, "remove it", several=several)
