"""The severity is not lower than the impact suggests.

A critical use case, the downstream reach and the size of the error determine the severity, not how
quickly it was over: rating it too low means that too few people are notified. A critical use case
alone makes it a P1; with 10 downstream assets or a figure off by 10%, a P0. Without a critical use
case, these make it a P2. A near miss has no impact and is not checked.

## Fails

```yaml
severity: P2
```

## Passes

```yaml
severity: P0
```

```yaml
kind: near_miss
severity: P3
```

## Options

`tolerance`: how many levels lower the severity may be; default 1, because a team knows more than
three factors do.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from incident.diagnostic import Level
from incident.postmortem import severity
from incident.rules import Context, Finding, rule


@dataclass(frozen=True)
class Options:
    """Severity levels."""

    tolerance: int = 1


@rule(code="INC108", level=Level.WARNING, since="0.1.0", since_status="in_review", options=Options)
def check(context: Context) -> Iterator[Finding]:
    """Report severities that are too low for the impact."""
    document, declared = context.document, context.postmortem.severity
    critical = context.postmortem.critical_use_case
    if context.postmortem.kind == "near_miss" or critical is None:
        return
    downstream = document.get("impact", "downstream_assets")
    reach = downstream if isinstance(downstream, int) else 0
    off = _off_by(context)
    proposed = severity.propose(critical, reach, off)
    ladder = list(severity.MEANINGS)
    if declared not in ladder:
        return
    if ladder.index(declared) - ladder.index(proposed) > context.options.tolerance:
        reasons = [f"critical_use_case {str(critical).lower()}", f"{reach} downstream assets"]
        reasons += [f"off by {off:.0f}%"] if off else []
        shown = severity.label(proposed, context.config.severity_aliases)
        label = context.postmortem.severity_label
        fact = f"{label}, but the impact suggests {shown}: {', '.join(reasons)}"
        hint = f"raise it to {shown}, or correct the impact"
        yield Finding(*document.at("severity"), fact, hint)


def _off_by(context: Context) -> float:
    """How far off the figure was, in percent; 0.0 if unknown."""
    expected = context.document.get("impact", "magnitude", "expected")
    actual = context.document.get("impact", "magnitude", "actual")
    if isinstance(expected, bool) or isinstance(actual, bool):
        return 0.0
    if not isinstance(expected, (int, float)) or not isinstance(actual, (int, float)):
        return 0.0
    return abs(expected - actual) / abs(expected) * 100 if expected else 0.0
