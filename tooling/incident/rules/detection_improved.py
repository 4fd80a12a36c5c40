"""An incident found by people leads to a check that finds the next one.

When consumers find an incident, they have already used the wrong data, or waited for it. Often a
machine could have known: a log had the error, a metric dropped, an alert went to a mailbox that
nobody reads, or a simple test was missing. Without an item of type detect, consumers will find the
next one too. If no check is worth it, keep the item as `wont_do` with the reason, or explain in
`should_have_been` why nothing could have caught it.

For a published P0 or P1, `action-item-detect` checks this.

## Fails

```yaml
severity: P2
status: in_review
action_items:
  - {id: AI-1, title: "Compare product lines by key in the filter", type: prevent, owner: data-platform, due: "2025-06-10", status: committed, done_when: "no filter in the project compares names"}
```

## Passes

```yaml
severity: P2
status: in_review
action_items:
  - {id: AI-1, title: "Add a row-count test on orders", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
```

```yaml
severity: P2
detection: {method: consumer, source: "finance", should_have_been: "nothing: the source has no second count"}
action_items:
  - {id: AI-1, title: "Compare product lines by key in the filter", type: prevent, owner: data-platform, due: "2025-06-10", status: committed, done_when: "no filter in the project compares names"}
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.postmortem.model import ActionItem
from incident.rules import Context, Finding, _detection_text, rule
from incident.rules._text import is_placeholder
from incident.text.lazy_regex import lazy

_BY_MACHINE = frozenset({"test", "monitor", "anomaly", "pipeline_failure"})
_NO_CHECK = lazy(
    r"\s*(?:nothing|none|no (?:check|test|monitor|alert)|not possible|impossible)\b|"
    r"\b(?:could not|couldn['\u2019]t|cannot) (?:have )?(?:been |be )?(?:detect|caught|found|know)",
    re.IGNORECASE,
)
# an item with one of these finds the next incident sooner, whatever its type
_SOONER = lazy(
    r"\b(?:alert|alarm|monitor|detect|notif\w+ (?:when|if)|pag(?:e|es|ing) (?:on|the)|warn|anomal|"
    r"freshness|health[- ]?check|heartbeat|threshold|observab|canary|probe|pingdom|age of the data)",
    re.IGNORECASE,
)
# of an item without a type: a test of data, not of code
_CHECKED = lazy(
    r"\b(?:row[- ]count|not[- ]null|unique\w*|data|dbt|schema|volume|sanity|smoke) (?:tests?|checks?)\b|"
    r"\b(?:test|check)s? (?:on|that|for)\b|\b(?:reconcil|logging)",
    re.IGNORECASE,
)


@rule(code="INC319", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report incidents found by people whose action items would not find the next one sooner."""
    postmortem, items = context.postmortem, context.postmortem.action_items
    method, should = postmortem.detection_method, postmortem.should_have_been
    is_published = postmortem.status in {"published", "closed"}
    if method in _BY_MACHINE or any(item.type == "detect" for item in items):
        return
    if is_published and (
        postmortem.severity in {"P0", "P1"} or not items or is_placeholder(should)
    ):
        return  # action-item-detect, the schema and detection-lesson report these
    if _NO_CHECK().search(should) or any(map(_is_sooner, items)):
        return
    related: tuple[tuple[int, str], ...] = ()
    at, how = context.document.at("detection"), f"found by {_who(method)}"
    if method != "consumer" and is_placeholder(should):
        told = _detection_text.read(context)
        if told is None:
            return
        at, related = (told.start, told.end), told.related
        who = "without an alert" if told.unwatched else f"by {_who(method)}"
        how = f"found {who} ({told.words})"
    count = len(items)
    lacking = "no action item" if count < 2 else f"none of {count} action items"
    fact = f"{how}, and {lacking} finds the next one sooner"
    named = "" if is_placeholder(should) else f' for "{should}"'
    hint = f"add an item of type detect{named}, or keep one as `wont_do` with the reason"
    yield Finding(*at, fact, hint, related=related)


def _who(method: str) -> str:
    known = {"consumer": "a consumer", "engineer": "an engineer", "external": "a third party"}
    return known.get(method, "people")


def _is_sooner(item: ActionItem) -> bool:
    text = f"{item.title} {item.done_when}"
    return bool(_SOONER().search(text) or (not item.type and _CHECKED().search(text)))
