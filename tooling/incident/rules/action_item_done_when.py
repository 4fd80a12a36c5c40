"""Every action item states when it is done.

"Improve monitoring" is never done. `done_when` names something you can check: a test that fails on
a replay, an alert that arrives, a metric below a threshold. At least 3 words.

Finished items (`done` or `wont_do`) don't need one: what counts is their `proof` or `reason`.

Several items without one are reported once, with their count.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed}
```

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "it works"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.postmortem.reading import words
from incident.rules import Context, Finding, rule
from incident.rules._items import Lack, report
from incident.rules._text import is_placeholder

_MIN_WORDS = 3
_HINT = 'name something to check: "the test fails on a replay of 2025-05-14"'


@rule(code="INC303", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items without a checkable end; those without any once, with their count."""
    lacks = []
    items = [item for item in context.postmortem.action_items if not item.is_finished]
    for item in items:
        at = context.document.at("action_items", item.index, "done_when")
        count = len(words(item.done_when))
        if is_placeholder(item.done_when):
            lacks.append(Lack(item.index + 1, *at, item.done_when))
        elif count < _MIN_WORDS:
            fact = f"action item {item.index + 1}: `done_when` is only"
            fact += f' "{item.done_when[:60]}" ({count} of 3 words)'
            several = Several(
                "{} action items have a `done_when` under 3 words", str(item.index + 1)
            )
            yield Finding(*at, fact, _HINT, several=several)
    yield from report(lacks, len(items), "`done_when`", _HINT)
