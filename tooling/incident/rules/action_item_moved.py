"""A moved action item exists at its new place.

An item that moved has status `wont_do` and the reason "moved to <id>#AI-2". If that postmortem or
item does not exist, or was dropped too, the work got lost on the way. Two items of one postmortem
never share an id.

## Fails

```archive
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: wont_do, reason: "moved to 2025-06-01-orders-late#AI-2"}
```

```archive
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay", proof: "https://git.example.com/shop/pull/2899"}
  - {id: AI-1, title: "Add a row-count test on sales", type: detect, owner: data-platform, due: "2025-05-21", status: done, done_when: "fails on a replay", proof: "https://git.example.com/shop/pull/2899"}
```

## Passes

```archive
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: wont_do, reason: "moved to 2025-06-01-orders-late#AI-2"}
===
id: 2025-06-01-orders-late
```
"""

from collections import Counter
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@archive_rule(code="INC604", level=Level.ERROR, since="0.1.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report references to missing items, and duplicate item ids."""
    for one in whole.by_path.values():
        for target, span in one.moved:
            id_, _, item = target.partition("#")
            if not any(item in there.items for there in whole.by_id.get(id_, ())):
                fact = f"action item {target} does not exist"
                hint = "name the item that replaced it, or reopen this one"
                several = Several("{} action items were replaced by missing ones", target)
                yield ArchiveFinding(one.path, span, fact, hint, several=several)
        for item, count in Counter(filter(None, one.items)).items():
            if count > 1:
                fact = f"{count} action items have the id {item}"
                yield ArchiveFinding(one.path, one.id_span, fact, "number them: AI-1, AI-2, …")
