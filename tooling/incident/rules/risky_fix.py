"""A fix that removes a safeguard states its limits.

Disabling the test, raising the threshold or retrying until it passes makes the alert go away; the
next incident then arrives without one. Sometimes it is right: for one table, until a date, with a
replacement. Say so in the item's title or `done_when`, or next to the sentence that describes the
fix, and let an action item undo it.

## Fails

```yaml
action_items:
  - {id: AI-1, title: "Disable the row-count test on orders", type: mitigate, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the build is green"}
```

```yaml
action_items:
  - {id: AI-1, title: "Increase the alert threshold of the freshness monitor", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the on-call engineer is not paged at night"}
```

```markdown
## Resolution and data repair

The uniqueness test was disabled, and the partition was rebuilt. Its sum agreed with the shop's.
```

## Passes

```yaml
action_items:
  - {id: AI-1, title: "Disable the row-count test on orders until the sale ends on May 30", type: mitigate, owner: data-platform, due: "2025-05-21", status: committed, done_when: "the test runs again on May 31"}
  - {id: AI-2, title: "Replace the mailbox alert with a page: remove the old alert", type: detect, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a replay pages on call"}
  - {id: AI-3, title: "Raise the timeout of the load from 5 to 10 minutes", type: prevent, owner: data-platform, due: "2025-05-21", status: committed, done_when: "a load of 126,000 rows ends within it"}
```

```markdown
## Resolution and data repair

The uniqueness test was disabled for one run and enabled again at 13:00Z. The sum agreed with the
shop's report.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from incident.diagnostic import Level
from incident.rules import Context, Finding, rule
from incident.rules._item_title import sentence
from incident.rules._text import any_of, is_quoted
from incident.text.lazy_regex import lazy

_GUARD = (
    r"(?:tests?|checks?|alert(?:s|ing)?|alarms?|monitors?|monitoring|validations?|assertions?|"
    r"constraints?|contracts?|limits?|rate[- ]limit(?:s|er|ing)?|safeguards?|guards?|gates?|"
    r"warnings?|approvals?|reviews?|mfa|2fa|two-factor authentication|authentication|firewall)"
)
_OFF = (
    r"(?:disabl|deactivat|mut|silenc|suppress|bypass|skip|remov|delet|drop|ignor|switch|turn|"
    r"comment|relax|loosen|weaken|allowlist|whitelist|exclud)"
)
_WITHIN = r"(?:(?!(?:with|without|from|for|in|of|on|after|before|to|into|by|that)\b)[\w`'\u2019./-]+ ){0,4}?"
# "the test", not "the test store"
_THING = (
    r"(?=\s*(?:$|[^\s\w`*_-]|(?:[a-z]+(?:ly|where)|on|of|for|in|from|at|to|and|or|so|that|which|until|when|"
    r"because|before|after|during|by|with|without|within|over|per|as|while|if|since|again|alone)\b))"
)
_LIMIT = r"(?:thresholds?|time-?outs?|limits?|tolerances?|retr(?:y|ies)(?: (?:count|limit)s?)?)"
_TITLE = lazy(
    rf"\b(?:{_OFF}(?:e|es|s|ed|ing|ping|ped)?\b(?: off| out)? {_WITHIN}{_GUARD}\b{_THING}"
    rf"|(?:rais|increas|extend|loosen|relax|doubl|bump)(?:e|es|ed|ing)? {_WITHIN}{_LIMIT}\b{_THING}"
    rf"|{_LIMIT} (?:values? |limits? )?(?:was |were |is |are )?(?:increased|raised|extended|doubled)\b"
    r"|(?:retry|re-?run|repeat)\b.{0,40}\buntil (?:it|they|the \w+) (?:pass|succeed|work|(?:is|are) green)"
    r"|(?:grant|give|allow)(?:s|ed|ing)? .{0,40}\b(?:admin\w*|root|superuser|owner) (?:access|rights?|"
    r"permissions?|privileges?|role)"
    r"|(?:allow|accept)(?:s|ed|ing)? (?:all|any|every) (?:traffic|hosts?|origins?|users?|ip\w*))",
    re.IGNORECASE,
)
# "the test was disabled", "we disabled the test"
_TEXT = lazy(
    rf"\b(?:{_GUARD} (?:on [\w`.]+ |of [\w`.]+ |for [\w`.]+ )?(?:was|were|is|are|has been|have been|"
    r"got) (?:now |then |temporarily )?(?:disabled|deactivated|muted|silenced|suppressed|bypassed|"
    r"skipped|removed|switched off|turned off|commented out|relaxed|loosened)"
    r"|(?:disabled|deactivated|muted|silenced|bypassed|skipped|removed|switched off|turned off|"
    rf"commented out|relaxed) (?:the |all |our |its |that |a )(?:[\w`-]+ ){{0,3}}?{_GUARD}\b{_THING})",
    re.IGNORECASE,
)
_BOUND = lazy(
    r"\b(?:until|temporar\w+|for now|again|re-?enabl\w*|re-?instat\w*|restor\w*|re-?activat\w*|"
    r"replac\w*|instead|duplicat\w*|obsolete|unused|redundant|false[- ]positive\w*|flaky|noisy|old|"
    r"deprecated|legacy|only|except|for (?:one|a|this|that) \w+|during|while|at most|up to|"
    r"from \S+ to|to \d|by \d|per \w+|within|expires?|after|before|once|when|alert when|capped|"
    r"in the (?:staging|test|dev)\w*|for (?:the )?(?:staging|dev|test)\w*|move[ds]?|into|based on|"
    r"for (?:days?|accounts?|tables?|models?) (?:with|without|that))\b|\d",
    re.IGNORECASE,
)
_UNDONE = lazy(
    r"\b(?:(?:re-?|again )enabl\w+|enabl\w+ (?:it |them |the \w+ )?again|switched (?:it )?(?:back )?on|"
    r"turned (?:it )?(?:back )?on|restored the|re-?instat\w+|re-?activat\w+|un-?mut\w+)",
    re.IGNORECASE,
)
_RISKY = any_of(
    """
    disabl deactiv mut silenc suppress bypass skip remov delet drop ignor switch turn comment relax
    loosen weaken allow whitelist exclud rais increas extend doubl bump retry rerun re-run repeat
    grant giv accept
    """
)
_GATE = any_of(
    """
    disabled deactivated muted silenced suppressed bypassed skipped removed switched turned
    commented relaxed loosened
    """
)


@rule(code="INC318", level=Level.WARNING, since="0.1.0", since_status="in_review")
def check(context: Context) -> Iterator[Finding]:
    """Report items and repairs that take a safeguard away without a bound."""
    risky = []
    for item in context.postmortem.action_items:
        title = item.title.lower()
        if item.status == "wont_do" or not any(part in title for part in _RISKY):
            continue
        found = _TITLE().search(sentence(item.title))
        rest = f"{item.title} {item.done_when}"
        if found and not _BOUND().search(rest.replace(found[0], found[0].replace("until", ""))):
            risky.append((item.index, found[0]))
    if risky:
        at = context.document.at("action_items", risky[0][0], "title")
        fact = f'action item {risky[0][0] + 1} weakens a safeguard without a bound: "{risky[0][1]}"'
        if len(risky) > 1:
            numbers = ", ".join(str(index + 1) for index, _ in risky)
            fact = f"{len(risky)} action items weaken a safeguard without a bound: {numbers}"
        yield Finding(*at, fact, "state for what, until when, or what replaces it")
    section = context.document.by_key.get("resolution")
    if section is None or _GATE.isdisjoint(context.vocabulary):
        return
    said = context.lowered[section.heading_end : section.end]
    if not any(word in said for word in _GATE):
        return
    titles = " ".join(f"{i.title} {i.done_when}" for i in context.postmortem.action_items)
    undone = _UNDONE().search(context.prose) or _UNDONE().search(titles)
    for match in _TEXT().finditer(context.prose, section.heading_end, section.end):
        around = _sentence(context.prose, match)
        if not (undone or _BOUND().search(around) or is_quoted(context.prose, match.start())):
            fact = f'"{" ".join(match[0].split())}" has no end, and no action item undoes it'
            yield Finding(*match.span(), fact, "say until when, or add the item that undoes it")
            return


def _sentence(text: str, match: re.Match[str]) -> str:
    start = max(text.rfind(". ", 0, match.start()), text.rfind("\n", 0, match.start())) + 1
    ends = [at for mark in (". ", ".\n", "\n\n") if (at := text.find(mark, match.end())) >= 0]
    return text[start : min(ends, default=len(text))]
