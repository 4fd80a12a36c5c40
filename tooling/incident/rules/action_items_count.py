"""The list of action items is short.

Five finished items change more than fifteen on a list. Above seven, the important ones no longer
stand out, and the review runs out of time before it reaches the end.

Finished items (`done` or `wont_do`) don't count.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect}
  - {id: AI-2, title: "Add a freshness test on orders", type: detect}
  - {id: AI-3, title: "Alert the owner of a failed test", type: detect}
  - {id: AI-4, title: "Compare keys in the filter", type: prevent}
  - {id: AI-5, title: "Write the backfill runbook", type: process}
  - {id: AI-6, title: "Rerun the partitions of May", type: repair}
  - {id: AI-7, title: "Tell finance about the correction", type: repair}
  - {id: AI-8, title: "Rename the column", type: prevent}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect}
  - {id: AI-2, title: "Compare keys in the filter", type: prevent}
```

## Options

`limit`: maximum number of items; default 7.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Limit."""

    limit: int = 7


@rule(code="INC305", level=Level.WARNING, since="0.1.0", since_status="in_review", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report the first item above the limit."""
    items = [item for item in context.postmortem.action_items if not item.is_finished]
    limit = context.options.limit
    if len(items) > limit:
        at = context.document.at("action_items", items[max(limit, 0)].index)
        fact = f"there are {len(items)} open action items (limit {limit})"
        yield Finding(*at, fact, "keep those that reduce risk most; merge or drop the rest")
