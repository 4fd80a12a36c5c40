"""An action item starts with a verb.

"Row-count test" is a thing; "add a row-count test on orders" is work that someone can finish. A
title without a verb means something different to everyone who reads it. A verb among the first
words is enough; the title needs at least three words.

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
```
"""

from collections.abc import Iterator

from incident import word_lists
from incident.diagnostic import Level
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._text import any_of, is_placeholder

_FIRST = 4
_MIN_WORDS = 3
# After the first word these are nouns: "a freshness alert", "the row-count check".
_THINGS = any_of(
    """
    alert back cache cap change check contact copy cover design display document fill filter
    flag force gate group guard hash hold import export index join label launch limit link list
    load lock log map mark measure monitor name order page patch plan post process query queue
    report request review route run sample schedule seed set show sign size snapshot sort stage
    start stop store stream switch tag test time trace track train transfer trigger try turn
    type update upgrade use version watch work
    """
)


@rule(code="INC309", level=Level.WARNING, since="0.2.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report titles without a verb."""
    verbs = word_lists.words("action_verbs", context.config.language)
    for item in context.postmortem.action_items:
        if item.status == "wont_do" or not item.title:
            continue
        at = context.document.at("action_items", item.index, "title")
        said = [word.casefold() for word in words(item.title)]
        number, hint = item.index + 1, 'start with a verb: "add a row-count test on orders"'
        if is_placeholder(item.title):
            yield Finding(*at, f"action item {number} has no title", hint, Level.ERROR)
        elif len(said) < _MIN_WORDS:
            fact = f'action item {number} is only "{item.title[:40]}" (at least 3 words)'
            yield Finding(*at, fact, hint)
        elif _stem(said[0]) not in verbs and verbs.isdisjoint(
            {_stem(word) for word in said[1:_FIRST]} - _THINGS
        ):
            yield Finding(*at, f"action item {number} does not start with a verb", hint)


def _stem(word: str) -> str:
    """`re-run` becomes `rerun`; any other hyphenated word keeps its first part."""
    return word.replace("-", "") if word.startswith("re-") else word.split("-")[0]
