"""No open action item is past its due date.

Dates that pass without comment turn the list into decoration. Finish the item, agree on a new date
in a pull request, or mark it `wont_do` with a reason: each of the three is a decision.

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

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule


@rule(code="INC311", level=Level.WARNING, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report open items past their due date."""
    for item in context.postmortem.action_items:
        if item.due and item.is_open and context.clock.is_over(item.due):
            days = (context.clock.today() - item.due).days
            at = context.document.at("action_items", item.index, "due")
            fact = f"action item {item.index + 1} is {item.status or 'open'}"
            fact += f" {days} day{'s' * (days != 1)} after its due date {item.due}"
            hint = "finish it, agree on a new date, or mark it `wont_do` with a reason"
            several = Several("{} action items are overdue", str(item.index + 1))
            yield Finding(*at, fact, hint, several=several)
