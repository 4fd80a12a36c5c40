"""What the sentences of a root cause are: an open question, the symptom again, or a mechanism."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident.text.lazy_regex import lazy

_HEADING = lazy(r"^[ \t]{0,3}#{1,6}[ \t][^\n]*$", re.MULTILINE)
# a template's prompt: a paragraph in italics
_PROMPT = lazy(
    r"(?:(?<=\n\n)|\A)[ \t]*(?P<mark>[*_])(?![*_\s])[^*_]{20,400}(?P=mark)[ \t]*(?=\n\s*\n|\s*\Z)"
)
_BREAK = lazy(r"(?<=[.!?])[)\"\u201d]?\s+(?=\S)|\n[ \t]*\n|\n(?=[ \t]*(?:[-*+]|\d+[.)])[ \t])")
_MARK = lazy(r"^[\s>]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?:\*\*[^*\n]{1,20}\*\*[:?]?\s*)?")

_KNOWN = (
    r"(?:known|clear|identified|found|understood|certain|sure|determined|established|confirmed)"
)
_STILL = r"(?:(?:still|currently|as yet|as of yet|yet|so far|at this time|fully|entirely)\s)?"
_OPEN = lazy(
    rf"\b(?:tbd|tba|tbc|to be (?:determined|investigated|confirmed|clarified|analy[sz]ed|found|defined)|"
    rf"(?:under|needs?|pending|requires?|awaiting|more|further)\s(?:further\s|more\s|an?\s)?investigat\w+|"
    rf"(?:still|being|currently|are|is|we)\s(?:being\s)?investigat(?:ed|ing)|"
    rf"continu\w+ (?:the |their |our |to )?investigat\w+|investigation (?:is|into|continues)|"
    rf"(?:is|are|was|were|remains?)\s{_STILL}(?:unknown|unclear|undetermined|a mystery)|"
    rf"(?:cause|reason|why|trigger)\b[^.]{{0,60}}\b(?:unknown|unclear|not\s{_STILL}{_KNOWN})|"
    rf"(?:as of yet |as yet |yet )?unknown (?:reason|cause|trigger|bug|issue|problem)s?|"
    rf"(?:we|nobody|no one)\s(?:do|did|are|were|have|could|can|is)?\s?(?:not|n['\u2019]t|cannot)\s{_STILL}"
    rf"(?:know|find|determine|identify|sure|certain|say|understand|reproduce)|"
    rf"(?:we['\u2019]re|we are) (?:not|un)\s?(?:sure|certain)|(?:don|didn|couldn)['\u2019]t (?:know|find)|"
    rf"support tickets? (?:is|has|was|sent|open\w*|created|pending)\b|(?:tickets?|case) (?:is|are|was|has been|with)|(?:awaiting|waiting (?:for|on)) "
    rf"(?:(?:the|an?|their|our) )?(?:\w+ )?(?:vendor|support|answer|reply|response|provider)|"
    rf"(?:will|going to|want to) (?:look|investigate|check|analy[sz]e|find out)|unknown (?:at this|so far|for now)|no idea|open question|(?:were|are|was|been) (?:unable|not able) to (?:reproduce|determine|find|identify|explain)|investigate (?:this|it|the cause)?\s?(?:more|further|later)|(?:cause|reason) was (?:not|never) found)\b"
    rf"|\A\W*(?:unknown|unclear|under investigation|investigating|pending)\b",
    re.IGNORECASE,
)
_THING = r"(?:certificates?|certs?|tokens?|credentials?|passwords?|keys?|licen[sc]es?|domains?|subscriptions?|secrets?)"
_ADVERB = r"(?:\w+ly\s|all\s|again\s|simply\s|just\s)?"
_FAILED = lazy(
    rf"\b(?:(?:had|has|have)\s)?(?:expired|failed|crashed|died|broke(?: down)?|"
    rf"stopped(?: working| responding)?|hung|froze|stalled|timed out|aborted|ran (?:late|full|out)|"
    rf"went (?:down|offline|away|missing|wrong)|did(?: not|n['\u2019]t) (?:run|start|finish|arrive|load|"
    rf"complete|respond|work|update)|(?:was|were|became|got|is|are)\s{_ADVERB}(?:down|late|empty|missing|"
    rf"wrong|stale|null|unavailable|unreachable|unresponsive|offline|slow|delayed|broken|full|incorrect|"
    rf"overloaded|duplicated|doubled|lost|corrupt(?:ed)?|outdated|incomplete|interrupted|expired|"
    rf"out of (?:date|memory|space|disk)|not (?:available|updated|loaded|running|working|reachable|there))|"
    rf"returned (?:an? )?(?:\w+ )?errors?|"
    rf"(?:had|experienced|suffered|there was) (?:an? |some )?(?:\w+ )?(?:outage|failure|downtime|errors?|"
    rf"problems?|issues?|delays?|crash))\b|\bexpired (?:\w+ ){{0,3}}?{_THING}\b|"
    rf"\b(?:outage|failure|crash|unavailability|downtime) of\b",
    re.IGNORECASE,
)
_RESULT = lazy(
    r"(?:as a (?:result|consequence)|therefore|thus|consequently|this (?:caused|made|led to|meant))\b",
    re.IGNORECASE,
)
_REASON = lazy(r"\b(?:because|since|due to)\b", re.IGNORECASE)
# what follows is a consequence, not a cause
_SO = lazy(
    r",?\s(?:(?:and )?(?:so|thus|therefore|hence|as a result|consequently)(?: that)?|which|causing|"
    r"leading to|resulting in|making|leaving|meaning)\b[^.;]*",
    re.IGNORECASE,
)
_BY = lazy(
    r"\b(?:was|is) (?:the|our) (?:root )?cause (?:of|for)\b[^.]*|\b(?:(?:is|are|was|were)\s(?:caused by|due to|because of|the result of)|"
    r"because (?:the|our|an?|its)|(?:root )?cause\b[^.]{0,40}\b(?:was|is)(?: that)?)\s",
    re.IGNORECASE,
)
_WHY = lazy(
    r"\b(?:because|since|due to|owing to|caused?|as (?:the|an?|its?|no|there|we|they)|when(?:ever)?|"
    r"while|that|whose|where|if|unless|without|instead|after|before|led|trigger\w*|by (?!about|\w+ (?:hours?|minutes?|days?))|from|"
    r"against|despite|although|but|only|whereas|once|via|through|expect\w*|compar\w*|assum\w*|"
    r"renam\w*|chang\w*|remov\w*|mov\w*|deploy\w*|upgrad\w*|releas\w*|config\w*|introduc\w*|disabl\w*|"
    r"enabl\w*|replac\w*|filter\w*|retr(?:y|ie)\w*|renew\w*|rotat\w*|reads?|wr[io]te\w*|sends?|sent|"
    r"treat\w*|never|no longer|drop\w*|ignor\w*|skip\w*|overw\w*|"
    r"limit\w*|exceed\w*|default\w*|match\w*|lock\w*|leak\w*|race|on (?:an?|each|every))\b|:(?!\d)|\(",
    re.IGNORECASE,
)


# a text without any of these has no open question: cheaper to check than the regex
_SIGNS = (
    "unknown", "unclear", "tbd", "tba", "tbc", "to be ", "investig", "pending", "await", "waiting",
    "know", "sure", "certain", "mystery", "no idea", "open question", "undetermined", "ticket",
    "identif", "understood", "reproduce", "determine", "find", "found", "explain", "confirmed",
    "clear", "established", "say why", "look",
)  # fmt: skip


class Cause(NamedTuple):
    """The sentences of a root cause by kind."""

    open: list[str]
    symptoms: list[str]
    others: list[str]


def plain(text: str) -> str:
    """A section without headings and a template's prompts."""
    text = _HEADING().sub("\n", text) if "#" in text else text
    return _PROMPT().sub("", text) if "*" in text or "_" in text else text


