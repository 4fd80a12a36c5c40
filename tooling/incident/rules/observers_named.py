"""A P0 or P1 lists who must be kept informed.

During an incident, consumers ask in every channel, and afterwards it turns out that someone was
never informed. `observers` lists the teams that get every update, so that nobody has to remember
them at night.

## Fails

```yaml
observers: []
```

## Passes

```yaml
observers: [finance, sales]
```

```yaml
severity: P2
observers: []
impact:
  summary: "The stock report was 2 hours late, nobody had opened it"
  critical_use_case: false
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC109", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report a severe incident without observers."""
    postmortem = context.postmortem
    if postmortem.severity in {"P0", "P1"} and not any(postmortem.observers):
        fact = f"this {postmortem.severity_label} has no observers"
        hint = "list the teams to keep informed: `observers: [finance]`"
        yield Finding(*context.document.at("observers"), fact, hint)
