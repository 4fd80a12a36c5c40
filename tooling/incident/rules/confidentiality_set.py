"""A published postmortem says who may read it.

The wiki, feeds and exports obey `confidentiality`. Without a word the strictest reading is safe but
hides what others could learn from; a guess in the other direction cannot be taken back. `public`
is for everybody, `internal` for the company, `restricted` for those who are named.

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


@rule(code="INC110", level=Level.WARNING, since="0.2.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report where nothing is said."""
    if not context.postmortem.confidentiality:
        at = context.document.at("confidentiality")
        yield Finding(*at, "confidentiality is not set", "write `confidentiality: internal`")
