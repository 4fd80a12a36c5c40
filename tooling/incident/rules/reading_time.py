"""A postmortem takes at most 15 minutes to read.

The people who should learn from it have day jobs. Anything longer than 15 minutes (at 200 words per
minute, not counting code) gets skimmed, and the lesson is on page six. Move raw logs and long
queries behind links under Supporting evidence.

## Fails

```toml
rules.reading-time.max_minutes = 0
```

## Passes

```markdown
## Summary

A filter dropped the new product line, and the revenue dashboard was 18% low on May 14.
```

## Options

`max_minutes`: default 15. `words_per_minute`: default 200.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem import reading
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance


@dataclass(frozen=True)
class Options:
    """Limits."""

    max_minutes: int = 15
    words_per_minute: int = reading.WORDS_A_MINUTE


@rule(
    code="INC213",
    level=Level.WARNING,
    since="0.1.0",
    body_only=True,
    options=Options,
    importance=Importance.STYLE,
)
def check(context: Context) -> Iterator[Finding]:
    """Report a body over the limit, at its first section."""
    document, options = context.document, context.options
    most = options.max_minutes * options.words_per_minute
    # splitting is cheap; in real text, a piece between spaces has at most two words
    if 2 * len(document.prose.split()) <= most or not document.sections:
        return
    minutes = reading.minutes(document, options.words_per_minute)
    if minutes > options.max_minutes:
        first = document.sections[0]
        fact = f"takes {minutes} minutes to read (limit {options.max_minutes})"
        hint = "move logs, queries and tables behind links; keep what happened and why"
        yield Finding(first.start, first.heading_end, fact, hint)
