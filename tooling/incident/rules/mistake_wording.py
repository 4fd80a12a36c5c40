"""The text doesn't call an action a mistake.

"Accidentally", "wrongly", "by mistake" and "an oversight" assign blame by outcome: at the time, the
action looked right. Often it's enough to drop the word: "the table was dropped". Better still,
explain what made it look right.

## Fails

```markdown
## Root cause

The staging schema was accidentally dropped while the other schema of the same name was cleaned up.
```

```markdown
## What went badly

- They inadvertently merged the branch before the freeze.
```

## Passes

```markdown
## Root cause

The staging schema was dropped: both schemas have the same name, and the prompt shows no host.
```

```markdown
## Contributing factors

- The export accidentally includes test orders, so old prices were inadvertently sent to the shop.
- A prompt makes it harder to accidentally drop a schema.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import NAME, PERSON, hits, is_person, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

# what a person does to a table or a repository; a log line may be "inadvertently sent" by a system
_ACT = (
    r"(?:delet|dropp|truncat|overwr|remov|merg|deploy|disabl|enabl|push|committ|revert|revok|wip|chang|"
    r"edit|modif|replac|renam|reset|stopp|restart|kill|shut|ran|run|re-?ran|appl|alter|tagg|configur|"
    r"creat|add|left|set|turn|grant|releas|publish|migrat|assign|select|enter|typ|upgrad|downgrad|clos|unplugg|"
    r"detach|terminat|destroy|expir|rotat|cop|skipp|execut|approv|switch|commented|used|made|introduc|broke|cancel|clean|forgot)"
)
_ADVERB = (
    r"(?:accidentally|inadvertently|erroneously|unintentionally|wrongly|wrongfully|unwittingly|"
    r"unknowingly|absent-?mindedly|accidently|mistakingly)"
)
_PATTERN = lazy(
    rf"\bmistaken(?:ly)?\s+(?!(?:for|identity)\b)\w+"
    rf"|\b(?:was|were|been|got|being|had|has|have)\s+(?:\w+\s+)?{_ADVERB}\s+{_ACT}\w*"
    rf"|\b{PERSON}\s+(?:(?:had|have|has|also|then)\s+)*{_ADVERB}\s+\w+"
    rf"|(?<![\w@]){NAME}\s+(?:had\s+|also\s+|then\s+)?{_ADVERB}\s+\w+"
    rf"|\b(?!setting|change\b|release\b|log){_ACT}\w*\s+(?:{_ADVERB}|by accident|in error)\b"
    r"|\b(?:by\s+mistake|(?:an?|the|our|this|my)\s+(?:\w+\s+)?oversight|made\s+(?:an?|the|this|some)?\s*(?:\w+\s+)?mistakes?|"
    r"(?:an?|the|our|his|her|their|my)\s+(?:\w+\s+)?mistake)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    mistaken mistakenly accidentally inadvertently erroneously unintentionally wrongly accidently
    wrongfully unwittingly unknowingly absentmindedly mindedly mistake mistakes oversight accident
    mistakingly error
    """
)
# What may happen, or no longer can, is not what happened.
_POSSIBLE = lazy(
    r"\b(?:can|could|may|might|would|cannot|to|prevent\w*|avoid\w*|protect\w*|guard\w*|against|from|"
    r"if|harder|impossible)\b[^.;:!?\n]{0,30}$",
    re.IGNORECASE,
)
_NAMED = lazy(rf"(?!(?i:{PERSON})\b){NAME}(?=\s+(?:had\s+|also\s+|then\s+)?{_ADVERB})")


@rule(code="INC425", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words that call an action a mistake."""
    for match in hits(context, _WORDS, _PATTERN):
        at = match.start()
        if _POSSIBLE().search(context.prose[max(0, at - 40) : at]):
            continue
        name = _NAMED().match(match[0])
        if name and not is_person(context, at, at + name.end()):
            continue
        fact = f'"{said(match)}" assigns blame by outcome'
        several = Several("{} phrases assign blame by outcome", f'"{said(match)}"')
        yield Finding(
            *match.span(),
            fact,
            "drop the word, or explain what made it look right",
            several=several,
        )
