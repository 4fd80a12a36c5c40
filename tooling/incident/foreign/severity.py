"""What a document calls its severity, in a field or in a sentence, as P0..P3."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from incident.text.lazy_regex import lazy

_LEVEL = lazy(r"(?<![\w-])(?P<scale>p|sev(?:erity)?)[ -]?(?P<number>[0-5])(?!\w)", re.IGNORECASE)
_SEV = {"0": "P0", "1": "P0", "2": "P1", "3": "P2", "4": "P3", "5": "P3"}
_WORDS = {
    **dict.fromkeys(("critical", "blocker", "emergency", "highest"), "P0"),
    **dict.fromkeys(("high", "major", "severe"), "P1"),
    **dict.fromkeys(("medium", "moderate", "normal"), "P2"),
    **dict.fromkeys(("low", "minor", "trivial", "lowest"), "P3"),
}
_FIELD = lazy(r"s?(?P<number>[0-5])\b(?!\s*(?:%|hours|h\b|min))", re.IGNORECASE)
_TITLE = lazy(r"\bsev(?:erity)?[- ]?[0-5]\b|^\W?p[0-4]\b(?=\W)|[\[(]p[0-4][\])]", re.IGNORECASE)
_WORD = "|".join(_WORDS)
_JUDGED = (
    r"\b(?:is|was|been|as|considered|rated|classified|declared|deemed|treated|assessed|assigned"
    r"|given|made|raised|set)\b"
)
_SENTENCE = lazy(
    rf"{_JUDGED}[^.;]{{0,30}}?(?P<level>\bsev(?:erity)?[ -]?[0-5]\b|\bp[0-4]\b(?!\d)"
    rf"|\b(?:{_WORD})\b(?=[*_`\"' -]{{1,5}}(?:in )?severity))"
    rf"|\bseverity\b[^.;:\n]{{0,20}}?\b(?:is|was|of|to)\b[*_`\" ]{{1,5}}(?P<after>(?:{_WORD})\b"
    r"|sev[ -]?[0-5]\b|p[0-4]\b)",
    re.IGNORECASE,
)
_NEGATED = lazy(r"\b(?:not|never|isn't|wasn't|if|would|should|could)\b", re.IGNORECASE)


def of_field(text: str, aliases: Mapping[str, str]) -> str:
    """P0..P3 for the value of a field, "" if that is not known. `aliases`: a team's own scale."""
    plain = re.sub(r"[*_`]", "", text).strip()
    for alias, level in aliases.items():
        if re.match(rf"{re.escape(alias)}(?!\w)", plain, re.IGNORECASE):
            return level
    if found := _LEVEL().search(plain):
        number = found["number"]
        return f"P{min(3, int(number))}" if found["scale"].lower() == "p" else _SEV[number]
    if found := _FIELD().match(plain):
        return _SEV[found["number"]]
    first = re.search(r"[A-Za-z]+", plain)
    return _WORDS.get(first[0].casefold(), "") if first else ""


def in_title(title: str, aliases: Mapping[str, str]) -> tuple[str, str]:
    """P0..P3 and the words, for "[SEV1] Orders late"."""
    found = _TITLE().search(title)
    written = found[0].strip(" []()") if found else ""
    return of_field(written, aliases), written


def in_sentences(lines: Iterable[str], aliases: Mapping[str, str]) -> tuple[str, str]:
    """P0..P3 and the words, where sentences state exactly one: "is considered high severity"."""
    found: dict[str, str] = {}
    for line in lines:
        for match in _SENTENCE().finditer(line):
            start = max(line.rfind(". ", 0, match.start()), 0)
            if _NEGATED().search(line, start, match.end()):
                continue
            written = match["level"] or match["after"]
            if level := of_field(written, aliases):
                found.setdefault(level, written)
    return next(iter(found.items())) if len(found) == 1 else ("", "")
