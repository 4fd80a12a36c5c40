"""The file and its frontmatter can be read.

Everything else hangs on the block between the two lines of `---`: who owns the incident, when it
happened, what will be done. What cannot be read cannot be judged, searched or counted.

Dates, times and yes/no stay the text that was written. Duplicate keys, custom tags, and aliases
that expand without bound are refused.

## Fails

```yaml
owner: @data-platform
```

```yaml
title: Revenue: 18% low
```

## Passes

```yaml
owner: data-platform
title: "Revenue: 18% low"
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule


@rule(code="INC001", level=Level.ERROR, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report what the loader stumbled on."""
    for fault in context.document.faults:
        yield Finding(fault.start, fault.end, fault.message, fault.hint)
