"""A P0 or P1 has a reviewer who was not a responder.

People who responded know what happened, so they don't notice what the text leaves out. A reviewer
who wasn't there asks the questions that a reader will have in a year. The incident lead, the
scribe and the responders count as responders; the facilitator and the data steward don't.

## Fails

```yaml
reviewers: [dmartel]
```

## Passes

```yaml
reviewers: [dmartel, lquist]
```

```yaml
status: in_review
reviewers: []
```
"""

from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule

_RESPONDED = ("incident_lead", "scribe", "responders")


@rule(code="INC106", level=Level.ERROR, since="0.1.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report reviews by responders only."""
    postmortem = context.postmortem
    if postmortem.severity not in {"P0", "P1"} or not postmortem.reviewers:
        return  # the schema requires a reviewer
    responders = {who.casefold() for role in _RESPONDED for who in postmortem.roles.get(role, ())}
    if all(reviewer.casefold() in responders for reviewer in postmortem.reviewers):
        count = len(postmortem.reviewers)
        whom = "its only reviewer" if count == 1 else f"all {count} reviewers"
        fact = f"{whom} responded to this {postmortem.severity_label}"
        hint = "add a reviewer who was not involved in the incident"
        yield Finding(*context.document.at("reviewers"), fact, hint)
