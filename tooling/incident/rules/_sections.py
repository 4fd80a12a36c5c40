"""What each section covers, whether it is empty, and where a missing one would go."""

import re

from incident.postmortem.document import Document
from incident.postmortem.sections import TITLES, Section, normalize
from incident.text.lazy_regex import lazy

SAYS = {
    "summary": "what was wrong, for whom, for how long, and what ended it",
    "impact": "who used the wrong data, for what, and how far off it was",
    "timeline": "`- 2025-05-14 09:40Z **detected**: what was visible`",
    "detection": "what found it, and what could have found it sooner",
    "root_cause": "the mechanism, and why it was possible",
    "contributing_factors": "what let it through or made it worse",
    "resolution": "how the data was fixed, and how the fix was verified",
    "what_went_well": "what helped and is worth keeping",
    "what_went_badly": "what cost time or trust",
    "supporting_evidence": "the queries, dashboards and pull requests behind the story",
    "first_postmortem_missed": "which lesson did not hold, and why",
}

# headings under which other templates put what these sections ask for
_ELSEWHERE = {
    "root_cause": lazy(
        r"(?:(?:the|technical|further|more|full|vulnerability|bug|incident) )?"
        r"(?:details|analysis|explanation|deep dive|background|mechanism|vulnerability|bug|flaw|"
        r"problem|defect)|"
        r"(?:the )?(?:(?:five|5) )?why'?s|(?:cve|cwe)\b.*|what (?:exactly )?(?:happened|broke|failed)|"
        r"why (?:(?:did )?(?:it|this) happen(?:ed)?|it (?:broke|failed))|"
        r".*\b(?:root cause|description of the (?:bug|vulnerability|problem|issue|defect))\b.*",
        re.IGNORECASE,
    ),
    "contributing_factors": lazy(
        r"lead[- ]?up|(?:.*\b)?contributing\b.*|(?:aggravating|underlying) (?:factors|conditions)|"
        r"why (?:was )?(?:it|this) (?:was )?(?:not |hard |so hard )\w+.*|what (?:let|allowed) .*",
        re.IGNORECASE,
    ),
}


def elsewhere(document: Document, key: str) -> Section | None:
    """The section under another heading that seems to have what an empty one asks for."""
    pattern = _ELSEWHERE.get(key)
    if pattern is None:
        return None
    own = document.by_key.get(key)
    for section in document.sections:
        inside = own is not None and own.start <= section.start < own.end
        if section.key or inside or is_empty(document, section):
            continue
        if pattern().fullmatch(normalize(section.title[:200])):
            return section
    return None


def place(document: Document, key: str) -> tuple[int, int]:
    """The line where a section would go: where the one before it ends, else at the one after it."""
    order = list(TITLES)
    at = order.index(key)
    for before in reversed(order[:at]):
        if section := document.by_key.get(before):
            return _last_line(document.text, section.end)
    for after in order[at:]:
        if section := document.by_key.get(after):
            return section.start, section.heading_end
    return _last_line(document.text, len(document.text))


def _last_line(text: str, end: int) -> tuple[int, int]:
    end = len(text[:end].rstrip())
    return text.rfind("\n", 0, end) + 1, end


def is_empty(document: Document, section: Section) -> bool:
    """Whether it has no text, list or code; headings and comments do not count."""
    start, text = section.heading_end, document.blocks
    inner = [s for s in document.sections if section.start < s.start < section.end]
    for part in inner:
        if text[start : part.start].strip():
            return False
        start = part.heading_end
    written = document.text[section.heading_end : section.end]
    return not text[start : section.end].strip() and "```" not in written and "~~~" not in written
