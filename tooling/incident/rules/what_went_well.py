"""What went well has a concrete answer.

An incident also shows what worked: the test that fired, the runbook that was right, the colleague
who was informed early. Teams that only record what broke forget to keep what works. Of 39
postmortems by a team that had only a template, none described what went well.

An empty section, "N/A", "nothing", one word or a line of dashes is not an answer. Two concrete
sentences are.

## Fails

```markdown
## What went well

N/A
```

```markdown
## What went well

- Teamwork
```

## Passes

```markdown
## What went well

- The freshness test on `orders` fired eleven minutes after the load was due.
- Finance was told before the morning report went out.
```

## Options

`min_words`: minimum number of words; default 4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy

_WORD = lazy(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_EMPTY = lazy(
    r"(?:n\s*/?\s*a|none|nothing|nil|tbd|todo|tba|unknown|not applicable|to be (?:done|added|filled"
    r"(?: in)?|written)|see above|everything|nothing really)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Options:
    """What counts as an answer."""

    min_words: int = 4


@rule(
    code="INC202",
    level=Level.ERROR,
    since="0.1.0",
    since_status="in_review",
    body_only=True,
    options=Options,
)
def check(context: Context) -> Iterator[Finding]:
    """Report an empty answer; `sections-required` reports a missing section."""
    section = context.document.by_key.get("what_went_well")
    if section is None:
        return
    text = context.document.blocks[section.heading_end : section.end]
    words = _WORD().findall(text)
    start, end = section.start, section.heading_end
    hint = "name one thing that helped, and how: a test, an alert, a runbook, an early message"
    if not words:
        yield Finding(start, end, '"What went well" is empty', hint)
    elif _EMPTY().fullmatch(" ".join(words)) or len(words) < context.options.min_words:
        said = " ".join(text.split())[:40]
        least = context.options.min_words
        fact = f'"What went well" is only "{said}" ({len(words)} of {least} words)'
        yield Finding(start, end, fact, hint)
