"""Wrong data has a correction time and a notification time.

In a correctness, quality, volume or schema incident, the wrong rows are the incident, and reverting
the change is only half of the fix. `corrected_at` is when the data was correct again,
`consumers_notified_at` when its consumers were notified; without them, time to correct and time to
notify can't be measured.

## Fails

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40Z"
  mitigated_at: "2025-05-14T10:30Z"
  resolved_at: "2025-05-14T13:30Z"
```

## Passes

```yaml
kind: freshness
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40Z"
  mitigated_at: "2025-05-14T10:30Z"
  resolved_at: "2025-05-14T13:30Z"
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem.timestamps import TIMESTAMPS
from incident.rules import Context, Finding, rule

_KINDS = frozenset({"correctness", "quality", "volume", "schema"})


@rule(code="INC504", level=Level.ERROR, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report each of the two that is missing."""
    postmortem = context.postmortem
    if postmortem.kind not in _KINDS:
        return
    severe = postmortem.severity in {"P0", "P1"}
    for key in ("corrected_at", "consumers_notified_at"):
        if context.document.get("timestamps", key) is None:
            at = context.document.at("timestamps", key)
            hint = f"add {TIMESTAMPS[key].meaning}"
            fact = f"`{key}` is missing (required for kind {postmortem.kind})"
            yield Finding(*at, fact, hint, None if severe else Level.WARNING)
