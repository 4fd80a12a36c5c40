"""A suppression names a rule and gives a reason.

A rule can be wrong about a sentence: suppress it there and explain why, so that the next reader
doesn't have to guess whether the reason still holds. The reason follows two hyphens. A suppression
without a reason, of an unknown rule, or with an invalid expiry date suppresses nothing.

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
from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC003", level=Level.ERROR, since="0.1.0", body_only=True, last=True)
def check(context: Context) -> Iterator[Finding]:
    """Report suppressions without a reason or rule, or with an invalid expiry date."""
    unknown = 0
    for item in context.suppressions:
        at = (item.at, item.at_end)
        in_comment = context.document.text[item.at : item.at + 4].startswith(("<!--", "#"))
        if not item.words:
            hint = "name the rule: `incident-ignore: never-again -- the vendor's own words`"
            yield Finding(*at, "this suppression names no rule", hint)
        # the schema asks for the keys of `lint.ignore`
        elif is_placeholder(item.reason) and (in_comment or item.reason):
            fact = f"the suppression of {item.words[0]} has no reason"
            hint = "add the reason after two hyphens" if in_comment else "explain it in `reason`"
            several = Several("{} suppressions have no reason", item.words[0])
            yield Finding(*at, fact, hint, several=several)
        elif item.no_day:
            fact = f"the suppression has an invalid expiry date: {item.no_day[:40]}"
            yield Finding(*at, fact, "write the date like 2026-01-31")
        else:
            for word in filter(None, item.words):
                if not rules.meant(word):
                    unknown += 1
                    # finding a similar name is slow: skip it after the first few
                    hint = rules.suggest(word) if unknown <= 50 else "name a rule"
                    yield Finding(*at, f"unknown rule `{word[:80]}`", hint)
