"""The text describes what happened, not what should have happened.

"We should have tested it" describes a world that didn't exist, and hides why going ahead made sense
in the one that did. Describe what people saw and did, and turn the improvement into an action item.
The Detection section asks for the check that would have caught it, and Lessons learned is for
lessons: counterfactuals are fine there.

## Fails

```markdown
## Root cause

The team should have tested the new filter with the product line that begins with the word Test.
```

```markdown
## What went badly

- This could have been avoided if the filter had been reviewed.
```

## Passes

```markdown
## Detection

Finance compared the dashboard with the shop's report. A row-count test would have failed at 02:20.
```

```markdown
## Impact

The table held 82 rows and should have 400 rows; 3 queries that should have failed returned nothing.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._blame import PERSON, hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    rf"\b{PERSON}\s+(?:all\s+|also\s+|really\s+|probably\s+)?(?:should|could|ought to|might|would|must)"
    r"(?:\s+not|n['\u2019]?t)?(?:['\u2019]ve|\s+(?:also\s+|probably\s+|easily\s+|never\s+|simply\s+)?have)\s+(?!(?:to|an?|the|no|expected|liked|loved|preferred|been|had|needed)\b|\d)\w+"
    r"|\b(?:should|could|ought to|must)(?:\s+not|n['\u2019]?t)?\s+have\s+(?:\w+ly\s+)?been\s+(?:\w+ly\s+)?"
    r"(?:avoid|prevent|shorter|smaller|milder|test|review|caught|catch|notic|detect|check|communicat|announc|escalat|document|"
    r"don|verif|validat|fix|handl|found|spott|seen|told|inform|notif|automat|add|set|configur|start|"
    r"question|disabl|enabl|run|foresee|foreseen|anticipat|faster|quicker|earlier|better|clearer|more|made|cleared|updated|ask|resolved|mitigat)\w*"
    r"|\bshould\s+(?:never\s+)?have\s+(?:been\s+)?(?:started|happened|come|gone|taken|run|merged|deployed)\b"
    r"|\b(?:would|could|might)(?:['\u2019]ve|\s+have)\s+(?:\w+ly\s+)?(?:prevented|detected|caught|avoided|allowed|"
    r"alerted|flagged|stopped|saved|helped|shown|revealed|mitigated|reduced|shortened|limited)\b"
    r"|\bit\s+(?:would|might|could)\s+have\s+been\s+(?:better|faster|easier|safer|wiser)\b"
    r"|\bif\s+only\b"
    r"|\bhad\s+(?:we|they|he|she|the\s+(?:team|engineer|developer|operator|reviewer|on-call))\s+\w+(?:ed|n|t)\b"
    r"|\bif\s+(?:we|they|he|she|someone|somebody|anyone|the\s+(?:team|engineer|developer|operator|reviewer))\s+had(?:\s+not|n['\u2019]?t)?\s+\w+"
    r"|\b(?:hindsight|retrospect)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    should could would ought must might had only hindsight retrospect shouldn couldn wouldn
    """
)
_ALLOWED = ("detection", "lessons_learned", "first_postmortem_missed", "where_we_got_lucky")


@rule(code="INC424", level=Level.WARNING, since="0.2.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report counterfactuals outside the sections that ask for them."""
    document = context.document
    allowed = [document.by_key[key] for key in _ALLOWED if key in document.by_key]
    wished = document.at("detection", "should_have_been")
    for match in hits(context, _WORDS, _PATTERN, deniable=False):
        at = match.start()
        if any(section.start <= at < section.end for section in allowed):
            continue
        if wished[0] <= at < wished[1]:
            continue
        fact = f'"{said(match)}" is a counterfactual: it describes what did not happen'
        hint = "describe what happened; put the improvement in an action item"
        yield Finding(*match.span(), fact, hint)
