"""A P0 or P1 is reviewed by someone who did not respond.

Who was in the incident knows what happened, and therefore reads over what the text leaves out. One
reviewer from outside asks the question that a reader will have in a year. The incident lead, the
scribe and the responders responded; the facilitator and the data steward did not.

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


@rule(code="INC106", level=Level.ERROR, since="0.2.0", since_status="published")
def check(context: Context) -> Iterator[Finding]:
    """Report reviews by responders alone."""
    postmortem = context.postmortem
    if postmortem.severity not in {"P0", "P1"} or not postmortem.reviewers:
        return  # that there is a reviewer at all is the schema's
    responders = {who.casefold() for role in _RESPONDED for who in postmortem.roles.get(role, ())}
    if all(reviewer.casefold() in responders for reviewer in postmortem.reviewers):
        count = len(postmortem.reviewers)
        whom = "its only reviewer" if count == 1 else f"all {count} reviewers"
        fact = f"{whom} responded to this {postmortem.severity}"
        hint = "ask one reviewer who was not in the incident"
        yield Finding(*context.document.at("reviewers"), fact, hint)
