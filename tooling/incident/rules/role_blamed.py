"""The text doesn't blame a role in place of a person.

"The on-call engineer ran the wrong script" contains no name, but everyone on the team knows who was
on call. Explain why the script looked like the one to run: its name, what the runbook said, what
the prompt showed.

## Fails

```markdown
## Root cause

The on-call engineer ran the wrong script against the warehouse while the nightly load was running.
```

## Passes

```markdown
## Root cause

The script ran against production: both profiles are called `shop`, and the prompt shows neither.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    r"\b(?:(?:the|an?|our|one|another)\s+(?:[\w-]+\s+){0,2}(?:engineer|developer|analyst|operator|reviewer|"
    r"responder|administrator|admin|contractor|intern|colleague|employee|author|dba)(?:\s+who\s+(?:was|is|had)\s+\w+(?:\s+\w+)?)?|someone|somebody|whoever|(?<!\w)we|they|he|she)\s+"  # codespell:ignore whoever
    r"(?:had\s+|then\s+|also\s+)?"
    r"(?:broke|caused\s+(?:the|this|an?)\s+(?:\w+\s+)?(?:incident|outage|issue|problem|error|failure|drop|loss)|introduced\s+(?:the|this|an?)\s+(?:\w+\s+)?(?:bug|error|issue|regression|problem)|"
    r"(?:ran|used|chose|picked|deployed|deleted|dropped|merged|pushed|entered|selected|typed|applied|executed|set|edited|loaded)\s+(?:the\s+|an?\s+)?wrong|"
    r"skipped\s+(?:the|a)|bypassed|violated|went\s+around|did\s+(?:it|this|that)\s+wrong|took\s+down|wiped|"
    r"approved\s+(?:it|the\s+(?:change|pull\s+request))\s+(?:did\s+so\s+)?without|merged\s+(?:it|the\s+\w+)\s+without|(?:deployed|shipped|released|pushed|changed)\s+(?:it\s+|the\s+\w+\s+|this\s+|to\s+\w+\s+)?without\s+"
    r"(?:test|read|review|check|approv|tell|ask|notif|announc|inform)\w*)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    broke caused introduced wrong skipped bypassed violated went took wiped without
    """
)


_NEAR = lazy(
    r"\b(?:broke|wrong|bypassed|violated|wiped|without|went\s+around|took\s+down|skipped\s+(?:the|a)|"
    r"(?:caused|introduced)\s+(?:the|this|an?))\b"
)


@rule(code="INC430", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report actions that a role is blamed for."""
    for match in hits(context, _WORDS, _PATTERN, near=_NEAR):
        fact = f'"{said(match)}" blames a role'
        hint = "explain what made it look right: a name, a default, the runbook"
        several = Several("{} phrases blame a role", f'"{said(match)}"')
        yield Finding(*match.span(), fact, hint, several=several)
