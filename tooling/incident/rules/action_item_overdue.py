"""An open action item is not past its due date.

A date that passed without a word turns the list into decoration. Finish it, move the date and say
so in the pull request, or give it up with a reason: each of the three is a decision.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-15", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-15", status: done, done_when: "fails on a replay of 2025-05-14", proof: "https://git.example.com/shop/pull/2899"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC311", level=Level.WARNING, since="0.2.0")
def check(context: Context) -> Iterator[Finding]:
    """Report open items whose day is over."""
    for item in context.postmortem.action_items:
        if item.due and item.is_open and context.clock.is_over(item.due):
            days = (context.clock.today() - item.due).days
            at = context.document.at("action_items", item.index, "due")
            fact = f"action item {item.index + 1} is {item.status or 'open'}"
            fact += f" {days} day{'s' * (days != 1)} after its due date {item.due}"
            yield Finding(
                *at, fact, "finish it, agree on another date, or give it up with a reason"
            )
