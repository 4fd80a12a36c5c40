"""Who found an incident, and what a machine could have known, as far as the text tells."""

from __future__ import annotations

import re
from typing import NamedTuple

from incident.postmortem.sections import Section
from incident.rules import Context
from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_PEOPLE = (
    r"(?:(?:end|business)[- ])?(?:users?|customers?|clients?|consumers?|stakeholders?|members?|"
    r"visitors?|partners?|readers?|analysts?|community|people|finance|sales|marketing|support|"
    r"someone|colleagues?)"
)
_FOUND = lazy(
    rf"\b{_PEOPLE}\s(?:\w+ly\s|had\s|first\s)?(?:reported|noticed|notices?|complained|asked|asks|raised|"
    rf"flagged|discovered|spotted|pointed out|let us know|told us|alerted us|contacted us|wrote to us)\b|"
    rf"\b(?:reported|noticed|found|discovered|flagged|raised|spotted)\s(?:to us )?by\s"
    rf"(?:(?:an?|the|our|several|some|multiple|many|one of our)\s)?(?:\w+\s)?{_PEOPLE}\b|"
    rf"\b{_PEOPLE}\s(?:\w+\s)?(?:began|begin|started|starting) to (?:notice|report|complain|ask)\b|"
    r"\breports? of (?:\w+ )?(?:failures?|errors?|problems?|issues?|slowness|outages?|timeouts?)\b|"
    rf"\breports?\sfrom\s(?:\w+\s)?{_PEOPLE}\b|\b(?:user|customer|client)\s(?:report|complaint)s?\b|"
    r"\b(?:by (?:pure |sheer )?(?:chance|accident|coincidence|luck)|coincidentally|"
    r"happened to (?:notice|see|look|check)|stumbled (?:up)?on|"
    r"(?:noticed|found|discovered|realized)\s(?:this|it|out|the \w+)?\s?(?:only )?(?:when|while))\b",
)
# every match of _FOUND has one of these: it is searched only around them
_ANCHOR = lazy(
    r"report|notic|complain|\bask|\brais|flagged|discover|spotted|pointed out|let us know|told us|"
    r"alerted us|contacted us|wrote to us|\bfound\b|realized|chance|accident|coincid|luck|"
    r"happened to|stumbled"
)
_NEAR = 60
_WE_SAW = lazy(
    r"\b(?:we|i|an? (?:engineer|developer|operator|administrator))\s(?:\w+\s)?(?:noticed|realized|"
    r"discovered|found out|saw)\b",
)
_UNWATCHED = (
    r"\b(?:no|missing|lack(?:ed|ing)?(?: of)?|without|insufficient|absent) (?:\w+ ){0,2}?"
    r"(?:alerts?|alerting|alarms?|monitors?|monitoring|(?:freshness|row[- ]count) tests?)\b|"
    r"\b(?:alert|alerting|monitoring|alarm)\w* (?:\w+ ){0,2}?(?:was|were) (?:\w+ )?(?:missing|absent|"
    r"disabled|muted|silenced|ignored|off|overlooked|not (?:set|configured|enabled|read|seen|sent))\b|"
    r"\b(?:were|was|are|is)(?: not|n['\u2019]t) (?:being )?(?:alerted|paged|monitored|notified)\b|"
    r"\bshould be (?:monitoring|alert\w*)\b"
)
_SIGNAL = lazy(
    rf"{_UNWATCHED}|"
    r"\b(?:alerts?|alarms?|warnings?|notifications?|e-?mails?) (?:\w+ ){0,3}?(?:went (?:only )?to|(?:has|had|have) gone to|"
    r"(?:was|were) (?:only )?(?:sent|e-?mailed|mailed)|landed in|unread|nobody|no one)\b|"
    r"\b(?:e-?mail alerts?|alert e?-?mails?|mailed alerts?)\b|"
    r"\b(?:metrics?|graphs?|dashboards?|logs?|grafana|prometheus|munin|nagios|icinga|zabbix|sentry|"
    r"cloudwatch|datadog|kibana)\b[^.\n]{0,50}\b(?:show(?:ed|n|s)|visible|spiked?|dropped|indicated|"
    r"recorded|contained|warned)\b|"
    r"\b(?:visible|already) in the (?:\w+['\u2019]?s? )?(?:logs?|metrics|dashboards?)\b|"
    r"\brel(?:y|ied) on (?:\w+ )?(?:reports|customers|users)\b",
)
_NOT_TOLD = lazy(_UNWATCHED)
_MACHINE = lazy(
    r"\b(?:we|i|on[- ]call|team|devops|engineers?) (?:was|were|got) (?:(?!not|never)\w+ )?(?:alerted|paged|notified)\b|"
    r"\b(?:alerts?|alarms?|monitors?|monitoring|checks?|tests?|sentry|grafana|pager\w*|statping|pingdom|"
    r"nagios) (?:\w+ ){0,4}?(?:fired|fires|trig\w+|paged|pages|detected|detects|notified|went off|caught|"
    r"failed|fails)\b|"
    r"\bdetected (?:it )?(?:\w+ )?by (?:an?|the|our) (?:\w+ )?(?:alert|alarm|monitor|check|test)|"
    r"\b(?:detection|noticed|found) (?:was )?(?:through|via|by) (?:an? |the |our )?(?:alert|monitor|alarm)",
)
_ADDED = lazy(
    r"(?P<none>\b(?:no|not|never|nothing)\b[^.]{0,30}|n['\u2019]t\b[^.]{0,30})?"
    r"\b(?:added|add|set up|begun|began|started|introduced|enabled|implemented|configured|reduced|"
    r"adjusted|now (?:have|get|receive|monitor))\b[^.]{0,60}\b(?:alert|monitor|telemetry|"
    r"health ?check|(?:row[- ]count|freshness|not[- ]null|data|dbt|smoke) tests?\b)",
)
_BROKEN = lazy(
    r"\b(?:outages?|down(?:time)?|unreachable|unavailable|offline|fail(?:ed|ing|ures?|s)|stale|late|"
    r"missing|empty|wrong|low|high|doubled|duplicated?|delay\w*|slow\w*|incorrect|null|dropped|not (?:running|working|updated|reachable|available)|errors?)\b",
)
_SECURITY = lazy(
    r"\b(?:vulnerab\w+|cve|exploit\w*|disclos\w+|researcher|bounty|attack\w*|malicious|compromis\w+|"
    r"phish\w+|leak\w*|hack\w+)\b",
)
# the words that the patterns for how it was found need: cheaper to check than the patterns
_REPORTERS = any_of(
    "user users customer customers client clients consumer consumers stakeholder stakeholders "
    "member members visitor visitors partner partners reader readers analyst analysts community "
    "people finance sales marketing support someone colleague colleagues"
)
_REPORTED = any_of(
    "reported noticed notice notices complained complain complaint complaints asked ask asks raised "
    "flagged discovered spotted pointed let told alerted contacted wrote found report reports"
)
_CHANCE = any_of(
    "chance accident coincidence luck coincidentally happened stumbled noticed found discovered "
    "realized reports"
)
_FIRST = ("detection", "summary", "timeline")
_TOLD = (*_FIRST, "what_went_badly", "root_cause", "contributing_factors", "impact")


