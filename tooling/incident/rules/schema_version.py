"""The schema version is supported.

`schema_version: 1` is the only version so far and the default. A later version was written for a
newer incident-docs: its keys are not checked, and the file is not changed.

## Fails

```yaml
schema_version: 2
```

## Passes

```yaml
schema_version: 1
```

```file
---
id: 2025-03-03-orders-late
title: "Orders were 3 hours late"
status: draft
severity: P3
owner: data-platform
timestamps: {started_at: "2025-03-03T05:00Z", detected_at: "2025-03-03T08:00Z"}
---
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem import schema
from incident.rules import Context, Finding, rule


@rule(code="INC005", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report a newer version."""
    document = context.document
    if not document.faults and schema.is_newer(document):
        version = document.get("schema_version")
        fact = f"schema_version {version} is not supported (this incident-docs: {schema.VERSION})"
        hint = "the file was written for a newer incident-docs: upgrade"
        yield Finding(*document.at("schema_version"), fact, hint)
