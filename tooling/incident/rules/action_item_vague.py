"""An action item states what will change.

"Investigate", "improve" and "be more careful" can't be finished, so they never are. Neither can
"better alerts", "where possible" or a question. Such an item is fine if it has a measurable
outcome: a number to reach, a deliverable ("write up three options"), or the thing that will be
different. To test it, ask: what can we look at when it is done?

Finished items (`done` or `wont_do`) are not reported.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Investigate better monitoring", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "monitoring is good enough"}
```

```yaml
action_items:
  - {id: AI-1, title: "Improve our data quality", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the quality has improved"}
```

```yaml
action_items:
  - {id: AI-1, title: "Be more careful with filters", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "filters are changed with care"}
```

```yaml
action_items:
  - {id: AI-1, title: "Introduce better alerts for the orders table", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the alerts are better"}
  - {id: AI-2, title: "We should further optimize the load", type: mitigate, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the load is optimized"}
  - {id: AI-3, title: "Do we need a second reviewer for filters?", type: process, owner: data-platform, due: "2025-05-21", status: committed, done_when: "we have talked about it"}
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Reduce the alert delay of orders from 6 hours to 30 minutes", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "fails on a replay of 2025-05-14"}
  - {id: AI-2, title: "Improve the freshness check of orders: page after 60 minutes", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a replay pages on call"}
  - {id: AI-3, title: "Explore data contracts with the shop team", type: prevent, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the pull request with the first contract is merged"}
```
"""

import re
from collections.abc import Iterator
from functools import cache

from incident import word_lists
from incident.diagnostic import Level, Several
from incident.postmortem.model import ActionItem
from incident.rules import Context, Finding, rule
from incident.rules._item_title import sentence
from incident.text.lazy_regex import lazy

# a number, something concrete, or a deliverable
_BOUND = lazy(
    r"\d|[\w]+_[\w]+|`[^`]+`|https?://|\b(?:until|at least|at most|below|above|within|every|"
    r"write[- ]?up|so that|decision|by adding|by moving|with a test|pull request|"
    r"to (?:include|cover)|and (?:then )?(?:remove|delete|fix|revoke|rotate|drop|replace|document|"
    r"publish|list|file|report|block|reject)|"
    r"zero|one|two|three|four|five)\b|:\s+\w",
    re.IGNORECASE,
)
# "ensure that the checks are run", "make sure an alert is in place"
_ENSURED = lazy(
    r"(?:that\s+)?(?:[\w-]+\s+){1,6}?(?:is|are|gets?|has|have)\s+(?:(?:in place|on|an?)\b|(?!improv|enhanc|inform|prepar|train|optimi)"
    r"(?:\w+ed|run|set|kept|sent|shown)\b)",
    re.IGNORECASE,
)
# what anybody can see happen
_SEEN = lazy(
    r"\b(?:fails?|pass(?:es)?|pages?|alerts?|blocks?|rejects?|refuses?|appears?|exists?|arrives?|shows?|"
    r"returns?|(?:is|are) (?:merged|deployed|deleted|removed|published|closed|enabled|disabled|live|gone|"
    r"on|off|green|red|empty|documented|linked|scheduled|signed|approved|rotated|installed))\b",
    re.IGNORECASE,
)
_QUALITY = lazy(
    r"\b(?:better|improved|improvements?|(?:more|increased) (?:\w+ )?(?:robust|resilient|reliabl[ey]|visible|"
    r"careful(?:ly)?|clear(?:ly)?|transparent|proactive(?:ly)?|consistent(?:ly)?|thorough(?:ly)?|strict(?:ly)?|effective(?:ly)?|"
    r"efficient(?:ly)?|stable|secure|vigilant|mindful|attention|awareness|visibility|vigilance|monitoring|training|"
    r"communication|care|rigou?r(?:ous)?)|"
    r"easier|easy to|easily|clearer|safer|smoother|high(?:er)?[- ]quality|robust(?:ness)?|"
    r"resilien(?:t|ce)|as (?:needed|necessary|appropriate)|where(?:ver)? (?:needed|necessary|possible|appropriate)|"
    r"(?:if|when) (?:needed|possible|necessary|appropriate))\b",
    re.IGNORECASE,
)
_QUESTION = lazy(
    r"(?:[^?]*\?\s*|(?:should|could|can|do|does|is|are|how|why|what|which|whether) (?:we|the|our|it|to)\b.*)",
    re.IGNORECASE,
)
_PERHAPS = lazy(r"\s*(?:we|it|they|the team)\s+could\b", re.IGNORECASE)
# an issue number is not an outcome
_REFERENCE = lazy(r"\]\([^)]*\)|\[?[\w./-]*#\d+\]?|https?://\S+")


@cache
def _openings(language: str) -> re.Pattern[str]:
    words = sorted(word_lists.words("vague_openings", language), key=len, reverse=True)
    return re.compile(rf"\W*(?P<opening>{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)


@rule(code="INC308", level=Level.ERROR, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report vague items without an outcome in `title` or `done_when`."""
    for item in context.postmortem.action_items:
        if item.is_finished:
            continue
        words = vague_opening(item.title, context.config.language)
        if words and not _is_measured(item):
            at = context.document.at("action_items", item.index, "title")
            name = f"action item {item.index + 1}"
            if words == "?":
                fact = f"{name} is a question"
            elif sentence(item.title).casefold().startswith(words):
                fact = f'{name} starts with "{words}" and has no measurable outcome'
            else:
                fact = f'{name} asks for "{words}" and has no measurable outcome'
            hint = 'state what changes, where, and how to tell: "alert when orders is 60 min late"'
            several = Several("{} action items have no measurable outcome", str(item.index + 1))
            yield Finding(*at, fact, hint, several=several)


def is_vague(item: ActionItem, language: str) -> bool:
    """Whether this rule reports an item."""
    return bool(vague_opening(item.title, language)) and not _is_measured(item)


def _is_measured(item: ActionItem) -> bool:
    said = item.done_when
    return bool(_BOUND().search(said) or _SEEN().search(said))


def vague_opening(title: str, language: str) -> str:
    """The vague words of an action item ("?" for a question); "" if it has an outcome."""
    said = sentence(title)
    if _QUESTION().fullmatch(said):
        return "?"
    opening = _openings(language).match(said)
    rest = _REFERENCE().sub(" ", said[opening.end() :] if opening else said)
    if _BOUND().search(rest):
        return ""
    quality = _QUALITY().search(rest)
    if opening:
        words = opening["opening"].casefold()
        firm = words in {"ensure", "make sure"} and _ENSURED().match(rest.lstrip())
        return "" if firm and not quality else words
    if perhaps := _PERHAPS().match(said):
        return perhaps[0].strip().casefold()
    return quality[0].casefold() if quality else ""
