"""The file and its frontmatter are readable.

Everything else depends on the block between the two `---` lines: who owns the incident, when it
happened, what will be done. A file that can't be read can't be checked, searched or counted.

Dates, times and yes/no keep the text as written. Duplicate keys, custom tags, and aliases that
expand without bound are rejected.

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
    """Report the loader's faults."""
    for fault in context.document.faults:
        yield Finding(fault.start, fault.end, fault.message, fault.hint)
