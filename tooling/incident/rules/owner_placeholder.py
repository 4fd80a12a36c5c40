"""The postmortem has an owner, and no placeholder for one.

The owner answers for the postmortem: asks for the facts, brings it to review, and looks after two
weeks whether the action items hold. A team is best, as it outlives a change of desk. It is written
without the @, which YAML does not allow at the start of a value.

An owner that is missing or null is the schema's.

## Fails

```yaml
owner: TBD
```

```yaml
owner: "@data-platform"
```

## Passes

```yaml
owner: data-platform
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._text import is_placeholder


@rule(code="INC102", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report an owner that names nobody."""
    owner = context.document.get("owner")
    if not isinstance(owner, str):
        return
    at = context.document.at("owner")
    if not owner.strip():
        yield Finding(*at, "owner is empty", "name one team or one handle")
    elif is_placeholder(owner.lstrip("@")):
        fact = f'owner "{owner}" is a placeholder'
        yield Finding(*at, fact, "name one team or one handle")
    elif owner.startswith("@"):
        yield Finding(*at, f'owner "{owner}" begins with @', f"write {owner.lstrip('@')}")
