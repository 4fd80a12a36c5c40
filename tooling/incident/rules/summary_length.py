"""The summary is one short paragraph.

Most readers read nothing else, and messages, feeds and search results quote it. Cover what was
wrong, for whom, for how long, and what ended it, in at most 120 words; details belong in the other
sections. Images, tables and lists don't survive being quoted.

## Fails

```markdown
## Summary

A filter that drops test orders also dropped the new product line.

The dashboard was low for one day.

The filter was then reverted by on call.
```

## Passes

```markdown
## Summary

A filter that drops test orders also dropped the new product line. The revenue dashboard was 18%
low on May 14, until finance asked and the filter was reverted.
```

## Options

`max_words`: default 120. `max_paragraphs`: default 2, because an opening sentence on its own reads
well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance


@dataclass(frozen=True)
class Options:
    """Limits."""

    max_words: int = 120
    max_paragraphs: int = 2


@rule(
    code="INC207",
    level=Level.WARNING,
    since="0.1.0",
    since_status="in_review",
    body_only=True,
    options=Options,
    importance=Importance.STYLE,
)
def check(context: Context) -> Iterator[Finding]:
    """Report summaries over a limit."""
    section = context.document.by_key.get("summary")
    if section is None:
        return
    text = context.document.section_text("summary")
    count = len(words(text))
    paragraphs = len([part for part in re.split(r"\n[ \t]*\r?\n", text) if part.strip()])
    limits, at = context.options, (section.start, section.heading_end)
    hint = "keep what was wrong, for whom, for how long, and what ended it"
    if count > limits.max_words:
        yield Finding(*at, f"the summary has {count} words (limit {limits.max_words})", hint)
    elif paragraphs > limits.max_paragraphs:
        fact = f"the summary has {paragraphs} paragraphs (limit {limits.max_paragraphs})"
        yield Finding(*at, fact, hint)
