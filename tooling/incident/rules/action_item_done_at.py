"""A done action item says when it was done.

"Done on time" compares the due date with the day on which the item was done. Without that day, a
manager sees only what is late. `incident actions done` writes it, and `incident actions sync` does
when the issue is closed.

## Fails

```yaml
status: closed
follow_up: {two_weeks: "2025-05-28", three_months: "2025-08-14"}
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay of 2025-05-14", verified_by: "dbt:test.shop.orders_row_count"}
```

## Passes

```yaml
status: closed
follow_up: {two_weeks: "2025-05-28", three_months: "2025-08-14"}
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay of 2025-05-14", verified_by: "dbt:test.shop.orders_row_count", done_at: "2025-05-20"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC314", level=Level.ERROR, since="0.1.0", since_status="closed")
def check(context: Context) -> Iterator[Finding]:
    """Report done items without a day, once for the document."""
    undated = [
        item
        for item in context.postmortem.action_items
        if item.status == "done" and item.done_at is None
    ]
    if not undated:
        return
    at = context.document.at("action_items", undated[0].index, "status")
    names = ", ".join(item.id or f"item {item.index + 1}" for item in undated)
    fact = f"`done_at` is missing for {len(undated)} done action item{'s' * (len(undated) > 1)}"
    yield Finding(*at, f"{fact}: {names}", "add the day: `incident actions done ITEM --at DATE`")
