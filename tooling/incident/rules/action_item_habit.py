"""An action item is a control, not a habit.

"Always check the row count before a deploy" works until the day someone is tired, new or away. A
control works on that day too: a test, a gate, a limit, a required field, a reminder that a machine
sends. Sometimes a habit is all there is; then say where it is written down and who checks that it
is followed: a checklist, a template, a rotation.

Finished items (`done` or `wont_do`) are not reported.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Always compare the row counts before merging a filter", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the team was informed"}
```

```yaml
action_items:
  - {id: AI-1, title: "Know which tables are loaded twice a day", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "everyone knows them"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Always compare the row counts before merging: a required check in CI", type: prevent, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a pull request that drops rows cannot be merged"}
  - {id: AI-2, title: "Don't deploy on the last day of a quarter", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the release checklist asks for the date"}
  - {id: AI-3, title: "Always retry a load that got a 503", type: mitigate, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a replay of 2025-05-14 ends with a load"}
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._item_title import sentence
from incident.rules.action_item_vague import is_vague
from incident.text.lazy_regex import lazy

_ACTS = (
    r"(?:check|compare|verify|test|review|ask|confirm|inform|tell|announce|communicate|read|look|"
    r"think|run|use|follow|make|wait|double|document|write|update|coordinate|consult|notify|"
    r"remember|watch|inspect|validate|keep|have|be|know|avoid|deploy|merge|push|rely|assume|trust)"
)
_HABIT = lazy(
    r"(?:(?:please\s+)?(?:"
    r"(?:always|never)\s+(?:\w+ly\s+)?" + _ACTS + r"\b|"
    r"(?:remember|don['\u2019]?t forget|do not forget)\s+(?:to|that|about)\b|"
    r"be (?:sure|more (?:careful|mindful|attentive|diligent|disciplined)|careful|mindful|attentive|"
    r"diligent|disciplined)\b|"
    r"(?:do not|don['\u2019]?t|avoid)\s+(?:ever\s+)?(?:deploy|merg|push|releas|assum|rely|trust|chang|"
    r"edit|run|work|touch|skip|rush)\w*|"
    r"(?:double|triple)[- ]check\w*|take (?:more |extra |better )?(?:care|time)\b|"
    r"(?:keep|bear) in mind\b|get (?:in|into) the habit|make it a habit|"
    r"(?:communicate|talk|coordinate|think) (?:more|better|earlier|sooner|first|twice|about)\b|"
    r"(?:carefully|closely|regularly|periodically|frequently|manually)\s+\w+|"
    r"(?:emphasi[sz]e|discourage|stick to|adhere to|comply with)\b|"
    r"know (?:all|your|our|the|which|where|what|who)\b|stay (?:alert|calm|on top|informed)|"
    r"(?:use|exercise|apply) (?:more |extra )?(?:caution|care|judg)|"
    r"think (?:about|before|of)\b|speak up|ask (?:for help|before|first)|"
    r"(?:start|declare|announce|open) incidents? (?:earlier|sooner|faster)\b"
    r")|"
    r"(?:all |the |our )?(?:everyone|everybody|engineers?|developers?|people|analysts?|operators?|"
    r"members?|maintainers?|users?|responders?|reviewers?)"
    r"\b[^.;:]{0,30}?\b(?:should|must|need to|needs to|has to|have to|will)\s+(?:always\s+|never\s+)?"
    + _ACTS
    + r"\b)",
    re.IGNORECASE,
)
_SYSTEM = lazy(
    r"(?:always|never)\s+(?:have|be|keep|use|make|run|test|write|validate|update|notify)\s+"
    r"(?:in|a|an|on|at|the)\b",
    re.IGNORECASE,
)
_CONTROL = lazy(
    r"\b(?:automat\w+|ci\b|pipeline|hooks?|lint\w*|gates?|block(?:s|ed|ing)?|reject\w*|refus\w*|"
    r"enforc\w*|requir\w*|cannot|can't|prevent(?:s|ed)?|alerts?|alarm\w*|monitor\w*|pages?\b|paged|"
    r"bots?|scripts?|cron|templates?|checklists?|runbooks?|playbooks?|codeowners|approv\w+|fails?|"
    r"permissions?|contract\w*|calendar|rota|rotation|guard\w*|tooling|tool|lockfile|"
    r"two-factor|feature flags?|dashboards?|unit tests?|integration tests?|tests? (?:that|on|for)|"
    r"pull[- ]request|replay|drill|rehears\w+|sign-?off|schedul\w+|weekly|monthly|quarterly|"
    r"inventory|list of|register)\b|`[^`]+`",
    re.IGNORECASE,
)
_HINT = "turn it into a control: a test, a gate, a limit, a checklist that the work goes through"


@rule(code="INC316", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items that ask people to remember something, once with their numbers."""
    habits = []
    for item in context.postmortem.action_items:
        if item.is_finished:
            continue
        said = sentence(item.title)
        found = _HABIT().match(said) or _HABIT().match(item.title.lstrip())
        if found is None or _SYSTEM().match(said):
            continue
        if _CONTROL().search(f"{said} {item.done_when} {item.verified_by}"):
            continue
        if not is_vague(item, context.config.language):
            habits.append(item.index)
    if habits:
        at = context.document.at("action_items", habits[0], "title")
        numbers = ", ".join(str(index + 1) for index in habits)
        fact = f"action item {numbers} is a habit that no control supports"
        if len(habits) > 1:
            fact = f"{len(habits)} action items are habits that no control supports: {numbers}"
        yield Finding(*at, fact, _HINT)
