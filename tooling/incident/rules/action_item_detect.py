"""A P0 or P1 has an action item that detects a recurrence sooner.

What broke will break again, in this table or another. A test or an alert that fires before
consumers notice is the one item that helps against causes nobody has thought of.

Required once a postmortem is published. Items with status `wont_do` don't count.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Compare keys in the filter", type: prevent, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the filter passes its test"}
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


@rule(code="INC306", level=Level.ERROR, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report lists without a `detect` item; an empty list is the schema's job."""
    postmortem = context.postmortem
    items = [item for item in postmortem.action_items if item.status != "wont_do"]
    if postmortem.severity not in {"P0", "P1"} or not postmortem.action_items:
        return
    if not any(item.type == "detect" for item in items):
        count = f"{len(items)} action item{'s' * (len(items) != 1)}"
        fact = f"none of {count} is of type detect (at least 1 for {postmortem.severity_label})"
        hint = "add a test or an alert that would have caught this before consumers did"
        yield Finding(*context.document.at("action_items"), fact, hint)
