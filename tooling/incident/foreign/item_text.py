"""What the words of one action item say: who, by when, how far."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from incident.foreign.reader import Reader
from incident.text import stamps
from incident.text.dates import FIRST_YEAR, Day
from incident.text.lazy_regex import lazy

TITLE_LENGTH = 300

_KEY = (
    r"(?:\*\*|__|_|\*)?\b(?P<key>action owner|owner|assignee|assigned to|responsible|dri|who"
    r"|due date|due by|due on|due|deadline|eta|target date|target|status|priority|prio|type)"
    r"\s*(?:\*\*|__|_|\*)?\s*[:=]\s*(?:\*\*|__|_|\*)?\s*"
)
_FIELD = lazy(_KEY, re.IGNORECASE)
_DUE_WORD = lazy(r"\b(?:due(?: by| on| date)?|by|until|before|deadline|eta)\b:?\s+", re.IGNORECASE)
_ENDS = lazy(r"\s*(?:[;|\u2022\u2013\u2014]|\.(?=\s|$)|,(?!\s*\d{4})|\s-\s|[)\]]|\s+\()")
_HANDLE = lazy(r"(?<![\w@/.])@(?P<who>[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?[A-Za-z0-9]|[A-Za-z0-9])")
_GROUP = lazy(r"\s*[(\[](?P<inner>[^()\[\]]{1,120})[)\]](?!\()")
_BESIDE_OWNER = lazy(
    r"\b(?:owners?|assigned(?: to)?|assignee|responsible|by|and|due|eta|tbd|p\d|priority|high"
    r"|medium|low|in progress|done|to ?do|open)\b|[\W_]+",
    re.IGNORECASE,
)
_OPENS = lazy(
    r"\s*(?P<who>@[\w./-]+)\s*"
    r"(?:[:\u2013\u2014-]+\s*|(?:will|should|shall|must|to|is to|needs to)\s+)"
)
_CLOSES = lazy(r"\s*(?:[\u2013\u2014-]|,|;|->|=>|\u2192|:)?\s*(?P<who>@[\w./-]+)\s*[.;]?\s*$")
_LINK = lazy(r"!?\[(?P<text>[^\[\]]*)\]\((?P<url>[^()\s]*)[^()]*\)")
_URL = lazy(r"<?(?P<url>https?://[^\s<>)\]]+)>?")
_SENTENCE = lazy(r"(?P<first>.{20,280}?[.!?])\s+(?=[A-Z\[(\"])")
TYPES = (
    ("detect", r"detect|monitor|alert|observ"),
    ("prevent", r"prevent|avoid|eliminat"),
    ("mitigate", r"mitigat|reduc|limit"),
    ("repair", r"repair|fix|correct(?!ive)|clean"),
    ("process", r"process|document|runbook|train|communicat"),
)
STATUSES = (
    ("proposed", r"not (?:yet )?(?:done|started|begun|complete)|incomplete|unstarted"),
    ("wont_do", r"won'?t|wont|cancel|declin|reject|abandon|drop"),
    ("in_progress", r"in.?progress|started|wip|ongoing|doing|underway|partial"),
    ("proposed", r"to.?do|open|no\b|pending|planned|backlog|tbd"),
    ("done", r"done|complet|closed|fixed|resolved|finish|merged|shipped|deployed|yes|x\b"),
)


_STATUS = lazy(
    r"\s*(?P<open>[\[(]|\*\*\(?|^|(?<=[.!])\s)\s*"
    r"(?P<word>done|completed?|closed|fixed|in.?progress|wip|ongoing|started|not (?:yet )?started"
    r"|not done|to.?do|open|pending|planned|won'?t (?:do|fix)|cancell?ed|dropped)\b"
    r"(?P<more>[^\[\]()*:;.]{0,40}?)\s*(?P<close>[\])]|\)?\*\*|:|$)[.,]?",
    re.IGNORECASE,
)
_STATUS_END = lazy(
    r"\s(?:[-\u2013\u2014:]+|->|\u2192)\s*[*_]{0,2}(?P<word>done|completed?|in progress|not started"
    r"|open|todo|won'?t (?:do|fix))[*_]{0,2}[.!]?\s*$"
    r"|^\s*(?P<first>done|in progress|todo)\s[-\u2013\u2014]\s",
    re.IGNORECASE,
)
_PAIRS = {"[": "])", "(": ")", "**": "**", "**(": ")**"}
_MADE = lazy(
    r"\((?:done|fixed|added|implemented|resolved|deployed|merged|landed)\b[^()]*\)\s*$",
    re.IGNORECASE,
)
_SIGNS = {
    **dict.fromkeys("✅☑✔✓🟢", "done"),
    **dict.fromkeys("🚧⏳🟡", "in_progress"),
    **dict.fromkeys("⬜🔲🔴", "proposed"),
}


@dataclass
class Item:
    """An action item as it was found.

    `details`: lines below it; `remarks`: other cells of its row;
    `urls`: where it linked to; `group`: the heading above it;
    `number`: of its line in the file.
    """

    title: str
    owner: str = ""
    due: date | None = None
    status: str = "proposed"
    type: str = ""
    priority: str = ""
    group: str = ""
    done_at: date | None = None
    number: int = 0
    details: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)


def settle(item: Item, reader: Reader, rest: list[str]) -> Item:
    """Take owner, date and status out of the words; what makes it too long goes to `rest`."""
    item.title = _status(item, item.title, reader)
    kept = []
    for detail in item.details:
        found = _FIELD().match(detail)
        left = _fields(item, detail, reader) if found else detail
        if left.strip(" .*_"):
            kept.append(left)
    text = _groups(item, item.title, reader)
    text = _fields(item, text, reader)
    if opens := _OPENS().match(text):
        if not item.owner:
            item.owner = owner_of(opens["who"])
        text = text[opens.end() :]
    if not item.due and (word := _last(_DUE_WORD(), text)):
        tail = stamps.leading(text, word.end(), reader.order)
        if tail and tail.day and tail.end >= len(text):
            item.due = _due(tail.day, reader)
            text = text[: word.start()] if item.due else text
    if (closes := _CLOSES().search(text)) and not item.owner:
        item.owner = owner_of(closes["who"])
        text = text[: closes.start()]
    item.urls = [u for part in (text, *kept) for u in _urls(part)]
    others = [m for part in (text, *kept) for m in _LINK().finditer(part)]
    rest += [f"- {m[0]}" for m in others if m["url"] and not m["url"].startswith("http")]
    text = without_markup(text)
    below = "; ".join(
        plain for k in kept if (plain := without_markup(k)) and not _URL().fullmatch(plain)
    )
    whole = text + (f"{'' if text.endswith(':') else ':'} {below}" if below else "")
    if len(whole) <= TITLE_LENGTH:
        item.title = whole
    else:
        sentence = _SENTENCE().match(text)
        short = text if len(text) <= TITLE_LENGTH else ""
        item.title = short or (
            sentence["first"] if sentence else text[: TITLE_LENGTH - 1] + "\u2026"
        )
        rest.append(f"- {text}" if not short else f"- {text[:120]}")
        rest += [f"    - {line.strip()}" for line in kept]
    item.title = item.title[:1].upper() + item.title[1:]
    rest += [f"- {item.title[:80]} ({remark})" for remark in item.remarks]
    item.details = []
    return item


def _status(item: Item, text: str, reader: Reader) -> str:
    """`text` without a mark of its status: "[DONE 2025-05-14]", "(in progress)", "TODO: "."""
    for found in _STATUS().finditer(text):
        opened, closed = found["open"].strip(), found["close"]
        alone = not opened and (not closed or (closed == ":" and found.start("word") == 0))
        if not (alone or (closed and closed in _PAIRS.get(opened, ()))):
            continue
        if not opened and found["more"].strip() and not date_of(found["more"], reader):
            continue
        status = status_of(found["word"])
        if status == "done" and (found["more"].strip().lower() in {"by", "when", "if"}):
            continue
        item.status = status or item.status
        if item.status == "done":
            item.done_at = date_of(found["more"], reader)
        more = "" if item.done_at else found["more"].strip(" -:,\u2013\u2014")
        more = f" ({more}) " if more else " "
        return f"{text[: found.start()]}{more}{text[found.end() :]}".strip().lstrip(":- ")
    if found_end := _STATUS_END().search(text):
        item.status = status_of(found_end["word"] or found_end["first"]) or item.status
        return f"{text[: found_end.start()]}{text[found_end.end() :]}".strip()
    if item.status == "proposed" and _MADE().search(text):
        item.status = "done"
    return text


def status_of(text: str) -> str:
    """Our status for what a cell says, words or a sign; "" if it is not known."""
    signs = [_SIGNS[sign] for sign in text if sign in _SIGNS]
    return first(STATUSES, text) or (signs[0] if signs else "")


def whole_status(text: str) -> str:
    """Our status for a text that is nothing but one."""
    plain = re.sub(r"[*_`.!]", "", text).strip()
    return status_of(plain) if len(plain) <= 12 and len(plain.split()) <= 2 else ""


def _due(day: Day, reader: Reader) -> date | None:
    """A due day; it may be in the future."""
    found = reader.resolve(day)
    return found if found and found.year >= FIRST_YEAR else None


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed(list(pattern.finditer(text))), None)


def _fields(item: Item, text: str, reader: Reader) -> str:
    """`text` without "Owner: x", "due: …" and similar, which go into the item."""
    for _ in range(6):
        found = next((m for m in _FIELD().finditer(text) if _opens_field(text, m.start())), None)
        if found is None:
            break
        rest = text[found.end() :]
        stop = _ENDS().search(rest)
        other = _FIELD().search(rest)
        end = min(
            stop.start() if stop else len(rest), other.start() if other else len(rest), len(rest)
        )
        value = rest[:end]
        if not _set(item, found["key"].casefold(), value.strip(" *_.,;()[]"), reader):
            break
        before = text[: found.start()].rstrip(" -\u2013\u2014,;|*_")
        opened = before.endswith(("(", "["))
        after = rest[end:].lstrip(" .,;|\u2013\u2014-*_")
        if opened and (closing := re.match(r"[^()\[\]]*[)\]]", after)):
            inner = closing[0][:-1].strip()
            before, after = before[:-1].rstrip(), after[closing.end() :]
            after = f"({inner}) {after}" if inner else after
        text = f"{before} {after}".strip()
    return text


def _opens_field(text: str, at: int) -> bool:
    """Whether a word like "type:" begins a field: at the start, or after a mark or a sentence."""
    before = text[:at].rstrip(" *_")
    return not before or before[-1] in "([,;|.:\u2013\u2014-"


def _set(item: Item, key: str, value: str, reader: Reader) -> bool:
    """Put a field's value into the item; False where it says nothing that is understood."""
    if key in {"status"}:
        item.status = first(STATUSES, value) or item.status
        return bool(first(STATUSES, value))
    if key in {"priority", "prio"}:
        item.priority = priority(value)
        return bool(item.priority)
    if key == "type":
        item.type = first(TYPES, value)
        return bool(item.type)
    if key.startswith(("due", "deadline", "eta", "target")):
        due = date_of(value, reader)
        item.due = due or item.due
        return due is not None
    who = owner_of(value)
    item.owner = who or item.owner
    return bool(who)


