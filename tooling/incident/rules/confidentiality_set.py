"""A published postmortem has a confidentiality level.

The wiki, feeds and exports follow `confidentiality`. If it is missing, the strictest level is safe
but hides what others could learn from; a guess in the other direction can't be undone. `public` is
for everyone, `internal` for the company, `restricted` for the people named.

## Fails

```yaml
confidentiality:
```

## Passes

```yaml
confidentiality: internal
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC110", level=Level.WARNING, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report a missing level."""
    if not context.postmortem.confidentiality:
        at = context.document.at("confidentiality")
        yield Finding(*at, "`confidentiality` is not set", "add `confidentiality: internal`")
