"""The impact has a number, and says who used the data for what.

"Some dashboards were affected" tells a reader nothing: how many rows, days, customers, how far off?
A number that nobody knows is worth a sentence too, with the action item that finds out. And data
is only as wrong as what somebody did with it: name the teams under `impact.consumers`.

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

Finance saw 82 instead of 100 for one day, and did not plan with it.
```

```markdown
## Impact

Finance planned three days with it. The sum is not known yet; AI-1 finds out.
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


@rule(code="INC208", level=Level.ERROR, since="0.2.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report an impact without a figure, or without anybody who was affected."""
    document, postmortem = context.document, context.postmortem
    section = document.by_key.get("impact")
    if section is not None:
        text = document.blocks[section.heading_end : section.end]
        if text.strip() and not _NUMBER().search(text):
            hint = "say how many rows, days, customers or percent; or which item finds out"
            fact = f'section "{section.title}" has no number'
            yield Finding(section.start, section.heading_end, fact, hint)
    if postmortem.kind == "near_miss" or document.get("impact") is None:
        return  # that the key is there is the schema's
    at = document.at("impact", "consumers")
    if not postmortem.consumers:
        hint = 'list them: `consumers: [{team: finance, use: "daily cash plan"}]`'
        yield Finding(*at, "impact names nobody who used the data", hint, _softer(context))
    for index, consumer in enumerate(postmortem.consumers):
        if consumer.team and is_placeholder(consumer.use):
            where = document.at("impact", "consumers", index)
            fact = f"impact does not say what {consumer.team} used the data for"
            hint = 'say it in `use`: "daily cash plan"'
            yield Finding(*where, fact, hint, Level.WARNING)


def _softer(context: Context) -> Level | None:
    """Light postmortems may have hit nobody."""
    return None if context.postmortem.severity in {"P0", "P1"} else Level.WARNING
