"""The owner of an action item is known.

An item whose owner has a typo reaches nobody. Known owners are those in `owners` in the
configuration, in CODEOWNERS, and the groups and owners of the dbt manifest if one is configured.
Without any of these, every owner passes.

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
from incident.diagnostic import Level, Several
from incident.repository import config
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC310", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report unknown owners."""
    known = owners.known(context.config)
    if not known:
        return
    for item in context.postmortem.action_items:
        owner = item.owner.removeprefix("@").casefold()
        if is_placeholder(item.owner) or not item.is_open or owner in known:
            continue
        at = context.document.at("action_items", item.index, "owner")
        fact = f'action item {item.index + 1}: unknown owner "{item.owner[:60]}"'
        hint = config.did_you_mean(owner, known)
        several = Several("{} action items have unknown owners", item.owner[:60], "correct them")
        yield Finding(*at, fact, hint, several=several)
