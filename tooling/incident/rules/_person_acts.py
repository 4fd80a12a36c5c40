"""What a word does in its sentence: a person acts, owns, is addressed; a thing has a kind."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from incident import word_lists
from incident.text.lazy_regex import lazy

_THINGS = (
    r"(?:servers?|clusters?|hosts?|databases?|nodes?|machines?|vms?|instances?|services?|jobs?|dags?|"
    r"pipelines?|tables?|models?|dashboards?|bots?|queues?|buckets?|workspaces?|environments?|"
    r"repository|repositories|repos?|topics?|workers?|brokers?|replicas?|shards?|schemas?|"
    r"applications?|apps?|apis?|sdks?|platforms?|systems?|caches?|containers?|schedulers?|"
    r"librar(?:y|ies)|frameworks?|packages?|modules?|plugins?|connectors?|warehouses?|regions?|"
    r"zones?|offices?|buildings?|hospitals?|airports?|streets?|proxy|proxies|gateways?|daemons?|"
    r"volumes?|disks?|partitions?|backends?|frontends?|endpoints?|domains?|subnets?|racks?|"
    r"switches|routers?|firewalls?|stores?|storms?|hurricanes?|projects?|releases?|versions?|"
    r"branch(?:es)?|images?|scripts?|cron(?:job)?s?|tools?|indexe?s?|keyspaces?|namespaces?)"
)
# A name before one of these is that of a thing: "the Freud server".
THING = lazy(
    rf"[ \t]+{_THINGS}\b(?![ \t]+(?:the|it|an?|this|that|them|our|his|her|their)\b)", re.IGNORECASE
)
# A company or a team has these.
COMPANY = lazy(
    r"(?:['\u2019]s)?[ \t]+(?:CEO|CTO|CFO|COO|CISO|team|staff|support|employees|engineers|developers|"
    r"maintainers|inc|ltd|llc|gmbh|users|customers|releases?)\b",
    re.IGNORECASE,
)
# and a name after one: "the host Freud", "a bucket named Freud"
KIND = lazy(
    rf"\b(?:{_THINGS}|codenamed?|hostname|st\.?|san|santa)[ \t]+"
    r"(?:(?:is|was|which[ \t]+is|that[ \t]+is)[ \t]+)?(?:named[ \t]+|called[ \t]+)?[\"'\u201c*_(]*\Z",
    2,
)
THE = lazy(r"\b(?:the|an?|our|this|that|each|every|new|old|another|any)\s+\Z", re.IGNORECASE)
ON = lazy(
    r"\b(?:on|in|into|onto|via|using|at|inside|through|over|within|across)\s+\Z", re.IGNORECASE
)
OPENS = lazy(
    r"(?:^|[.!?:\0]|\|)[\s>*_+\-\u2013\u2014#(\[\"'\u201c|]*"
    r"(?:\d{1,2}[:.]\d{2}\S*[\s*|:,\u2013\u2014-]*(?:\(?(?:UTC|Z|[A-Z]{2,4}T)\)?[\s:|*-]*)?)?$"
)
BY = lazy(
    r"\b(?:by|with|hi|hello|hey|dear|sorry|thanks(?:\s+to|,)?|thank(?:\s+you,?)?|kudos\s+to|"
    r"credits?\s+(?:\w+\s+)?to|cc|asked|told|pinged|paged|messaged|called|contacted|emailed|informed|"
    r"and|from|to|for|assigned\s+to|owned\s+by|owners?:|authors?:|engineer|developer|analyst|"
    r"colleague|manager|lead|intern|contractor|teammate|administrator|maintainer|dr\.?|mr\.?|"
    r"mrs\.?|ms\.?)\s+\Z",
    2,
)
BY_PERSON = lazy(
    r"\b(?:by|thanks\s+to|thank(?:\s+you,?)?|asked|told|pinged|paged|messaged|called|reminded|"
    r"blamed?|blames|because\s+of|owners?:|authors?:|engineer|developer|analyst|colleague|manager|"
    r"intern|contractor|teammate|waiting\s+(?:for|on)|waited\s+(?:for|on)|according\s+to|"
    r"(?:said|was|were|is)\s+that|fault\s+of|mistake\s+of|let|made|sorry|dear|hi|hello|hey)\s+\Z",
    2,
)
_OWNABLE = (
    r"(?:laptop|account|machine|branch|commits?|changes?|pr|prs|pull|query|queries|scripts?|fix|"
    r"messages?|questions?|reports?|suggestion|idea|runbook|phone|credentials|password|token|"
    r"review|team|shift|mistakes?|errors?|oversight|failure|decision|fault|negligence|"
    r"carelessness|inexperience|typo|patch|approval|absence|holiday|vacation|notes?|comments?|"
    r"analysis|work|migration|deploy(?:ment)?|push|merge|test|testing|slip|misunderstanding|"
    r"assumption|manager|desk|calendar|inbox|terminal|session|ability|help)"
)
OWNS = lazy(rf"['\u2019]s?\s+(?:\w+\s+){{0,2}}?{_OWNABLE}\b", re.IGNORECASE)
_ADVERB = (
    r"(?:then|also|first|later|again|just|already|still|never|always|often|once|twice|soon|simply|"
    r"meanwhile|only|both|all|even|almost|nearly|rather|at\s+(?:last|once|first)|"
    r"in\s+(?:turn|addition)|by\s+(?:mistake|accident)|(?!(?:only|reply|apply|rely|supply)\b)\w+ly)"
)
_AFTER = lazy(
    r"(?:\s{1,3}\([^()\n]{1,40}\))?(?:,\s[^,.;:\n]{1,60},)?"
    rf"(?P<adverbs>(?:\s+{_ADVERB})*)\s+"
    r"(?P<verb>[a-z]+(?:n['\u2019]t)?)\b"
    rf"(?P<rest>(?:\s+(?:not|{_ADVERB}))*)(?:\s+(?P<main>[a-z]+))?"
)
_WHO = lazy(r"\*{0,2},?\s+(?:who|whose|whom)\b")
TOGETHER = lazy(r"(?:,\s+[A-Z][\w-]+){0,4},?\s+(?:and|&)\s+[A-Z][\w-]+")
SPEAKS = lazy(r"\*{0,2}\s*:\s+[a-z]")
TIMED = lazy(
    r"\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?(?:Z|UTC|[AaPp][Mm]|[+-]\d{2}:?\d{2}))?"
    r"[\s*|,\u2013\u2014-]+$"
)
_BE = frozenset({"is", "was", "are", "were"})
_HAVE = frozenset({"has", "had", "have", "will", "would", "could", "can", "might", "may", "must"})
_DO = frozenset({"did", "does", "do"})


class Act(IntEnum):
    """How much what a word does makes it a person: `STRONG` is what things hardly do."""

    NONE = 0
    WEAK = 1
    PLAIN = 2
    STRONG = 3


class Verbs(NamedTuple):
    """Verbs of people, and those that things hardly do."""

    all: frozenset[str]
    strong: frozenset[str]


_NEXT = lazy(r",?\s+(?P<next>[a-z]+)")
_BEFORE_VERB = frozenset(
    [
        "did",
        "does",
        "do",
        "had",
        "has",
        "have",
        "was",
        "were",
        "is",
        "who",
        "whose",
        "then",
        "also",
        "again",
        "just",
        "later",
        "first",
        "already",
        "never",
        "always",
        "often",
        "still",
        "only",
        "both",
        "even",
        "almost",
        "soon",
        "once",
        "twice",
        "and",
    ]
)


def may_act(text: str, end: int, verbs: Verbs) -> bool:
    """Whether `act` may be strong: a cheap test before an expensive pattern."""
    after = _NEXT().match(text, end)
    if after is None:
        return text[end : end + 3].strip()[:1] in {"(", "&"}
    word = after["next"]
    return word in verbs.strong or word in _BEFORE_VERB or word.endswith("ly") or "," in after[0]


@cache
def verbs(language: str) -> Verbs:
    """The verbs of one language."""
    strong = word_lists.words("person_verbs_strong", language)
    return Verbs(word_lists.words("person_verbs", language) | strong, strong)


def act(text: str, end: int, verbs: Verbs) -> Act:
    """What the word that ends at `end` does."""
    if _WHO().match(text, end):
        return Act.STRONG
    together = TOGETHER().match(text, end)
    after = _AFTER().match(text, together.end() if together else end)
    if after is None:
        return Act.NONE
    verb, main = after["verb"], after["main"] or ""
    negated = verb.endswith(("n't", "n\u2019t")) or " not" in after["rest"]
    if negated and verb[:3] in {"was", "is", "isn"}:
        return Act.STRONG if main in {"aware", "told", "asked", "paying"} else Act.WEAK
    if negated:
        auxiliary = re.split(r"n['\u2019]", verb)[0]
        # "Hudson didn't start": a thing too, unless the verb is a person's
        if main in verbs.strong or (auxiliary in _DO and main in verbs.all | _BARE):
            return Act.STRONG
        return Act.WEAK
    if verb == "should" and main == "have":
        return Act.PLAIN
    if verb in _BE:
        return _being(text, after.start("main"), main, verbs)
    if verb in _HAVE:
        if main in verbs.strong:
            return Act.STRONG
        return Act.PLAIN if main in verbs.all and verb in {"has", "had", "have"} else Act.WEAK
    if verb in verbs.strong:
        return Act.STRONG
    if verb not in verbs.all:
        return Act.NONE
    # "Delta logs", "Spring changes": things of which there are several
    several = verb.endswith("s") and main and main not in _OBJECTS
    return Act.WEAK if several else Act.PLAIN


_OBJECTS = frozenset(
    [
        "the",
        "a",
        "an",
        "that",
        "this",
        "it",
        "its",
        "his",
        "her",
        "their",
        "our",
        "us",
        "me",
        "them",
        "whether",
        "how",
        "why",
    ]
)


# in the form that follows "didn't": what people do not do
_BARE = frozenset(
    [
        "check",
        "know",
        "notice",
        "realise",
        "realize",
        "see",
        "tell",
        "ask",
        "read",
        "test",
        "verify",
        "validate",
        "review",
        "think",
        "remember",
        "understand",
        "follow",
        "mention",
        "inform",
        "notify",
        "communicate",
        "bother",
        "want",
        "look",
        "wait",
        "confirm",
        "document",
        "escalate",
        "say",
        "write",
        "care",
        "expect",
        "answer",
        "reply",
        "respond",
        "rotate",
        "update",
        "merge",
        "add",
        "remove",
        "revert",
        "run",
        "push",
        "approve",
        "announce",
        "set",
        "use",
        "make",
        "take",
        "do",
        "have",
        "go",
        "get",
        "give",
        "leave",
        "tag",
        "close",
        "open",
        "call",
        "page",
        "fix",
        "change",
        "consider",
        "double",
        "pay",
    ]
)
_STATE = lazy(
    r"(?:out|away|off)(?:\s+(?:sick|ill|of\s+(?:the\s+)?office|on|that|this|for|at|today|all|"
    r"yesterday|until)\b|[.,;]|\s*$)"
    r"|on\s+(?:call|leave|vacation|holiday|pto|duty|shift|a\s+(?:plane|flight|train|call))\b"
    r"|on-call\b|(?:at|in)\s+(?:lunch|a\s+meeting|a\s+hurry|bed|home|charge)\b"
    r"|(?:sick|ill|asleep|busy|unaware|distracted|careless|sloppy|negligent|lazy|inexperienced|"
    r"tired|sorry|afraid|convinced|confused|travel+ing|sleeping|supposed\s+to|told|asked|pinged|"
    r"responsible|in\s+a\s+rush|new\s+to|too\s+(?:busy|tired|quick|slow|late|eager|careless)|"
    r"the\s+(?:one|only\s+one|engineer|person|reviewer|author|on-call)|not\s+(?:aware|told|paying))\b"
)


def _being(text: str, start: int, main: str, verbs: Verbs) -> Act:
    """What is said of a word that is or was something."""
    if start >= 0 and _STATE().match(text, start):
        return Act.STRONG
    return Act.WEAK if not main or main not in verbs.strong else Act.PLAIN


CLOCK = lazy(r"\d{1,2}[:.]?\d{2}(?:[:.]\d{2})?[ \t]*\(?\Z")


def is_thing(text: str, start: int, end: int) -> bool:
    """Whether the word at [start, end) is said to be a thing: "the Freud server", "host Freud"."""
    if THING().match(text, end):
        return True
    return KIND().search(text[max(0, start - 40) : start]) is not None