def may_be_open(text: str) -> bool:
    """Whether `read` may find an open question: a cheap test."""
    lowered = text.lower()
    return any(sign in lowered for sign in _SIGNS)


def read(text: str) -> Cause:
    """Sort the sentences of a plain section."""
    cause = Cause([], [], [])
    for sentence in _sentences(text):
        if _OPEN().search(sentence):
            cause.open.append(sentence)
        elif _is_symptom(sentence):
            cause.symptoms.append(sentence)
        else:
            cause.others.append(sentence)
    return cause


def symptom(text: str) -> str:
    """The first sentence of a plain section that has nothing but symptoms, else ""."""
    first = ""
    for sentence in _sentences(text):
        if not _is_symptom(sentence):
            return ""
        first = first or sentence
    return first


def _sentences(text: str) -> Iterator[str]:
    for part in _BREAK().split(text):
        sentence = " ".join(_MARK().sub("", part).split())
        if re.search(r"\w", sentence):
            yield sentence


def _is_symptom(sentence: str) -> bool:
    """Whether it says that something failed, and not why."""
    if _RESULT().match(sentence):
        return not _REASON().search(sentence)
    claim = _BY().sub(" ", _SO().sub("", sentence))
    return not _WHY().search(claim) and bool(_FAILED().search(claim))
