"""The text describes what happened, not what should have happened.

"We should have tested it" describes a world that didn't exist, and hides why going ahead made sense
in the one that did. Describe what people saw and did, and turn the improvement into an action item.

The Detection section asks for the check that would have caught it, so counterfactuals are fine
there. Wishes for the future ("we should have alerting"), what a system is expected to hold or to do
by itself, what an attacker could have done, and a remedy that is ruled out ("a test wouldn't have
caught it") are not reported.

## Fails

```markdown
## Root cause

The team should have tested the new filter with the product line that begins with the word Test.
```

```markdown
## What went badly

- This could have been avoided if the filter had been reviewed.
```

```markdown
## Lessons learned

- Should have been rehearsed on the staging warehouse first.
```

```markdown
## Lessons learned

Had the filter been compared with last week's rows, the drop would not have happened.
```

```markdown
## Contributing factors

- The backfill ought not to have run during the close.
```

## Passes

```markdown
## Detection

Finance compared the dashboard with the shop's report. A row-count test would have failed at 02:20.
```

```markdown
## Impact

The table held 82 rows and should have 400 rows; 3 queries that should have failed returned nothing.
```

```markdown
## Lessons learned

We should have an alert on this table. The attacker could have read 3 tables, but read none. Users
would have been unable to log in after the upgrade. The late rows should have been automatically
added by the next run. Even if we had run the test, it wouldn't have caught this filter.
```
"""

import re
from collections.abc import Iterator

