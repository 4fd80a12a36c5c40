"""The impact has numbers, and names who used the data for what.

"Some dashboards were affected" tells readers nothing: how many rows, days or customers, how far
off? If nobody knows the number yet, write that, with the action item that will find out. And wrong
data matters because of what people did with it: list the teams under `impact.consumers`.

## Fails

```markdown
## Impact

Some dashboards showed the wrong revenue for a while.
```

```yaml
impact:
  summary: "The revenue dashboard was low"
  critical_use_case: true
  assets: [{ref: "dbt:model.shop.revenue_clean", role: root}]
  consumers: []
```

## Passes

```markdown
## Impact

Finance saw 82 instead of 100 for one day, and based no plan on it.
```

```markdown
## Impact

Finance planned three days with it. The total is not known yet; AI-1 will determine it.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder
from incident.text.lazy_regex import lazy

_NUMBER = lazy(
    r"\d|\b(?:no|none|nobody|nothing|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|"
    r"twelve|dozens?|half|third|quarter|twice|hundreds?|thousands?|millions?|all|every|each|"
    r"not known|unknown)\b",
    re.IGNORECASE,
)


@rule(code="INC208", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report an impact without numbers or consumers."""
    document, postmortem = context.document, context.postmortem
    section = document.by_key.get("impact")
    if section is not None:
        text = document.blocks[section.heading_end : section.end]
        if text.strip() and not _NUMBER().search(text):
            hint = "add how many rows, days, customers or percent, or the item that will find out"
            fact = f'section "{section.title}" has no number'
            yield Finding(section.start, section.heading_end, fact, hint)
    if postmortem.kind == "near_miss" or document.get("impact") is None:
        return  # the schema requires the key
    at = document.at("impact", "consumers")
    if not postmortem.consumers:
        hint = 'list the teams: `consumers: [{team: finance, use: "daily cash plan"}]`'
        yield Finding(*at, "impact lists no consumers", hint, _softer(context))
    for index, consumer in enumerate(postmortem.consumers):
        if consumer.team and is_placeholder(consumer.use):
            where = document.at("impact", "consumers", index)
            fact = f"consumer {consumer.team} has no `use`"
            hint = 'add what they used the data for: "daily cash plan"'
            yield Finding(*where, fact, hint, Level.WARNING)


def _softer(context: Context) -> Level | None:
    """Minor incidents may have affected nobody."""
    return None if context.postmortem.severity in {"P0", "P1"} else Level.WARNING
