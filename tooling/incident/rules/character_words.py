"""The text doesn't judge people.

"Careless", "sloppy" and "rookie" are opinions formed afterwards, and people who read them will
share less next time. Describe what was visible at that moment and what the tools suggested.

## Fails

```markdown
## What went badly

- The check was carelessly removed in the week before.
```

```markdown
## Root cause

It was a rookie move to delete the partition before the backfill of the other one had finished.
```

## Passes

```markdown
## What went badly

- The check was removed in the week before, because it had failed on every holiday.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PATTERN = lazy(
    r"\b(?:careless(?:ly|ness)?|negligen(?:t|tly|ce)|sloppy|sloppily|sloppiness|lazy|lazily|laziness|"
    r"incompeten(?:t|tly|ce)|stupid(?:ly|ity)?|dumb|foolish(?:ly)?|idiot(?:ic|s)?|clueless|"
    r"reckless(?:ly|ness)?|irresponsib(?:le|ly)|unprofessional(?:ly)?|embarrassing(?:ly)?|inexcusable|"
    r"unforgivable|shameful|amateur(?:ish)?|rookie|newbie|novice|inexperience|(?:an?|the|our|too|was|were|is|very|by|been) inexperienced|unskilled|"
    r"(?:we|i|they|he|she|team|developers?|engineers?)(?: are|['\u2019]re| is| am|['\u2019]m| was| were|(?:['\u2019]ve| have| has) been) "
    r"(?:\w+ )?(?:bad|terrible|awful|poor|hopeless|slow|lax) (?:at|about|with)|"
    r"(?:shouldn['\u2019]?t|can['\u2019]?t|cannot) be trusted with|"
    r"without (?:being |due |proper |enough |any |much )?(?:thorough|careful|diligence|thinking|care)|"
    r"questionable (?:judg(?:e)?ment|decisions?|choices?)|poor judg(?:e)?ment|"
    r"lack of (?:care|attention|diligence|discipline|competence|experience|skill|ownership)|"
    r"dismissive|"
    r"inattenti(?:ve|on)|complacen(?:t|cy)|undisciplined|haphazard(?:ly)?|hasty|hastily \w+ed|\w+ed (?:it )?hastily|thoughtless(?:ly)?|"
    r"(?:our|my|his|her|their) bad\b(?! data| rows?| records?| luck)|"
    r"screw(?:ed)?[- ]up|(?:we|i|they|he|she|team|someone|somebody) (?:had |really |have )?messed (?:it |this |that |things )?up|botched|bungled|blunder(?:ed|s)?|"
    r"(?:weren['\u2019]?t|wasn['\u2019]?t|not) (?:being )?(?:careful|diligent|vigilant|thorough|paying attention)(?: enough)?)\b",
    re.IGNORECASE,
)
_WORDS = any_of(
    """
    careless carelessly carelessness negligent negligently negligence sloppy sloppily sloppiness
    lazy lazily laziness incompetent incompetently incompetence stupid stupidly stupidity dumb
    foolish foolishly idiot idiotic idiots clueless reckless recklessly recklessness
    irresponsible irresponsibly unprofessional unprofessionally embarrassing embarrassingly
    inexcusable unforgivable shameful amateur amateurish rookie newbie novice inexperience
    inexperienced unskilled trusted questionable judgment judgement dismissive terrible awful poor hopeless slow lax thinking care diligence lack inattentive inattention complacent complacency undisciplined
    haphazard haphazardly hasty hastily thoughtless thoughtlessly bad screw screwed mess messed
    botched bungled blunder blundered blunders careful diligent vigilant thorough paying
    """
)
# a view may be lazy, a pipe dumb: technical terms
_SYSTEM = lazy(
    r"(?:laz(?:y|ily)|dumb|stupid)[\s-]*(?:load|eval|import|init|frame|pipe|mutex|model|terminal|join|"
    r"quantifier|match|connection|hydrat|propert|migration|fetch)|lazily\s+\w+ed",
    re.IGNORECASE,
)


@rule(code="INC422", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report words that judge someone's character."""
    for match in hits(context, _WORDS, _PATTERN, deniable=False):
        if not _SYSTEM().match(context.prose, match.start()):
            fact = f'"{said(match)}" judges a person'
            several = Several("{} phrases judge a person", f'"{said(match)}"')
            yield Finding(
                *match.span(),
                fact,
                "describe what was visible at the time instead",
                several=several,
            )