from incident.diagnostic import Level, Several
from incident.rules import Context, Finding, rule
from incident.rules._blame import PERSON, about_attacker, hits, said
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_NOT = r"(?:\s+not|n['\u2019]?t|\s+never)?"
_HAVE = r"(?:['\u2019]ve|\s+(?:(?:also|probably|easily|never|simply|still|at least|\w+ly)\s+)?have)"
_ADVERB = r"(?:(?:\w+ly|also|never|even|at least|all|both|more|less|better)\s+){0,3}"
# a form of the past: "should have alerting" wishes for something, "should have 400 rows" expects it
_DONE = (
    r"(?:(?!need|expected|liked|loved|preferred|required|wanted)\w+ed|been\s+(?:\w+ly\s+)?(?:more|less|better|able|aware|clear(?:er)?|"
    r"fast(?:er)?|quick(?:er)?|earlier|careful|prepared|ready|\w{2,}ed|told|shown|done|run|seen|caught)|"
    r"(?:had|made|done|seen|known|taken|given|gone|come|run|kept|caught|found|told|thought|written|read|"
    r"set|put|sent|begun|chosen|spotted|understood|left|built|held|paid|asked|rolled|stuck|gotten|got|spent|"
    r"split|shut|cut|let|foreseen|brought|bought|sought|led|met|won|lost|felt|said|spoken|broken|drawn|withdrawn))"
)
# what people hope for: the damage or the delay would have been smaller
_HELPED = (
    r"(?:prevented|avoided|detected|caught|noticed|spotted|identified|discovered|uncovered|alerted|"
    r"flagged|warned|revealed|surfaced|saved|helped|mitigated|reduced|shortened|limited|contained|"
    r"minimi[sz]ed|averted|allowed\s+(?:us|for|the\s+team)|(?:told|shown|given|made)\s+us|sped\s+up|"
    r"shown|stopped(?!\s+\w+ing))"
)
_CARED = (
    r"(?:avoid|prevent|avert|shorter|smaller|milder|test|rehears|review|caught|notic|detect|spot|check|"
    r"communicat|announc|escalat|document|done|verif|validat|foreseen|anticipat|faster|quicker|sooner|"
    r"earlier|better|clearer|told|inform|notif|ask|question|mitigat|minimi|discover|identif|"
    r"plan(?!e)|discuss|approv|investigat|prioriti|consider|thought|rolled|revert|tried|monitor|"
    r"obvious|clear|resolved|handl|found|seen|made|merged|deployed|released|pushed|started|limited)\w*"
)
_SET = r"(?:add|set|configur|enabl|disabl|updat|remov|clear|automat|fix|chang|upgrad|patch|rotat|renew)\w*"
_IDEAL = r"(?:should|could|ought\s+to|might)"
_PATTERN = lazy(
    # someone should have, could have, ought to have
    rf"\b{PERSON}\s+(?:(?:all|also|really|probably|definitely|ideally|certainly)\s+)?(?:should|ought(?:\s+not)?\s+to){_NOT}{_HAVE}\s+{_ADVERB}{_DONE}\b"
    rf"|\b(?:we|i|you|nobody|someone|somebody|(?:the|our)\s+(?:[\w-]+\s+){{0,2}}(?:team|engineer|reviewer|developer|operator|on[- ]call))"
    rf"\s+(?:(?:all|also|really|probably)\s+)?(?:could|might){_HAVE}\s+{_ADVERB}{_DONE}\b"
    rf"|\b(?:they|he|she|an?\s+(?:\w+\s+)?reviewer)\s+(?:could|might){_HAVE}\s+{_ADVERB}(?:{_HELPED}|seen|asked|checked|tested|rolled|reverted|escalated|told|found|reviewed|read|called)\b"
    rf"|\b(?:we|i)\s+would{_NOT}{_HAVE}\s+{_ADVERB}(?:{_HELPED}|seen|known|found|done|chosen|reacted|responded)\b"
    # "should have been rehearsed", with a subject or without
    rf"|\b{_IDEAL}{_NOT}{_HAVE}\s+{_ADVERB}been\s+{_ADVERB}{_CARED}\b"
    rf"|(?<!that )(?<!which )(?<!it )\bshould{_NOT}{_HAVE}\s+{_ADVERB}been\s+{_ADVERB}{_SET}\b(?!\s+by\b)"
    r"|(?:^|(?<=[.!?:|*+\]-] )|\bideally,?\s+|\bprobably\s+)(?-i:Should|Could|should|could)(?:n['\u2019]?t|\s+not)?"
    rf"{_HAVE}\s+{_ADVERB}{_DONE}\b"
    rf"|\bought\s+(?:not|never)\s+to\s+have\s+\w+"
    r"|\b(?:should(?:\s+not|n['\u2019]?t|\s+never)(?:['\u2019]ve|\s+(?:ever\s+)?have)|should\s+(?:have\s+never))\s+(?:been\s+)?"
    r"(?:started|happened|come|gone|taken|run|merged|deployed|released|approved|enabled|used|allowed|done|changed|shipped|migrated|upgraded|touched|granted|relied|trusted|assumed)\b"
    # it would not have happened; a test would have caught it
    rf"|\b(?:would|could|might)(?:\s+not|n['\u2019]?t|\s+never){_HAVE}\s+(?:ever\s+)?(?:happened|occurred|helped|gone\s+(?:unnoticed|wrong)|spread|reached|been\s+(?:an?\s+)?(?:necessary|needed|missed|incident|outage|problem))\b"
    rf"|\b(?:would|could|might)(?:['\u2019]ve|\s+(?:\w+ly\s+|also\s+){{0,3}}have)\s+(?:\w+ly\s+|also\s+){{0,3}}{_HELPED}\b"
    rf"|\bwould(?:['\u2019]ve|\s+(?:\w+ly\s+|also\s+){{0,3}}have)\s+been\s+(?:\w+ly\s+){{0,3}}(?:prevented|avoided|averted|detected|caught|noticed|spotted|shorter|visible|better|faster|easier|safer|wiser|smaller|quicker|sooner)\b"
    r"|\bcould\s+be(?:en)?\s+(?:\w+ly\s+)?(?:avoided|prevented)\s+(?:if|had|by)\b"
    r"|\b(?:it|that|this)\s+(?:would|might|could)\s+have\s+been\s+(?:better|faster|easier|safer|wiser)\b"
    # if only; had we; if we had
    r"|\bif\s+only\b[^.!?\0]{1,50}?\b(?:had|were|was|would|could|knew)\b"
    r"|(?:^|(?<=[,.;] )|\bthat\s+|\bavoided\s+|\bprevented\s+)had\s+(?:we|they|he|she|i|someone|the\s+(?:\w+\s+)?(?:team|engineer|developer|operator|reviewer|on-call|maintainers?))\s+(?:not\s+|only\s+|\w+ly\s+)?\w+(?:ed|n|t|d|ne|wn|de)\b"
    r"|(?:^|(?<=[.;] ))(?-i:Had)\s+(?:the|this|that|these|an?|our|it)\s+(?:[\w'\u2019-]+\s+){0,4}?been\s+\w+"
    r"|\bif\s+(?:we|they|he|she|i|someone|somebody|anyone|the\s+(?:\w+\s+)?(?:team|engineer|developer|operator|reviewer))\s+had(?:\s+not|n['\u2019]?t)?\s+(?:only\s+)?\w+(?:ed|n|t|d|ne|wn|de)\b"
    r"|\b(?:hindsight|retrospect)\b",
    re.IGNORECASE | re.MULTILINE,
)
_WORDS = any_of(
    """
    should could would ought might had if hindsight retrospect shouldn couldn wouldn mightn
    """
)
_ALLOWED = ("detection", "first_postmortem_missed", "where_we_got_lucky")


