"""An action item that moved is where it is said to be.

An item that lives on elsewhere is `wont_do` with the reason "moved to <id>#AI-2". If that postmortem
or item does not exist, or gave it up as well, the work was lost between the two. Two items of one
postmortem never share an id.

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

from incident.diagnostic import Level
from incident.rules import ArchiveContext, ArchiveFinding, archive_rule


@archive_rule(code="INC604", level=Level.ERROR, since="0.2.0")
def check(whole: ArchiveContext) -> Iterator[ArchiveFinding]:
    """Report references to items that are not there, and ids that are there twice."""
    for one in whole.by_path.values():
        for target, span in one.moved:
            id_, _, item = target.partition("#")
            if not any(item in there.items for there in whole.by_id.get(id_, ())):
                fact = f"there is no action item {target}"
                yield ArchiveFinding(
                    one.path, span, fact, "name the item that took it over, or reopen it"
                )
        for item, count in Counter(filter(None, one.items)).items():
            if count > 1:
                fact = f"{count} action items have the id {item}"
                yield ArchiveFinding(one.path, one.id_span, fact, "number them: AI-1, AI-2, …")
