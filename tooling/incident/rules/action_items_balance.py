"""A P0 or P1 has both technical and process action items.

Process alone ("remind", "review", "document") depends on people remembering at the worst moment;
code alone keeps the way of working that let it happen. A severe incident needs at least one item
that a machine enforces (prevent, detect, mitigate, repair). The reverse, no process item among four
or more, is worth a second look.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add filters to the review checklist", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the checklist names filters"}
  - {id: AI-2, title: "Announce new product lines a week before", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the calendar is shared with the data team"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
  - {id: AI-2, title: "Announce new product lines a week before", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the calendar is shared with the data team"}
```

## Options

`technical_only`: report a list without a process item from this many items; default 4, 0 disables.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Limit."""

    technical_only: int = 4


@rule(code="INC312", level=Level.WARNING, since="0.1.0", since_status="published", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report lists that are all process or all technical."""
    postmortem = context.postmortem
    items = [item for item in postmortem.action_items if item.status != "wont_do" and item.type]
    if postmortem.severity not in {"P0", "P1"} or not items:
        return
    at = context.document.at("action_items")
    process = [item for item in items if item.type == "process"]
    if len(process) == len(items):
        count = f"{len(items)} process item{'s' * (len(items) > 1)}"
        fact = f"this {postmortem.severity_label} has {count} and no technical one"
        hint = "add one that a machine enforces: a test, a limit, a safe default"
        yield Finding(*at, fact, hint)
    elif not process and 0 < context.options.technical_only <= len(items):
        fact = f"all {len(items)} action items are technical; none is of type process"
        hint = "consider which way of working let it happen, or raise `technical_only`"
        yield Finding(*at, fact, hint, Level.NOTICE)