def _groups(item: Item, text: str, reader: Reader) -> str:
    """`text` without brackets that hold an owner or a date: "(@who - Due: 2025-06-01)"."""

    def take(match: re.Match[str]) -> str:
        inner = match["inner"]
        handle = _HANDLE().search(inner)
        word = _DUE_WORD().match(inner.strip())
        day = date_of(inner[word.end() :] if word else inner, reader)
        if not handle and not (word and day):
            return match[0]
        if handle and not day and _BESIDE_OWNER().sub("", _HANDLE().sub("", inner)):
            return match[0]  # a remark that mentions somebody
        if handle and not item.owner:
            item.owner = handle["who"]
        item.due = item.due or date_of(inner, reader)
        left = _HANDLE().sub("", inner)
        if item.due:
            left = re.sub(r"(?i)\bdue\b.*|\bby\b.*", "", left)
            left = "" if stamps.first_day(left, reader.order) else left
        left = left.strip(" ,;:|-\u2013\u2014")
        return f" ({left})" if left else ""

    return _GROUP().sub(take, text)


def owner_of(value: str) -> str:
    """An owner without the @ and Markdown; "" for nobody ("TBD", "-") and what was cut off."""
    plain = without_markup(value).strip(" .,;:-\u2013\u2014*_()[]")
    is_cut = value.rstrip(" )]*_").endswith(("...", "\u2026")) or len(plain) > 80
    return "" if is_nobody(plain) or is_cut else plain.lstrip("@")


