"""The owner of an action item exists.

A typo in an owner is an item that nobody is asked about. Owners are known from `owners` of the
configuration, from CODEOWNERS, and from the groups and owners of the dbt manifest where one is
configured. Where none of them says anything, every owner will do.

## Fails

```toml
owners = ["data-platfrom", "finance"]
```

## Passes

```toml
owners = ["data-platform", "finance"]
```
"""

from collections.abc import Iterator

from incident.archive import owners
from incident.diagnostic import Level
from incident.repository import config
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC310", level=Level.ERROR, since="0.2.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report owners that nothing knows."""
    known = owners.known(context.config)
    if not known:
        return
    for item in context.postmortem.action_items:
        owner = item.owner.removeprefix("@").casefold()
        if is_placeholder(item.owner) or not item.is_open or owner in known:
            continue
        at = context.document.at("action_items", item.index, "owner")
        fact = f'action item {item.index + 1}: no owner is called "{item.owner[:60]}"'
        yield Finding(*at, fact, config.did_you_mean(owner, known))
