"""Wrong data has a time of its correction, and one of the notice.

For an incident of correctness, quality, volume or schema the wrong rows are the incident, and
reverting the change is only half of its end. `corrected_at` says when the data was right again,
`consumers_notified_at` when those who use it were told; without them the time to correct cannot be
measured.

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


@rule(code="INC504", level=Level.ERROR, since="0.2.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report what is missing of the two."""
    postmortem = context.postmortem
    if postmortem.kind not in _KINDS:
        return
    severe = postmortem.severity in {"P0", "P1"}
    for key in ("corrected_at", "consumers_notified_at"):
        if context.document.get("timestamps", key) is None:
            at = context.document.at("timestamps", key)
            hint = f"say {TIMESTAMPS[key].meaning}"
            fact = f"wrong data ({postmortem.kind}) without {key}"
            yield Finding(*at, fact, hint, None if severe else Level.WARNING)