class Told(NamedTuple):
    """How it was found, at the offsets of the words for it. `unwatched`: without an alert.

    `related`: offset and words of what a machine could have known.
    """

    start: int
    end: int
    words: str
    unwatched: bool
    related: tuple[tuple[int, str], ...] = ()


def read(context: Context) -> Told | None:
    """How people found it while a machine could have known; None if the text does not tell."""
    document, vocabulary = context.document, context.vocabulary
    people = not (vocabulary.isdisjoint(_REPORTERS) or vocabulary.isdisjoint(_REPORTED))
    if not people and vocabulary.isdisjoint(_CHANCE) and "detection" not in document.by_key:
        return None
    prose = context.lowered
    sections = [document.by_key[key] for key in _TOLD if key in document.by_key]
    found = next(filter(None, (_found(prose, *_text(part)) for part in sections)), None)
    unwatched = None
    if found is None:
        detection = [part for part in sections if part.key == "detection"]
        unwatched = _first(_NOT_TOLD(), prose, detection)
        found = unwatched or _first(_WE_SAW(), prose, detection)
    if found is None:
        return None
    if any(_MACHINE().search(prose, *_text(part)) for part in sections if part.key in _FIRST):
        return None
    if any(not match["none"] for match in _ADDED().finditer(prose)):
        return None
    signal = _first(_SIGNAL(), prose, sections)
    about = f"{context.postmortem.title} {document.section_text('summary')}".lower()
    if signal is None and (_SECURITY().search(about) or not _BROKEN().search(about)):
        return None
    words = _quoted(context, found)
    related: tuple[tuple[int, str], ...] = ()
    if signal and signal.span() != found.span():
        said = _quoted(context, signal)
        words += f"; line {document.span(*signal.span()).line} has {said}"
        related = ((signal.start(), said),)
    return Told(*found.span(), words, found is unwatched, related)


def _text(section: Section) -> tuple[int, int]:
    return section.heading_end, section.end


def _found(prose: str, start: int, end: int) -> re.Match[str] | None:
    for anchor in _ANCHOR().finditer(prose, start, end):
        begin = max(start, anchor.start() - _NEAR)
        if match := _FOUND().search(prose, begin, min(end, anchor.end() + _NEAR)):
            return match
    return None


def _first(pattern: re.Pattern[str], prose: str, sections: list[Section]) -> re.Match[str] | None:
    found = (pattern.search(prose, *_text(section)) for section in sections)
    return next(filter(None, found), None)


def _quoted(context: Context, match: re.Match[str]) -> str:
    return f'"{" ".join(context.prose[match.start() : match.end()].split())}"'
