"""Every action item has a due date.

An item without a date never makes it into anyone's week. Of 119 action items in 39 real
postmortems, 1 had a date. If nobody can name one, the item is too large: set a date for its first
step.

Items with status `wont_do` don't need one. The schema checks the date format.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, status: committed, done_when: "fails on a replay of 2025-05-14"}
```

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: TBD, status: committed, done_when: "fails on a replay of 2025-05-14"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC302", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items without a date."""
    for item in context.postmortem.action_items:
        due = context.document.get("action_items", item.index, "due")
        if item.status != "wont_do" and (due is None or is_placeholder(str(due))):
            said = f' ("{due}")' if due else ""
            fact = f"action item {item.index + 1} has no due date{said}"
            at = context.document.at("action_items", item.index, "due")
            yield Finding(*at, fact, "add a date (YYYY-MM-DD), at least for a first step")
