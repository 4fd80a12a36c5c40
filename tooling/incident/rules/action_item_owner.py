"""Every action item has one owner.

An item that everybody owns gets done by nobody. Of 119 action items in 39 real postmortems, 2 named
an owner. The owner is one team or one handle, without the @. A team can reassign it; two owners
wait for each other.

Finished items (`done` or `wont_do`) don't need one. Several items without one are reported once,
with their count.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, due: "2025-05-21", status: committed, done_when: "fails on a replay"}
```

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: "data-platform, finance", due: "2025-05-21", status: committed, done_when: "fails on a replay"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay"}
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._items import Lack, report
from incident.rules._text import is_placeholder
from incident.text.lazy_regex import lazy

_SEVERAL = lazy(r"\s*(?:[,;/&+]|\band\b|\bor\b)\s*")
_EVERYBODY = frozenset({"team", "the team", "everyone", "everybody", "all", "us", "we"})
_SHARED = "{} action items have several owners"


@rule(code="INC301", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items without exactly one owner; those without any once, with their count."""
    lacks = []
    items = [item for item in context.postmortem.action_items if not item.is_finished]
    for item in items:
        at = context.document.at("action_items", item.index, "owner")
        name = f"action item {item.index + 1}"
        if not item.owner or is_placeholder(item.owner):
            lacks.append(Lack(item.index + 1, *at, item.owner))
        elif item.owner.casefold() in _EVERYBODY:
            fact = f'{name} is owned by "{item.owner}"'
            several = Several("{} action items are owned by everybody", str(item.index + 1))
            yield Finding(*at, fact, "name one team or one handle", several=several)
        elif len(owners := [o for o in _SEVERAL().split(item.owner) if o]) > 1:
            fact = f"{name} has {len(owners)} owners (limit 1)"
            hint = f"keep {owners[0]}, or split the item in two"
            several = Several(_SHARED, str(item.index + 1), "keep one of them, or split the item")
            yield Finding(*at, fact, hint, several=several)
    yield from report(lacks, len(items), "owner", "name one team or one handle")
