"""A closed action item shows why it is closed.

`done` is a claim until there is evidence: `verified_by` names the test or monitor, `proof` links
the change. `wont_do` is a fine answer if it comes with a `reason`. A postmortem can be closed when
every item is one of the two.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay of 2025-05-14"}
```

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: wont_do}
```

```yaml
status: closed
follow_up: {two_weeks: "2025-05-28", three_months: "2025-08-14"}
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: in_progress, done_when: "fails on a replay of 2025-05-14"}
```

## Passes

```yaml
status: closed
follow_up: {two_weeks: "2025-05-28", three_months: "2025-08-14"}
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay of 2025-05-14", verified_by: "dbt:test.shop.orders_row_count"}
  - {id: AI-2, title: "Move the load to the new scheduler", type: prevent, owner: data-platform, due: "2025-06-10", status: wont_do, reason: "the load is retired in July"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC307", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report items closed without evidence or reason, or open in a closed postmortem."""
    for item in context.postmortem.action_items:
        at = context.document.at("action_items", item.index, "status")
        number = str(item.index + 1)
        name = f"action item {number}"
        if (
            item.status == "done"
            and is_placeholder(item.verified_by)
            and is_placeholder(item.proof)
        ):
            hint = "name the test in `verified_by`, or link the change in `proof`"
            several = Several("{} action items are done without evidence", number)
            yield Finding(*at, f"{name} is done without evidence", hint, several=several)
        elif item.status == "wont_do" and is_placeholder(item.reason):
            several = Several("{} action items are wont_do without a reason", number)
            fact, hint = f"{name} is wont_do without a reason", "explain it in `reason`"
            yield Finding(*at, fact, hint, several=several)
        elif context.postmortem.status == "closed" and item.is_open:
            fact = f"{name} is {item.status or 'open'} in a closed postmortem"
            hint = "finish it, mark it `wont_do` with a reason, or set the status to `published`"
            several = Several("{} action items are open in a closed postmortem", number)
            yield Finding(*at, fact, hint, several=several)