def is_nobody(value: str) -> bool:
    """Whether a cell for an owner has none."""
    plain = value.strip(" .,;:-\u2013\u2014*_()[]")
    return not plain or bool(
        re.fullmatch(r"(?:tbd|tba|todo|n/?a|none|unassigned|unknown|\?+)", plain, re.IGNORECASE)
    )


def date_of(value: str, reader: Reader) -> date | None:
    """The first date in `value`, with its year, or None."""
    day = stamps.first_day(value, reader.order)
    return _due(day, reader) if day else None


def priority(value: str) -> str:
    """P0..P3 for "P1" and "High", "" for anything else."""
    found = re.match(r"\s*[*_]*p([0-4])\b", value, re.IGNORECASE)
    if found:
        return f"P{min(3, int(found[1]))}"
    words = {
        "critical": "P0",
        "urgent": "P0",
        "high": "P1",
        "medium": "P2",
        "med": "P2",
        "low": "P3",
    }
    return words.get(value.strip(" *_.").casefold(), "")


def first(table: Sequence[tuple[str, str]], text: str) -> str:
    """The first name in `table` whose words `text` holds, or ""."""
    return next((name for name, words in table if re.search(rf"\b(?:{words})", text, re.I)), "")


def _urls(text: str) -> list[str]:
    links = [m["url"] for m in _LINK().finditer(text)]
    bare = [m["url"] for m in _URL().finditer(_LINK().sub(" ", text))]
    return [url.rstrip(".,;") for url in (*links, *bare) if url.startswith("http")]


def without_markup(text: str) -> str:
    """Without emphasis and addresses; a link becomes its text."""
    text = _LINK().sub(lambda m: m["text"], text)
    text = _URL().sub("", text) if _URL().sub("", text).strip(" .,;:()[]") else text
    text = re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
    text = re.sub(
        r"[(\[]\s*(?:PRs?|link|filed|see|ticket|issue)?:?\s*[)\]]|(?<=[.!])\s+PRs?$", "", text
    )
    return " ".join(text.split()).strip(" ;,-\u2013\u2014")
