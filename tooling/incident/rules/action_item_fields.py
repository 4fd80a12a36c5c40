"""An action item has the planning fields your team requires.

Off by default: not every team ranks and sizes its items here. If the configuration requires
`priority` or `effort`, every open item needs one, so that the list can be ranked before work
starts.

## Fails

```toml
rules.action-item-fields.effort = true
```

## Passes

```toml
rules.action-item-fields.priority = false
```

## Options

`priority`, `effort`: whether to require them; default false.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder

_SAY = {"priority": "P0 to P3", "effort": "S, M or L"}


@dataclass(frozen=True)
class Options:
    """The required fields."""

    priority: bool = False
    effort: bool = False


@rule(code="INC313", level=Level.ERROR, since="0.1.0", since_status="in_review", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report open items that lack a required field."""
    asked = [key for key in _SAY if getattr(context.options, key)]
    for item in context.postmortem.action_items:
        for key in asked:
            if item.is_open and is_placeholder(getattr(item, key)):
                at = context.document.at("action_items", item.index, key)
                fact = f"action item {item.index + 1} has no {key}"
                several = Several(f"{{}} action items have no {key}", str(item.index + 1))
                yield Finding(*at, fact, f"add one: {_SAY[key]}", several=several)
