"""Measured figures in a text: "3,870 rows", "18%", "EUR 400"; not dates, versions or codes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from incident.rules._text import any_of
from incident.text.lazy_regex import lazy

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?(?![\d,.:]\d|\d|\s?%)"
_DAYS = rf"{_DAY}(?:\s?(?:,\s?and|,|and|&|to|or|-|\u2013)\s?{_DAY})*"
_LABELED = (
    r"(?:https?|errors?|status|codes?|ports?|lines?|steps?|versions?|releases?|phases?|tiers?|"
    r"parts?|pages?|sections?|builds?|issues?|tickets?|weeks?|quarters?|disk|node|shard|job|batch|"
    r"id|height|rfc|python|java|ruby|android|tls|postgres)"
)
_CODES = r"(?:40[013489]|429|50[0234]|52\d)"
_NUMBER = r"\d+(?:[,.'\u2019]\d+)*(?P<glued%s>[a-z]{1,7})?\b"
# What is not measured: dates, times, ordinals, versions, identifiers, codes.
_SKIPPED = "|".join(
    (
        r"\d{4}[-/]\d\d[-/]\d\d(?:[t ]\d\d?:\d\d\S*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
        r"\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b)?\w*|\d{1,2}\s?[ap]\.?m\b|\b\d{4}\s?(?:utc|gmt)\b",
        rf"\b{_MONTH}\s{_DAYS}(?:,?\s(?:19|20)\d\d\b)?",
        rf"\b{_DAYS}\s(?:of\s)?{_MONTH}\b(?:,?\s(?:19|20)\d\d\b)?",
        r"\b(?:19|20)\d\d\b(?!\s[a-z]+s\b|[.,]\d|\s?%)|\d+(?:st|nd|rd|th)\b|\d+[ -]?bits?\b",
        r"\d+\.\d+\.\d[\w.+-]*|\bv\d[\w.]*|\b\d{1,2}\.\d{1,2}(?:\.x)?(?!\d|,\d|\s?%|\s?(?!(?:as|and|or|to|in|of|is|was|it|for|with|on|"
        r"but|when)\b)[a-z])",
        r"(?-i:\b[A-Z][a-z]\w*)\s\d+\.\d+(?!\d|\s?%|\s(?:million|billion|percent)|[,.]\d)",
        r"=\"?\d+|#\d+|\b(?=\w*[a-f])(?=\w*\d)[0-9a-f]{7,40}\b",
        r"\b(?!(?:eur|usd|gbp|chf|about)\b)[a-z_]+[-_/.]?\d[\w.-]*",
        rf"\b{_LABELED}\s(?:code\s)?#?\d+(?:[.,]\d+)*(?!\s?%)",
        rf"\b{_CODES}(?:/{_CODES})*(?=s\b|\s(?:errors?|responses?|status|codes?)\b|"
        r"(?!\w|[,.]\d|\s?%|\s[a-z]+s\b))",
    )
)
_FIGURE = lazy(
    rf"(?P<skip>{_SKIPPED})|"
    rf"(?P<money>[\u20ac$\u00a3]\s?|\b(?:eur|usd|gbp|chf)\s?)?{_NUMBER % 1}"
    rf"(?:(?:-|\u2013|\sto\s|\s(?:out\s)?of\s(?:the\s)?){_NUMBER % 2})?"
    r"(?P<share>\s?%|\s(?:percent|per\scent)\b)?"
    r"(?P<noun>[\s-]{1,2}(?-i:[a-z][a-z-]*[a-z])\b)?",
    re.IGNORECASE,
)
_DATED = lazy(
    rf"\d{{4}}[-/]\d|\d{{1,2}}(?::\d|[./]\d{{1,2}}[./])|{_MONTH}\s|\d{{1,2}}\S*\s(?:of\s)?{_MONTH}",
    re.IGNORECASE,
)
_LENGTHS = any_of(
    "seconds second minutes minute mins min hours hour hrs hr h days day weeks week months month "
    "years year quarters quarter nights night mornings weekend weekends ms s"
)
_UNITS = _LENGTHS - {"m"}  # 5m rows are five million
_DIGIT = lazy(r"\d")
_BEFORE = 16  # "September " and "releases v" are shorter
_GLUE = any_of(
    "a all am is an and are as at because before but by due during each every for from had has have in instead "
    "into no of off on or out over per so such than that the then to too until was were when where "
    "which while with"
)


class Figure(NamedTuple):
    """A measured figure at offsets of the text. `kind`: share, money, duration or count."""

    start: int
    end: int
    shown: str
    kind: str
    noun: str

    @property
    def digits(self) -> str:
        """The digits of its first number: "3870" of "3,870 rows"."""
        found = re.match(r"\D*([\d,.'\u2019]+)", self.shown)
        return re.sub(r"\D", "", found[1]) if found else ""


def find(text: str, start: int = 0, end: int | None = None) -> Iterator[Figure]:
    """The figures of text[start:end]."""
    for match in _matches(text, start, len(text) if end is None else end):
        if match["skip"]:
            continue
        noun = (match["noun"] or "").strip(" \t\r\n-").lower()
        stop = match.end()
        if noun in _GLUE:
            noun, stop = "", match.start("noun")
        kind = "money" if match["money"] else "share" if match["share"] else ""
        glued = (match["glued2"] or match["glued1"] or "").lower()
        is_length = (
            noun.partition("-")[0] in _LENGTHS or glued in _UNITS or (glued == "m" and not noun)
        )
        kind = kind or ("duration" if is_length else "count")
        shown = " ".join(text[match.start() : stop].split())
        yield Figure(match.start(), stop, shown, kind, noun)


def only_dates(text: str) -> str:
    """The first date or time of a text without figures, as written; "" without one."""
    for match in _matches(text, 0, len(text)):
        if match["skip"] and _DATED().match(match[0]):
            return " ".join(match[0].split())
    return ""


def _matches(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Matches around digits: much faster than to try the pattern at every character."""
    at = start
    while digit := _DIGIT().search(text, at, end):
        match = _FIGURE().search(text, max(at, digit.start() - _BEFORE), end)
        if match is None:
            return
        yield match
        at = match.end()
