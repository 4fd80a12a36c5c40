"""The frontmatter matches the schema.

Keys, types and allowed values are defined in `schemas/postmortem.schema.json`. Requirements grow
with `status`: a draft needs an id, title, severity, owner and one timestamp, so that declaring is
cheap; `in_review` needs the facts; `published` needs a reviewer, a resolution time and an action
item; `closed` needs the two follow-up checks. Prefix your own keys with `x_`.

## Fails

```yaml
severity: P9
```

```yaml
sevrity: P1
```

```yaml
status: closed
follow_up: {two_weeks: null, three_months: null}
```

## Passes

```yaml
severity: P1
x_cost_centre: 4711
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem import schema
from incident.postmortem.severity import scale
from incident.rules import Context, Finding, rule


@rule(code="INC002", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report every violation of the schema."""
    loaded = schema.load(context.config.root)
    aliases = context.config.severity_aliases
    for violation in schema.check(context.document, loaded, tuple(aliases) and scale(aliases)):
        yield Finding(*violation)
