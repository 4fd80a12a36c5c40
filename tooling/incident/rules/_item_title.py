"""The title of an action item without its marks: "[DONE] (team) Bug 12 - re-enable the check"."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from incident import word_lists
from incident.postmortem.reading import words
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

# status, team, tracker number, priority, bullet: anything before the sentence itself
_MARK = lazy(
    r"\s*(?:[-*+\u2022>]+\s+|[*_~]{1,3}(?=\w)|\[[^\]\n]{0,40}\](?:\([^)\n]{0,200}\))?[:\s]*|"
    r"\([^)\n]{0,40}\)[:\s]*|[^\w\s\"'`(\[{<@#]+\s*|\d{1,3}[.)]\s+|"
    r"(?:done|to-?do|wip|in progress|open|closed|new|optional|stretch|urgent|"
    r"(?:short|medium|long)[- ]term|immediate(?:ly)?|next|later|p\d|sev\d|action(?: item)?|ai|"
    r"bug|issue|ticket|task|story|pr|follow[- ]?up)[*_]*\s*#?[\d.-]*[*_]*\s*"
    r"(?::|[-\u2013\u2014|]+\s|(?<=\d)\s+)\s*|"
    r"(?:[\w./-]{0,60}#\d+|(?-i:[A-Z][A-Z0-9]+)-\d+)\s*(?::|[-\u2013\u2014|]+)?\s*)",
    re.IGNORECASE,
)
_LEAD = lazy(
    r"(?:(?:and|also|then|additionally|finally|going forward|in (?:the )?future),?\s+)*"
    r"(?:(?:we|i|they|the team|everyone|it)(?:['\u2019]ll)?\s+)?"
    r"(?:will|shall|should|must|needs? to|have to|ought to|are (?:going|planning) to|plan to|"
    r"want to|intend to|would (?:like to|be (?:good|nice|useful|helpful|great) to))\s+"
    r"(?:(?:also|then|soon|now|always|all)\s+)*",
    re.IGNORECASE,
)
_FIRST = 4
# After the first word these are nouns: "a freshness alert", "the row-count check".
_THINGS = any_of(
    """
    alert back cache cap change check contact copy cover design display document fill filter
    flag force gate group guard hash hold import export index join label launch limit link list
    load lock log map mark measure monitor name order page patch plan post process query queue
    report request review route run sample schedule seed set show sign size snapshot sort stage
    start stop store stream switch tag test time trace track train transfer trigger try turn
    type update upgrade use version watch work access adjust answer audit block brief budget bug
    build call chart command comment commit cost cut delay deploy drop dump escape experiment
    fix focus form grant help host hook issue judge key lead loop merge mount need note offer
    override pair part pin place point pool profile program project pull purchase push question
    quota rate record release repair replay reset restart result return rollback scan score
    script search share ship shift sound source split state step study support sync table talk
    target task throttle ticket tool touch track tune value view visit vote wait walk warning
    """
)
_FINITE = any_of(
    """
    should will must shall can is are was were be been has have had does do no-longer cannot
    won't doesn't don't isn't aren't needs
    """
)
_AFTER_THINGS = any_of("for of on in to and at or with by from when that after before per as")
_AFFIX = lazy(r"(?:re|un|dis|de|pre|auto|over|under|out|mis|co|down|up)-?(?=\w{3})")


@lru_cache(maxsize=1024)
def sentence(title: str) -> str:
    """The title from its first word on, without marks and without "we will"."""
    at = 0
    while (mark := _MARK().match(title, at)) and mark.end() > at:
        at = mark.end()
    lead = _LEAD().match(title, at)
    return title[lead.end() if lead else at :]


def has_verb(title: str, language: str) -> bool:
    """Whether one of the first words is a verb, or a clause has one."""
    verbs = word_lists.words("action_verbs", language)
    said = [word.casefold() for word in words(sentence(title))]
    # "we should have a bot": the marks are gone, and so is the modal
    if not said or said[0] in _FINITE:
        return bool(said)
    if _is_verb(said[0], verbs) or _is_verb(_gerund(said[0], verbs), verbs):
        return True
    rest = said[1:_FIRST]
    if any(_is_verb(word, verbs) for word in rest if _stem(word) not in _THINGS):
        return True
    # "the loader rejects negative totals", "the test should run nightly"
    return not _FINITE.isdisjoint(said[1:12]) or any(
        _third_person(word, after, verbs) for word, after in pairwise(said[1 : _FIRST + 1])
    )


def _is_verb(word: str, verbs: frozenset[str]) -> bool:
    stem = _stem(word)
    if stem in verbs:
        return True
    affix = _AFFIX().match(stem)
    return affix is not None and stem[affix.end() :] in verbs


def _third_person(word: str, after: str, verbs: frozenset[str]) -> bool:
    """Whether `word` is a verb such as `rejects`; "row-count checks for orders" has none."""
    stems = {word.removesuffix("s"), word.removesuffix("es")} - {word}
    return not verbs.isdisjoint(stems if after not in _AFTER_THINGS else stems - _THINGS)


def _gerund(word: str, verbs: frozenset[str]) -> str:
    """`adding` becomes `add`; a word that is also a thing stays: `testing`."""
    if not word.endswith("ing"):
        return word
    root = word.removesuffix("ing")
    for stem in (root, root + "e", root[:-1]):
        if stem in verbs and stem not in _THINGS:
            return stem
    return word


def _stem(word: str) -> str:
    """`re-run` becomes `rerun`; any other hyphenated word keeps its first part."""
    return (
        word.replace("-", "")
        if word.startswith(("re-", "un-", "de-", "dis-"))
        else word.split("-")[0]
    )
