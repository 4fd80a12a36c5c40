"""Detection names the kind of check that its text describes.

The wiki counts by `detection.check_kind` which kinds of checks should have caught incidents. This
rule suggests a kind if the words of `should_have_been` describe exactly one. If they leave any
doubt, it reports nothing.

## Fails

```yaml
detection: {method: consumer, source: "finance", should_have_been: "a freshness test on orders"}
```

## Passes

```yaml
detection: {method: consumer, source: "finance", should_have_been: "a freshness test on orders", check_kind: freshness}
```

```yaml
detection: {method: consumer, source: "finance", should_have_been: "a preview of the report"}
```
"""

from collections.abc import Iterator

from incident.archive import check_kinds
from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._importance import Importance


@rule(code="INC221", level=Level.NOTICE, since="0.1.0", importance=Importance.STYLE)
def check(context: Context) -> Iterator[Finding]:
    """Report a missing kind that the text names."""
    postmortem, document = context.postmortem, context.document
    kind = "" if postmortem.check_kind else check_kinds.suggested(postmortem.should_have_been)
    if not kind:
        return
    title = check_kinds.title(kind).lower()
    fact = f"`check_kind` is missing, and `should_have_been` describes one kind: {title}"
    at = document.at("detection", "should_have_been")
    yield Finding(*at, fact, f"add `check_kind: {kind}` below it")
