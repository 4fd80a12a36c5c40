"""What a sentence is about: stems of its words, and families of words for the same thing."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from incident.rules._text import LETTERS, any_of
from incident.text.lazy_regex import lazy

_SUFFIX = lazy(
    r"(?:ifications?|ications?|abilit(?:y|ies)|ations?|itions?|ments?|able|ings?|ions?|ied|ies|"
    r"ers?|ed|es|ly|(?<!s)s|y|e)\Z"
)
_STEM = 6
_PLAIN = lazy(r"[a-z]+")  # four times as fast as any letter

# Words that say nothing about which factor or item is meant.
_GENERIC = any_of(
    """
    the and for was were are is be been being has have had not no but with from this that these
    those there their they them then than when where which while who whom whose what why how into
    onto over under about after before again also any all both each every few many more most much
    other others own same such some only just very too out off can could will would shall should
    may might must does did done doing do our ours its his her him she you your one two three four
    five six seven eight nine ten first second third last next new old long short big small high
    low good bad better worse own still yet even ever never always often now today yesterday
    tomorrow
    incident issue problem outage event error bug failure fail case thing something anything
    nothing everything someone anyone everyone nobody people person team member user customer
    company group time day week month year hour minute night morning evening weekend monday
    tuesday wednesday thursday friday saturday sunday date moment point way part kind sort lot
    number amount set level state situation reason cause result effect impact factor root
    take took taken make made get got give given go went gone come came see saw seen know knew
    known find found think thought use used need want try tried let put keep kept look run ran
    work happen occur become became start begin began end stop show seem mean lead led bring
    brought turn move change add create provide allow require include help improve ensure set
    call ask tell told say said write written read hold held have having due because since until
    during between through across around against without within instead although though however
    therefore thus else really quite rather enough able unable possible likely actual actually
    system service data table code thing fix fixed fixing address later until hence entire whole
    itself themselves ourselves fifteen twenty thirty affect large identify per external
    correct possible several various general normal immediate significant
    """
)
# One family a line: words that name the same lever.
_FAMILIES = {
    "detect": """
        alert alerts alarm alarms monitor monitoring monitors detect detection detected undetected
        notice noticed unnoticed unmonitored observe observability visible invisible visibility
        metric metrics paged pager discover discovered discovery aware awareness watch watched
        diagnose diagnosis diagnostics anomaly anomalies silent silently trouble healthcheck
        threshold lag grew reconcile reconciliation compares
        """,
    "respond": """
        rollback revert reverted restore mitigate mitigation failover fallback escalate escalation
        rehearse drill undo undone recovery recover switch
        """,
    "test": """
        test tests tested testing untested staging ci coverage smoke qa validate validation
        acceptance fixture sandbox
        """,
    "tell": """
        communicate communication communicated comms message messages notify notified notification
        inform informed announce announcement statuspage broadcast contact contacts learned heard
        banner distribution subscribers recipients declaration declare declared estimate
        """,
    "guide": """
        runbook runbooks playbook document documents documented documentation undocumented
        checklist guide instructions procedure procedures institutional wiki handbook onboarding
        """,
    "people": """
        oncall rotation rota holiday holidays vacation unavailable staffing escalation emergency
        secondary shift
        """,
    "review": """
        review reviewed reviewer reviewers approve approval approved codeowners approver
        pull
        """,
    "capacity": """
        memory cpu ram disk oom capacity quota throttle throttling saturated exhaustion exhausted
        overload overloaded shard scale scaling pool connections connection batch concurrency worker
        workers queue
        """,
    "schema": """
        schema rename renamed column columns contract contracts breaking upstream encoding format
        compatibility incompatible
        """,
    "vendor": "vendor provider supplier upstream agreement",
    "own": "owner owners owned ownership unowned responsible responsibility responsibilities codeowners",
    "access": """
        access permission permissions credential credentials password token secret vault role admin
        rotate laptop console
        """,
    "release": """
        deploy deployed deploys deployment deployments rollout canary freeze friday stage staged
        regions region image images
        """,
    "configure": """
        config configuration configured hardcoded setting settings misconfigured terraform default
        defaulted flag flags parameter parameters manual manually
        """,
    "retry": "retry retries backoff timeout timeouts jitter storm",
    "fail": "success successful successfully fail fails failed failing warn severity",
    "late": "stale outdated age freshness cache cached invalidate refresh",
    "time": """
        cron schedule schedules scheduled timezone timezones utc peak evening freeze frozen hours
        midnight clock
        """,
    "once": """
        idempotent duplicate duplicates duplicated twice doubled merge upsert dedup unique
        partition rerun append
        """,
    "host": "host hosts node nodes instance instances unhealthy dead health balancer probe",
    "backup": """
        backup backups replica replicas replication redundancy redundancies redundant spare snapshot
        snapshots history retention rotated archive
        """,
    "query": "query queries planner statistics index analyze optimizer ",
    "expire": "expire expired expiry expires renew renewed renewal certificate certificates",
    "delete": "delete deleted deletes purge clean cleanup temporary",
}
_IRREGULAR = {
    "built": "build",
    "caught": "catch",
    "chose": "choose",
    "grew": "grow",
    "lost": "lose",
    "paid": "pay",
    "sent": "send",
    "sold": "sell",
}
# The type of an item says which family it serves.
_BY_TYPE = {"detect": "detect", "mitigate": "respond"}


def stem(word: str) -> str:
    """A word in lower case without its ending: `notified` and `notification` share theirs."""
    word = _IRREGULAR.get(word, word)
    for _ in range(2):  # "emptying" is "empty", and that is "empties"
        found = _SUFFIX().search(word, 4 if len(word) > 7 else 3)
        word = word[: found.start()] if found else word
    return word[:_STEM]


@cache
def _generic() -> frozenset[str]:
    return frozenset(stem(word) for word in _GENERIC)


@cache
def _families() -> dict[str, frozenset[str]]:
    by_stem: dict[str, frozenset[str]] = {}
    for family, members in _FAMILIES.items():
        for word in members.split():
            by_stem[stem(word)] = by_stem.get(stem(word), frozenset()) | {family}
    return by_stem


class Topics(NamedTuple):
    """What a text is about. `stems`: of words that say something; `families`: of all its words."""

    stems: frozenset[str]
    families: frozenset[str]


def topics(text: str, item_type: str = "") -> Topics:
    """The topics of a text, and of the type of an item; names are read in their parts."""
    folded = text.casefold()
    letters = _PLAIN() if folded.isascii() else LETTERS()
    found = [_word(word) for word in set(letters.findall(folded))]
    families = {family for _, names in found if names for family in names}
    if item_type in _BY_TYPE:
        families.add(_BY_TYPE[item_type])
    return Topics(frozenset(root for root, _ in found if root), frozenset(families))


@lru_cache(maxsize=16384)
def _word(word: str) -> tuple[str, frozenset[str]]:
    """The stem of a word, "" for one that says nothing; and its families."""
    root = stem(word)
    # a reader is not just any word, as "read" is
    is_generic = word in _GENERIC or (root in _generic() and not word.endswith(("er", "ers")))
    return "" if is_generic or len(word) < 3 else root, _families().get(root, frozenset())