_NEAR = lazy(
    r"\b(?:should|could|would|might|ought)[^.!?]{0,28}?(?:\bhave|[\'\u2019]ve|\bbe\s+(?:\w+ly\s+)?(?:avoided|prevented))\b"
    r"|\bhad\s+(?:we|they|he|she|i|someone|the|this|that|these|an?|our|it)\b"
    r"|\bif\s+(?:[\w-]+\s+){1,4}had|\bif\s+only\b|hindsight|retrospect"
)


# what a system does by itself, or what is presumed done by now: "should have been automatically sent"
_EXPECTED = lazy(r"\b(?:automatically|by itself|by themselves|by now)\b", re.IGNORECASE)
_BY_NOW = lazy(r"[^.!?\0]{0,60}\b(?:by now|by itself|by themselves|at this point)\b", re.IGNORECASE)
# "it wouldn't have helped": no remedy, so nothing to put in an action item
_RULED_OUT = lazy(
    r"(?<!\bwe )(?<!\bi )\b(?:would|could|might)(?:\s+(?:also\s+)?not|n['\u2019]?t|\s+never)(?:['\u2019]ve|\s+have)\s+"
    r"(?:\w+ly\s+|even\s+)?(?:helped|prevented|avoided|averted|caught|detected|noticed|stopped|"
    r"mitigated|fixed|solved|saved|shortened|changed|mattered|made\s+(?:a|any|much|that)\b)"
    r"|\beven\s+(?:if|with)\b[^.!?\0]{1,120}?(?:\bnot\b|n['\u2019]t\b|\bstill\b)"
    r"|\bwould\s+(?:still\s+have|have\s+(?:still|made\s+(?:no|little)\s+difference|"
    r"changed\s+(?:nothing|little)))\b",
    re.IGNORECASE,
)
_SENTENCE_ENDS = lazy(r"[.!?][\s)\"\u201d]|\n[ \t]*\n|\n[ \t]*(?:[-*+]|\d+[.)])[ \t]|\0")


@rule(code="INC424", level=Level.WARNING, since="0.1.0", body_only=True)
def check(context: Context) -> Iterator[Finding]:
    """Report counterfactuals outside the sections that ask for them."""
    document = context.document
    allowed = [document.by_key[key] for key in _ALLOWED if key in document.by_key]
    wished = document.at("detection", "should_have_been")
    for match in hits(context, _WORDS, _PATTERN, deniable=False, near=_NEAR):
        at = match.start()
        if any(section.start <= at < section.end for section in allowed):
            continue
        if about_attacker(context, at) and not match[0].casefold().startswith(("we", "our")):
            continue
        if wished[0] <= at < wished[1]:
            continue
        if _is_expected(context.prose, match) or _is_ruled_out(context.prose, match):
            continue
        fact = f'"{said(match)}" is a counterfactual: it describes what did not happen'
        hint = "describe what happened; put the improvement in an action item"
        several = Several("{} counterfactuals describe what did not happen", f'"{said(match)}"')
        yield Finding(*match.span(), fact, hint, several=several)


def _is_expected(text: str, match: re.Match[str]) -> bool:
    """Whether it is about what a system should have done by itself, or by now."""
    by_person = re.match(rf"{PERSON}\b", match[0], re.IGNORECASE)
    expected = _EXPECTED().search(match[0]) or _BY_NOW().match(text, match.end())
    return expected is not None and by_person is None and "should" in match[0].casefold()


def _is_ruled_out(text: str, match: re.Match[str]) -> bool:
    """Whether its sentence says that it would not have helped."""
    start, end = max(0, match.start() - 300), min(len(text), match.end() + 300)
    before = [found.end() for found in _SENTENCE_ENDS().finditer(text, start, match.start())]
    after = _SENTENCE_ENDS().search(text, match.end(), end)
    return bool(
        _RULED_OUT().search(text, before[-1] if before else start, after.start() if after else end)
    )
