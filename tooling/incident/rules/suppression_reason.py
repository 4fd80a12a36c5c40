"""A suppression names a rule and says why.

A rule may be wrong about a sentence: leave it alone there, and say why, so that the next reader
need not guess whether the reason still holds. The reason follows two hyphens. A suppression
without a reason, of a rule that does not exist, or until a day that does not exist, suppresses
nothing.

## Fails

```markdown
## Root cause

<!-- incident-ignore: never-again -->
The filter compared names where it should compare keys.
```

```markdown
## Root cause

<!-- incident-ignore: newer-again -- the vendor's own words -->
The filter compared names where it should compare keys.
```

```markdown
## Root cause

<!-- incident-ignore: never-again until 2025-06-31 -- the vendor's own words -->
The vendor wrote to us that this will never happen again.
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
from incident.rules._text import is_placeholder


@rule(code="INC003", level=Level.ERROR, since="0.1.0", body_only=True, last=True)
def check(context: Context) -> Iterator[Finding]:
    """Report suppressions that give no reason, name no rule, or end on no day."""
    unknown = 0
    for item in context.suppressions:
        at = (item.at, item.at_end)
        in_comment = context.document.text[item.at : item.at + 4].startswith(("<!--", "#"))
        if not item.words:
            hint = "name the rule: `incident-ignore: never-again -- the vendor's own words`"
            yield Finding(*at, "a suppression names no rule", hint)
        # the schema asks for the keys of `lint.ignore`
        elif is_placeholder(item.reason) and (in_comment or item.reason):
            fact = f"the suppression of {item.words[0]} gives no reason"
            hint = "say why after two hyphens" if in_comment else "say why in `reason`"
            yield Finding(*at, fact, hint)
        elif item.no_day:
            fact = f"the suppression holds until {item.no_day[:40]}, which is no day"
            yield Finding(*at, fact, "write the day like 2026-01-31")
        else:
            for word in filter(None, item.words):
                if not rules.meant(word):
                    unknown += 1
                    # what is like a word takes long to find: nobody asks for hundreds
                    hint = rules.suggest(word) if unknown <= 50 else "name a rule"
                    yield Finding(*at, f"there is no rule `{word[:80]}`", hint)
