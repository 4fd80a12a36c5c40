"""Every action item has a due date.

An item without a date never makes it into anyone's week. Of 119 action items in 39 real
postmortems, 1 had a date. If nobody can name one, the item is too large: set a date for its first
step.

Finished items (`done` or `wont_do`) don't need one. The schema checks the date format.

Several items without one are reported once, with their count.

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
from incident.rules._items import Lack, report
from incident.rules._text import is_placeholder


@rule(code="INC302", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items without a date once, with their count."""
    lacks = []
    items = [item for item in context.postmortem.action_items if not item.is_finished]
    for item in items:
        due = context.document.get("action_items", item.index, "due")
        if due is None or is_placeholder(str(due)):
            at = context.document.at("action_items", item.index, "due")
            lacks.append(Lack(item.index + 1, *at, str(due or "")))
    hint = "add a date (YYYY-MM-DD), at least for a first step"
    yield from report(lacks, len(items), "due date", hint)
