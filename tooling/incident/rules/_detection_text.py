"""Who found an incident, and what a machine could have known, as far as the text tells."""

from __future__ import annotations

import re
from typing import NamedTuple

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
    re.IGNORECASE,
)
_WE_SAW = lazy(
    r"\b(?:we|i|an? (?:engineer|developer|operator|administrator))\s(?:\w+\s)?(?:noticed|realized|"
    r"discovered|found out|saw)\b",
    re.IGNORECASE,
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
    re.IGNORECASE,
)
_NOT_TOLD = lazy(_UNWATCHED, re.IGNORECASE)
_MACHINE = lazy(
    r"\b(?:we|i|on[- ]call|team|devops|engineers?) (?:was|were|got) (?:\w+ )?(?:alerted|paged|notified)\b|"
    r"\b(?:alerts?|alarms?|monitors?|monitoring|checks?|tests?|sentry|grafana|pager\w*|statping|pingdom|"
    r"nagios) (?:\w+ ){0,4}?(?:fired|fires|trig\w+|paged|pages|detected|detects|notified|went off|caught|"
    r"failed|fails)\b|"
    r"\bdetected (?:it )?(?:\w+ )?by (?:an?|the|our) (?:\w+ )?(?:alert|alarm|monitor|check|test)|"
    r"\b(?:detection|noticed|found) (?:was )?(?:through|via|by) (?:an? |the |our )?(?:alert|monitor|alarm)",
    re.IGNORECASE,
)
_ADDED = lazy(
    r"\b(?:added|set up|begun|began|started|introduced|enabled|implemented|configured|reduced|adjusted|"
    r"now (?:have|get|receive|monitor))\b[^.]{0,60}\b(?:alert|monitor|checks?\b|tests?\b|telemetry)",
    re.IGNORECASE,
)
_BROKEN = lazy(
    r"\b(?:outages?|down(?:time)?|unreachable|unavailable|offline|fail(?:ed|ing|ures?|s)|stale|late|"
    r"missing|empty|wrong|low|high|doubled|duplicated?|delay\w*|slow\w*|incorrect|null|dropped|not (?:running|working|updated|reachable|available)|errors?)\b",
    re.IGNORECASE,
)
_SECURITY = lazy(
    r"\b(?:vulnerab\w+|cve|exploit\w*|disclos\w+|researcher|bounty|attack\w*|malicious|compromis\w+|"
    r"phish\w+|leak\w*|hack\w+)\b",
    re.IGNORECASE,
)
_HINTS = any_of(
    "user users customer customers client clients consumer consumers stakeholder stakeholders "
    "member members visitor visitors partner partners reader readers analyst analysts community "
    "people finance sales marketing support someone colleague colleagues chance accident "
    "coincidence luck happened coincidentally stumbled noticed found discovered realized alerted "
    "reports report alert alerts alerting monitoring"
)
_FIRST = ("detection", "summary", "timeline")
_LATER = ("root_cause", "contributing_factors", "what_went_badly", "impact")


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
    if context.vocabulary.isdisjoint(_HINTS):
        return None
    document, prose = context.document, context.prose
    sections = [document.by_key[key] for key in _FIRST if key in document.by_key]
    if any(_MACHINE().search(prose, part.heading_end, part.end) for part in sections):
        return None
    if _ADDED().search(prose):
        return None
    found: re.Match[str] | None = None
    unwatched: re.Match[str] | None = None
    for part in sections:
        found = found or _FOUND().search(prose, part.heading_end, part.end)
        if found is None and part.key == "detection":
            unwatched = _NOT_TOLD().search(prose, part.heading_end, part.end)
            found = unwatched or _WE_SAW().search(prose, part.heading_end, part.end)
    if found is None:
        return None
    sections += [document.by_key[key] for key in _LATER if key in document.by_key]
    signals = (_SIGNAL().search(prose, part.heading_end, part.end) for part in sections)
    signal = next(filter(None, signals), None)
    about = f"{context.postmortem.title} {document.section_text('summary')}"
    if signal is None and (_SECURITY().search(about) or not _BROKEN().search(about)):
        return None
    words = _quoted(found)
    related: tuple[tuple[int, str], ...] = ()
    if signal and signal.span() != found.span():
        words += f"; line {document.span(*signal.span()).line} has {_quoted(signal)}"
        related = ((signal.start(), _quoted(signal)),)
    return Told(*found.span(), words, found is unwatched, related)


def _quoted(match: re.Match[str]) -> str:
    return f'"{" ".join(match[0].split())}"'
