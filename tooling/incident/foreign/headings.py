"""Our names for the headings of other people, however they word them."""

from __future__ import annotations

import re

from incident.postmortem import sections
from incident.text.lazy_regex import lazy

# Wordings beyond those that the linter accepts as headings, in the order they are asked.
_WORDINGS = (
    (
        "timeline",
        r"(?!.*\b(?:due|goal|roadmap))(?:.{0,40}\b)?time ?line|chronolog|sequence of events"
        r"|(?:log|course|order) of events|event log|(?:live |status |running )?updates?$",
    ),
    ("what_went_well", r"(?:what )?.{0,20}(?:went|worked|go|did) (?:so )?(?:well|right|good)$"),
    (
        "what_went_badly",
        r".*(?:went (?:wrong|poorly|badly)|(?:gone|be|done|do|did) better|be improved"
        r"|(?:didn't|did not|didnt) (?:go|work))|challenges$|difficulties$|pain points",
    ),
    ("where_we_got_lucky", r".*\bluck"),
    ("action_items", r".*\b(?:and|&) (?:future )?(?:improvements|action items|next steps)$"),
    (
        "resolution",
        r"what (?:did we|we did|was done|have we done|has been done)\b(?!.*\b(?:prevent|future))"
        r"|(?:how|what) (?:did|was|were|is|have|has|do|does) .*"
        r"(?:fix|resolv|recover|repair|mitigat|restor)"
        r"|were we able to .*(?:fix|resolve|recover|mitigate)|work.?arounds?$"
        r"|immediate (?:actions? taken|response)|actions? taken",
    ),
    (
        "action_items",
        r"what (?:is|are|was|will|do) (?:we |being |be )*(?:do|doing|done|change|changing|next)\b"
        r"|how (?:are|will|do|can|could|should) we (?:prevent|avoid|keep|stop)"
        r"|(?:what|how) .*\bprevent.*(?:future|again|recur)",
    ),
    (
        "action_items",
        r"(?:corrective|prevent(?:ive|at))|(?:open )?actions?\b|follow.?ups?\b|to.?dos?\b",
    ),
    (
        "action_items",
        r"(?:immediate|short|medium|long|planned|future|next|remediation|preventi\w+|improvement"
        r"|possible|proposed)"
        r"[ -](?:term )?(?:actions?|improvements?|items?|steps|work|tasks|fix(?:es)?|measures)\b"
        r"|tasks$|improvements?$|recommendations?|prevention$",
    ),
    (
        "detection",
        r"(?:.{0,20}\b)?detect|discover|(?:were|was|are) (?:we|anyone|on-?call) (?:alerted|paged)"
        r"|how (?:did|was|were) .*\b(?:detect|find|found|notic|alert|learn|discover|report)",
    ),
    ("lessons_learned", r"lessons?|learn|what (?:did )?we learn|insights?$|(?:key )?takeaways"),
    ("root_cause", r".*\broot cause|(?:five|5) why|causes?\b|why (?:did|was|were|has|have)\b"),
    (
        "root_cause",
        r"how did (?:it|this) happen|what (?:was )?(?:the )?cause|trigger$|fault$|causes? of",
    ),
    ("contributing_factors", r"contributing|lead.?up|preconditions"),
    (
        "impact",
        r"(?:\w+ ){0,3}impact\b|(?:who|what|how) (?:\w+ ){0,2}(?:was|were|is|are) (?:\w+ ){0,2}"
        r"(?:affected|impact)|what (?:was|is|were) the (?:\w+ )?impacts?\b|affected"
        r"|(?:the )?(?:fall.?out|damages?|symptoms?|consequences)$|blast radius",
    ),
    (
        "summary",
        r"(?:issue|problem|incident|event|executive|post.?mortem)? ?(?:summary|overview)"
        r"|(?:incident|problem|issue) (?:description|details)$|what happened|tl;?dr|abstract",
    ),
    (
        "resolution",
        r"resol|recover|remediat|mitigat|response\b|repair|fix\b|(?:data )?backfill",
    ),
    ("supporting_evidence", r"supporting|evidence|references|links|appendix|related (?:links|prs)"),
    ("people", r"(?:incident )?(?:responders|participants|attendees)|involved (?:parties|people)"),
)
_PATTERNS = [(key, lazy(wording)) for key, wording in _WORDINGS]
_NUMBERED = lazy(r"(?:section|part|step|appendix)\s+(?:\d{1,2}|[a-z])\b\s*[:.)\u2013\u2014-]*\s*")
_PLANNED = lazy(
    r"\b(?:actions?|follow.?ups?|to.?dos?|next steps|tasks|measures|corrective)\b", re.IGNORECASE
)
# what a line, or a word in bold, must be to count as a heading
_KEYS = lazy(
    r"(?:(?:user|customer|business|overall|data|client) )?impact|root causes?(?: analysis)?|causes?"
    r"|trigger|detection|resolution|mitigation|remediation|recovery|contributing factors?"
    r"|lessons(?: learned)?|what (?:went|worked|did not|didn't|could|can) .{2,30}"
    r"|(?:went|worked) (?:well|badly|wrong|poorly)|(?:where )?we got lucky"
    r"|(?:corrective |preventive |open )?(?:action items|actions?|follow.?ups?|next steps|to.?dos?)"
    r"|(?:incident )?(?:timeline|summary|description)|(?:timeline|sequence) of events|symptoms?"
    r"|fall.?out|tl;?dr"
)


def key_of(title: str) -> str:
    """Our name for a heading, or ""."""
    plain = _NUMBERED().sub("", sections.normalize(title[:200]), count=1)
    if found := sections.read(f"# {plain}")[0].key:
        return found
    return next((key for key, wording in _PATTERNS if wording().match(plain)), "")


def line_key(title: str) -> str:
    """Our name for a line that may be a heading; stricter, for it may be prose as well."""
    plain = sections.normalize(title[:200])
    return key_of(title) if _KEYS().fullmatch(plain) else ""


def is_wish(title: str) -> bool:
    """Whether a heading of action items may as well be one of ideas: "Recommendations"."""
    return not _PLANNED().search(title)


def clean_title(title: str) -> str:
    """A title without "Postmortem:", Markdown and what is only a placeholder."""
    plain = plain_title(title)
    found = _PREFIX().match(plain)
    if found and len(plain) > found.end():
        plain = plain[found.end() :]
        plain = plain[:1].upper() + plain[1:]
    plain = plain.strip(" :-\u2013\u2014")
    return "" if _GENERIC().fullmatch(plain) else plain


def plain_title(title: str) -> str:
    """A heading without Markdown."""
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
    plain = " ".join(re.sub(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}", "", plain).split())
    return re.sub(r"^:[a-z_]+:\s*", "", plain)


_PREFIX = lazy(
    r"(?:\w{1,20} )?(?:data )?(?:post.?mortem|incident(?: report| review| post.?mortem)?|rca|pm"
    r"|outage report|retrospective)(?: report| review)?(?: (?:of|for|on))?"
    r"\s*(?:#?\d*\s*:|#?\d*\s+[-\u2013\u2014]\s|(?<=of|or|on))\s*",
    re.IGNORECASE,
)
_GENERIC = lazy(
    r"(?:data )?(?:post.?mortem|incident|issue)?\s*(?:report|review|name|title|template|document)?"
    r"(?: post.?mortem)?|untitled",
    re.IGNORECASE,
)
