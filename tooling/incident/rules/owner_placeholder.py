"""The postmortem has a real owner, not a placeholder.

The owner collects the facts, brings the postmortem to review, and checks after two weeks whether
the action items hold. A team is best because it outlives a change of jobs. Leave out the @, which
YAML does not allow at the start of a value.

The schema reports a missing or null owner.

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
    """Report placeholder owners."""
    owner = context.document.get("owner")
    if not isinstance(owner, str):
        return
    at = context.document.at("owner")
    if not owner.strip():
        yield Finding(*at, "`owner` is empty", "name one team or one handle")
    elif is_placeholder(owner.lstrip("@")):
        fact = f'owner "{owner}" is a placeholder'
        yield Finding(*at, fact, "name one team or one handle")
    elif owner.startswith("@"):
        yield Finding(*at, f'owner "{owner}" starts with @', f"write {owner.lstrip('@')}")
