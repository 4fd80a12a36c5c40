"""An action item starts with a verb.

"Row-count test" is a thing; "add a row-count test on orders" is work that someone can finish. A
title without a verb means something different to everyone who reads it. A verb among the first
words is enough, even after a marker ("[DONE] (team) re-enable the check"); so is a sentence that
states the outcome ("the load rejects negative totals"). The title needs at least three words.

Finished items (`done` or `wont_do`) are not reported.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Row-count tests for the orders table", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

```yaml
action_items:
  - {id: AI-1, title: "Monitoring", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add row-count tests for the orders table", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
  - {id: AI-2, title: "[DONE] (platform) Re-enable the row-count check", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
  - {id: AI-3, title: "The load rejects orders with a negative total", type: prevent, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._item_title import has_verb
from incident.rules._text import is_placeholder

_MIN_WORDS = 3


@rule(code="INC309", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report titles without a verb."""
    for item in context.postmortem.action_items:
        if item.is_finished or not item.title:
            continue
        at = context.document.at("action_items", item.index, "title")
        number, hint = item.index + 1, 'start with a verb: "add a row-count test on orders"'
        if is_placeholder(item.title):
            fact, several = f"action item {number} has no title", _alike("have no title", number)
            yield Finding(*at, fact, hint, Level.ERROR, several=several)
        elif len(words(item.title)) < _MIN_WORDS:
            fact = f'action item {number} is only "{item.title[:40]}" (at least 3 words)'
            several = _alike("are shorter than 3 words", number)
            yield Finding(*at, fact, hint, several=several)
        elif not has_verb(item.title, context.config.language):
            fact = f"action item {number} does not start with a verb"
            several = _alike("do not start with a verb", number)
            yield Finding(*at, fact, hint, several=several)


def _alike(what: str, number: int) -> Several:
    return Several(f"{{}} action items {what}", str(number))
