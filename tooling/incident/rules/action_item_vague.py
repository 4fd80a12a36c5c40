"""An action item states what will change.

"Investigate", "improve" and "be more careful" can't be finished, so they never are. An item that
starts this way is fine if it has a measurable outcome: a number to reach, a deliverable ("write up
three options"), or the thing that will be different. To test it, ask: what can we look at when it
is done?

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Investigate better monitoring", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "monitoring is good enough"}
```

```yaml
action_items:
  - {id: AI-1, title: "Improve our data quality", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the quality has improved"}
```

```yaml
action_items:
  - {id: AI-1, title: "Be more careful with filters", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "filters are changed with care"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Reduce the alert delay of orders from 6 hours to 30 minutes", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
  - {id: AI-2, title: "Improve the freshness check of orders: page after 60 minutes", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a replay pages on call"}
```
"""

import re
from collections.abc import Iterator
from functools import cache

from incident import word_lists
from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.text.lazy_regex import lazy

# a number, something concrete, or a deliverable
_BOUND = lazy(
    r"\d|[\w]+_[\w]+|`[^`]+`|https?://|\b(?:until|at least|at most|below|above|within|every|"
    r"write[- ]?up|so that|decision|by adding|by moving|with a test|pull request|"
    r"zero|one|two|three|four|five)\b|:\s+\w",
    re.IGNORECASE,
)

# an issue number is not an outcome
_REFERENCE = lazy(r"\]\([^)]*\)|\[?[\w./-]*#\d+\]?|https?://\S+")


@cache
def _openings(language: str) -> re.Pattern[str]:
    words = sorted(word_lists.words("vague_openings", language), key=len, reverse=True)
    return re.compile(rf"\W*(?P<opening>{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


@rule(code="INC308", level=Level.ERROR, since="0.2.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items with a vague opening and no outcome in `title` or `done_when`."""
    for item in context.postmortem.action_items:
        if item.status == "wont_do":
            continue
        opening = vague_opening(item.title, context.config.language)
        if opening and not _BOUND().search(item.done_when):
            at = context.document.at("action_items", item.index, "title")
            fact = f'action item {item.index + 1} starts with "{opening}"'
            fact += " and has no measurable outcome"
            hint = 'state what changes, where, and how to tell: "alert when orders is 60 min late"'
            yield Finding(*at, fact, hint)


def vague_opening(title: str, language: str) -> str:
    """The vague words that an action item starts with; "" if an outcome follows them."""
    match = _openings(language).match(title)
    if match is None or _BOUND().search(_REFERENCE().sub(" ", title[match.end() :])):
        return ""
    return match["opening"].casefold()
