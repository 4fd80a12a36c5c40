"""The text doesn't say that someone forgot or failed to do something.

"We forgot", "overlooked", "failed to check" and "did not follow the process" describe what a person
did not do. A helpful sentence names what was missing: "the runbook doesn't mention the second
table", "a full refresh runs without confirmation". The subject may be a name, a role, a team or a
vendor. Systems may fail to do things, and so may attackers.

## Fails

```markdown
## Root cause

We forgot to run the backfill for the second table after the column had been renamed in the shop.
```

```markdown
## What went badly

- The engineer did not follow the runbook.
```

```markdown
## Contributing factors

We failed to consider the case of a product line without orders.
```

```markdown
## Root cause

The vendor's team renamed the column without telling anyone.
```

```markdown
## What went badly

- The platform team didn't bother to read the release notes, and nobody understood the query.
```

## Passes

```markdown
## Root cause

The runbook does not mention the second table, and the load failed to check for negative values.
```

```markdown
## What went badly

- The page is easy to overlook. If someone forgets to set the date, the job now stops.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import ADVERBS, NAME, PERSON, about_attacker, hits, is_person, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_LAPSE = (
    r"(?:forgot(?:ten)?|(?:never\s+)?bothered\s+to|overlooked|neglected|omitted\s+to|misread|"
    r"misunderst(?:ood|and)|misjudged|misconfigured|mistyped|ignored|underestimated|"
    r"missed\s+(?:to|the|that|an?|this|several|all|our)|lacked\s+(?:the\s+|any\s+|an?\s+)?(?:understanding|experience|"
    r"knowledge|skills?|care|attention)|"
    r"(?:(?:did|had)(?:\s+not|n['\u2019]?t|\s+never)|never)\s+(?:\w+ly\s+|even\s+|fully\s+)?"
    r"(?:bother|follow(?:ed)?|notice(?:d)?|realis(?:e|ed)|realiz(?:e|ed)|think|thought|consider(?:ed)?|"
    r"remember(?:ed)?|read|pay|paid|double[- ]check(?:ed)?|check(?:ed)?|test(?:ed)?|verif(?:y|ied)|validate(?:d)?|"
    r"communicate(?:d)?|review(?:ed)?|understand|understood|care|account|anticipate(?:d)?|foresee|foreseen|properly|"
    r"inform(?:ed)?|tell|told|notif(?:y|ied)|announce(?:d)?|escalate(?:d)?|coordinate(?:d)?|consult(?:ed)?|"
    r"plan(?:ned)?|prepare(?:d)?|perform(?:ed)?|question(?:ed)?|"
    r"rotate(?:d)?|enable(?:d)?|clean(?:ed)?|take\s+(?:the\s+)?(?:time|care)))\b"
)
_CHECKED = (
    r"(?:consider|check|test|validate|verify|notice|see|read|review|communicate|account|anticipate|"
    r"follow|understand|realis|realiz|think|plan|inform|notify|tell|escalate|document|remember)"
)
_PATTERN = lazy(
    rf"\b{PERSON}\s+{ADVERBS}{_LAPSE}"
    # "we had the new key, but did not communicate it"
    rf"|\b{PERSON}\s+[^.!?;:\n\0]{{1,50}},?\s+but\s+(?:did(?:\s+not|n['\u2019]?t)|never)\s+(?:\w+ly\s+)?{_CHECKED}"
    # of "we", only what is in the head: "we failed to restart it" reports an attempt
    rf"|\b(?!we\b|i\b){PERSON}\s+{ADVERBS}fail(?:ed|s)?\s+to\b"
    rf"|\b(?:we|i)\s+{ADVERBS}fail(?:ed)?\s+to\s+(?:\w+ly\s+)?{_CHECKED}"
    rf"|(?<![\w@]){NAME}\s+{ADVERBS}(?:{_LAPSE}|fail(?:ed|s)?\s+to\b)"
    r"|\b(?:nobody|no[- ]one)\s+(?:had\s+|on\s+the\s+team\s+)?(?:bothered|thought\s+(?:of|to|about)|understood|checked|read|remembered|cared)\b"
    r"|\bforgot\s+(?:to|about|that|the|one|it|our|their|his|her|an?|this|how)\b"
    r"|\b(?:was|were|had been|been|got|is)\s+(?:simply\s+|just\s+|completely\s+|accidentally\s+)?"
    r"(?:forgotten|overlooked|neglected)\b(?!\s+(?:password|cart|offer))"
    r"|\b(?:forgetting|neglecting)\s+to\s+\w+"
    r"|\b(?:failure|failing)\s+to\s+(?:run|check|test|update|add|tell|notify|"
    r"inform|communicate|review|follow|verify|validate|remove|set|enable|disable|consider|document|"
    r"escalate|announce|ask|include|notice|understand)\b"
    r"|\bwithout\s+(?:\w+ly\s+|even\s+|ever\s+)?(?:telling|asking|informing|consulting|warning|notifying)\s+(?:anyone|anybody|us|the|our|them|any|people|finance|consumers|stakeholders)\b"
    r"|\bwithout\s+(?:\w+ly\s+|really\s+|first\s+|even\s+|ever\s+)?(?:understanding|realizing|realising|bothering|thinking|thought|paying\s+attention)\b",
    re.IGNORECASE,
)
# "did", "had", "never" and "failed" cover everything that can follow them
_WORDS = any_of(
    """
    bothered did didn one failed fails failing failure forgetting forgot forgotten had hadn ignored
    misconfigured misjudged misread missed mistyped misunderstand misunderstood neglected lacked
    neglecting omitted overlooked underestimated never nobody without
    """
)
# A condition or a purpose is about the next time.
_SUPPOSED = lazy(
    r"\b(?:if|when(?:ever)?|in case|unless|until|where|so that|should|may|might|can|could|would|"
    r"prevents?|avoids?)\b[^.,;:!?\n]{0,40}$",
    re.IGNORECASE,
)

_IF = lazy(r"you\b", re.IGNORECASE)
_THEY = lazy(r"(?:they|he|she|someone|somebody)\b", re.IGNORECASE)
_NAMED = lazy(rf"(?!(?i:{PERSON})\b)(?!(?i:forg|was|were|been|got|is|neglect|fail|without)){NAME}")


_NEAR = lazy(
    r"\b(?:(?:did|had)(?:n|\s+not|\s+never)|never\b|nobody|(?<=\bno[- ])one\b|fail(?:ed|s|ing|ure)\s+to|forg[oe]t|"
    r"overlook|neglect|omitted|misread|misunderst|misjudg|misconfig|mistyped|ignored|underest|missed|"
    r"lacked|bothered|without\s+(?:\w+ly\s+|first\s+|even\s+|ever\s+)?(?:\w+ing|thought)\b)"
)


@rule(code="INC423", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report phrases about what people did not do."""
    for match in hits(context, _WORDS, _PATTERN, deniable=False, near=_NEAR):
        at = match.start()
        if _SUPPOSED().search(context.prose[max(0, at - 60) : at]) or _IF().match(match[0]):
            continue
        name = _NAMED().match(match[0])
        if name and not is_person(context, at, at + name.end()):
            continue
        if _THEY().match(match[0]) and about_attacker(context, at):
            continue
        fact = f'"{said(match)}" describes what a person did not do'
        hint = 'name what was missing: "the runbook doesn\'t mention …", "no prompt before …"'
        several = Several("{} phrases describe what people did not do", f'"{said(match)}"')
        yield Finding(*match.span(), fact, hint, several=several)
