"""The root cause describes a mechanism, not a label.

"A bug", "human error" and "bad data" are labels. Describe which component did what, on which input,
and why that was possible: a reader should be able to reproduce it on purpose. Fewer than 12 words
are rarely enough.

## Fails

```markdown
## Root cause

A bug in the filter.
```

```markdown
## Root cause

Human error.
```

## Passes

```markdown
## Root cause

The filter compared the beginning of a name where it should compare the key of a product line.
```

## Options

`min_words`: default 12.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._sections import is_empty


@dataclass(frozen=True)
class Options:
    """Limit."""

    min_words: int = 12


@rule(
    code="INC209",
    level=Level.ERROR,
    since="0.1.0",
    since_status="in_review",
    body_only=True,
    options=Options,
)
def check(context: Context) -> Iterator[Finding]:
    """Report root causes that are too short."""
    document = context.document
    section = document.by_key.get("root_cause")
    if section is None or is_empty(document, section):
        return  # sections-required
    count = len(words(document.section_text("root_cause")))
    code = "```" in document.text[section.heading_end : section.end]
    limit = context.options.min_words
    if count < limit and not code:
        fact = f'section "{section.title}" has {count} words (at least {limit})'
        hint = "describe which component did what, on which input, and why that was possible"
        yield Finding(section.start, section.heading_end, fact, hint)
