"""Every redaction takes effect.

A misspelled key, or a marker with extra words or without its closing partner, hides nothing but
looks as if it did. The public edition is not built with one; this rule reports it in the pull
request, in every postmortem: what is internal today may be public next year.

## Fails

```yaml
redact: [impact.consumer]
```

```markdown
## Summary

The vendor <!-- redact: name -->Example Metals<!-- /redact --> sent the file twice.
```

## Passes

```yaml
redact: [impact.consumers]
```

```markdown
## Summary

The vendor <!-- redact -->Example Metals<!-- /redact --> sent the file twice.
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem import redactions
from incident.rules import Context, Finding, rule


@rule(code="INC113", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report redactions that are malformed or match nothing."""
    for problem in redactions.problems(context.document):
        yield Finding(*problem)
