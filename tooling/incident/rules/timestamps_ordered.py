"""The timestamps are in order.

Time to detect (MTTD) and time to resolve (MTTR) are computed from them, and one wrong offset turns
an hour into minus one. Times are compared as instants: `11:40+02:00` comes before `10:00Z`.

The order is started, detected, acknowledged, mitigated, resolved; corrected and notified are
between started and resolved.

## Fails

```yaml
timestamps:
  started_at: "2025-05-14T08:00Z"
  detected_at: "2025-05-14T09:40+02:00"
  resolved_at: "2025-05-14T15:30Z"
```

```yaml
timestamps:
  started_at: "2025-05-14T02:05Z"
  detected_at: "2025-05-14T09:40Z"
  consumers_notified_at: "2025-05-14T16:00Z"
  resolved_at: "2025-05-14T15:30Z"
```

## Passes

```yaml
timestamps:
  started_at: "2025-05-14T02:10Z"
  detected_at: "2025-05-14T01:55-05:00"
  resolved_at: "2025-05-14T15:30Z"
```
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from incident.diagnostic import Level
from incident.postmortem import model
from incident.rules import Context, Finding, rule

_CHAIN = ("started_at", "detected_at", "acknowledged_at", "mitigated_at", "resolved_at")
_BETWEEN = ("corrected_at", "consumers_notified_at")


@rule(code="INC104", level=Level.ERROR, since="0.1.0")
def check(context: Context) -> Iterator[Finding]:
    """Report each timestamp that is out of order."""
    times = context.postmortem.times
    pairs = list(pairwise(key for key in _CHAIN if key in times))
    for key in _BETWEEN:
        pairs += [("started_at", key), (key, "resolved_at")]
    for first, second in pairs:
        if first in times and second in times and times[second] < times[first]:
            # report corrected and notified, on either side
            key, other = (first, second) if first in _BETWEEN else (second, first)
            side = "after" if key == first else "before"
            gap = times[first] - times[second]
            fact = f"{_show(context, key)} is {_length(gap)} {side} {_show(context, other)}"
            yield Finding(*context.document.at("timestamps", key), fact, _hint(times, key, other))


def _show(context: Context, key: str) -> str:
    return f"{key} {context.document.get('timestamps', key).strip()}"


def _length(gap: timedelta) -> str:
    seconds = gap.total_seconds()
    return model.duration(gap) if seconds >= 60 else f"{seconds:g} s"


def _hint(times: dict[str, datetime], key: str, other: str) -> str:
    if times[key].utcoffset() != times[other].utcoffset():
        return "check both offsets: times are compared as instants"
    return "check which of the two is wrong"
