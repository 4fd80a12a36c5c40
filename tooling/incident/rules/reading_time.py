"""A postmortem reads in 15 minutes.

Who has to learn from it has a day job. What is longer than 15 minutes (at 200 words a minute, code
not counted) is skimmed, and the lesson is on page six. Move raw logs and long queries behind links
under Supporting evidence.

## Fails

```toml
rules.reading-time.max_minutes = 0
```

## Passes

```markdown
## Summary

A filter dropped the new product line, and the revenue dashboard was 18% low on 14 May.
```

## Options

`max_minutes`: 15. `words_per_minute`: 200.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem import reading
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Limits."""

    max_minutes: int = 15
    words_per_minute: int = reading.WORDS_A_MINUTE


@rule(code="INC213", level=Level.WARNING, since="0.2.0", body_only=True, options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report a body that takes longer than the limit, at its first section."""
    document, options = context.document, context.options
    most = options.max_minutes * options.words_per_minute
    # splitting is cheap, and two pieces hold at most four words in any text worth reading
    if 2 * len(document.prose.split()) <= most or not document.sections:
        return
    minutes = reading.minutes(document, options.words_per_minute)
    if minutes > options.max_minutes:
        first = document.sections[0]
        fact = f"reads in {minutes} minutes (limit {options.max_minutes})"
        hint = "move logs, queries and tables behind links, and keep what happened and why"
        yield Finding(first.start, first.heading_end, fact, hint)
