"""Action items of all kinds: bullets, numbers, checkboxes, tables, lines with an owner in bold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.foreign import accounting, item_owners, item_text, tables
from incident.foreign.accounting import Ledger
from incident.foreign.item_text import Item
from incident.foreign.reader import UNCLEAR_DAY, Reader
from incident.foreign.source_text import Line
from incident.text import stamps
from incident.text.lazy_regex import lazy

_HEADING = lazy(r"#{1,6}\s+(?P<title>.*)")
_MARK = lazy(
    r"(?P<indent>[ \t]*)(?P<mark>[-*+\u2022]|\d{1,3}[.)])\s+(?:\[(?P<box>[ xX]?)\]\s*)?"
    r"(?P<body>\S.*)"
)
_BOX = lazy(r"\s*\[(?P<box>[ xX])\]\s+(?P<body>\S.*)")
_SIGN = lazy(
    r"[\s*_]*(?P<sign>\u2705|\u2611|\u2714|\u2713|\U0001f7e2|:white_check_mark:|:heavy_check_mark:"
    r"|\u274c|\u2b1c|\U0001f532|\u25fb|\u2610|\u23f3|\U0001f6a7|:construction:)\ufe0f?\s*"
)
_DONE_SIGNS = frozenset(["✅", "☑", "✔", "✓", "🟢", ":white_check_mark:", ":heavy_check_mark:"])
_BOLD_LINE = lazy(
    r"\s*(?:\*\*|__)\s*(?:owner|assignee|team)?\s*:?\s*(?P<who>[^*_]{2,60}?):?\s*(?:\*\*|__):?\s*",
    re.IGNORECASE,
)
_TEAM = lazy(r"@[\w./-]+|.*\bteam\b.*|[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)+", re.IGNORECASE)
_TODO = lazy(r"\s*(?:[-*+]\s+)?\**(?:todo|action items?)\**\s*:\s*\**\s*(?P<body>\S.*)", re.I)
_PLAN = lazy(r"\b(?:should|must|need|will|could|would be|filed|fixed|added|done|plan)\b", re.I)
_VERB = lazy(
    r"\s*(?:add|adopt|allow|ask|automate|block|build|change|check|clean|configure|consider|create"
    r"|define|delete|deploy|develop|disable|document|emphasi[sz]e|enable|enforce|ensure|evaluate"
    r"|explore|extend|file|fix|have|hire|identify|implement|improve|increase|introduce|investigate|limit"
    r"|look|make|migrate|minimi[sz]e|monitor|move|notify|publish|reduce|refactor|remove|rename"
    r"|replace|require|review|rework|run|schedule|set|share|split|stop|test|train|update|upgrade"
    r"|use|validate|verify|write)\b[^?]{15,}",
    re.IGNORECASE,
)
_COLUMNS = {
    "title": ("action item", "action", "task", "item", "description", "what", "todo", "measure"),
    "owner": ("owner", "assignee", "assigned", "who", "responsible", "dri", "team", "lead"),
    "due": ("due", "deadline", "eta", "target", "by when", "when", "date", "timeline"),
    "status": ("status", "state", "done"),
    "priority": ("priority", "prio", "severity", "p"),
    "type": ("type", "kind", "category"),
    "link": ("ticket", "bug", "issue", "link", "jira", "pr", "tracking"),
    "number": ("#", "no", "id", "nr", ""),
}


def read(
    title: str, lines: Sequence[Line], reader: Reader, ledger: Ledger
) -> tuple[list[Item], list[str]]:
    """The items under the heading `title`, and the lines that are none."""
    walk = _Walk(title, lines, reader)
    at = 0
    while at < len(lines):
        end = tables.end_of(lines, at)
        if tables.head_of(lines[at:end]):
            walk.table(lines[at:end])
        else:
            end = max(end, at + 1)
            for line in lines[at:end]:
                walk.line(line)
        at = end
    found = [item for item in walk.items if item.title.strip()]
    item_owners.take(found)
    items = [item_text.settle(item, reader, walk.rest) for item in found]
    _account(items, lines, reader, ledger)
    return [item for item in items if item.title], walk.rest


def _account(items: list[Item], lines: Sequence[Line], reader: Reader, ledger: Ledger) -> None:
    """Note which lines gave a date; one with a day that is not clear is left."""
    dated = {item.number for item in items if item.due or item.done_at}
    for line in lines:
        if line.number in dated:
            ledger.take(line.number)
        elif line.plain and accounting.has_time(line.plain):
            day = stamps.first_day(line.plain, reader.order)
            is_unclear = day is not None and day.is_ambiguous
            ledger.leave(line.number, UNCLEAR_DAY if is_unclear else accounting.MENTIONED)


class _Walk:
    def __init__(self, title: str, lines: Sequence[Line], reader: Reader) -> None:
        self.reader = reader
        self.items: list[Item] = []
        self.rest: list[str] = []
        self.heading = self.group = ""
        self.context(title)
        self.item: Item | None = None
        self.owner = ""
        self.blank = True
        marks = [m for line in lines if (m := _MARK().match(line.plain))]
        levels = [len(m["indent"].expandtabs(4)) for m in marks]
        self.listed = bool(marks)
        self.number = 0
        # next to a table of items, a list explains its terms
        heads = [tables.head_of(lines[i : i + 2]) for i in range(len(lines) - 1)]
        self.in_table = any({"owner", "status"} & _columns(head).keys() for head in heads if head)
        # no list and no table: each paragraph that plans something is an item
        prose = [line.plain for line in lines if line.plain.strip()]
        self.in_prose = not marks and sum(bool(_PLAN().search(text)) for text in prose) >= 2
        self.base = min(levels, default=0)
        # "1. **Better alerts**", and bullets below it without indentation: details
        self.numbered = False

    def context(self, title: str) -> None:
        """What a heading says of all items below it."""
        words = title.strip(" *_:#").split()
        self.type = item_text.first(item_text.TYPES, words[0]) if len(words) in {1, 2} else ""
        self.status = "proposed"
        if re.search(r"\((?:completed?|done)\)|^(?:completed?|done)\b", title, re.IGNORECASE):
            self.status = "done"
        elif re.search(r"\bin progress\b", title, re.IGNORECASE):
            self.status = "in_progress"

    def line(self, line: Line) -> None:
        self.number = line.number
        if not line.plain.strip():
            if line.text.strip():
                self._keep(line.text)
            elif self.rest and self.rest[-1]:
                self.rest.append("")
            self.blank = True
            return
        if heading := _HEADING().match(line.plain):
            self.context(heading["title"])
            self.heading, self.item, self.owner = line.text, None, ""
            self.group = heading["title"].strip()
        elif todo := _TODO().match(line.said):
            self._add(todo["body"], None)
        elif (mark := _MARK().match(line.said)) and (mark["box"] is not None or not self.in_table):
            self._marked(mark)
        elif box := _BOX().match(line.text):
            self._add(box["body"], box["box"])
        elif line.plain.lstrip().startswith(("![", "<img")):
            self._keep(line.text)
        elif bold := _BOLD_LINE().fullmatch(line.text):
            self._bold(line.text, bold["who"].strip())
        elif (
            self.item is not None
            and not self._begins(line)
            and (not self.blank or line.text[:2] == "  " or self.numbered)
        ):
            if self.blank:
                self.item.details.append(line.text.strip())
            elif self.item.details:
                self.item.details[-1] += " " + line.text.strip()
            else:
                colon = ":" if self.item.title.endswith("**") else ""
                self.item.title += f"{colon} {line.text.strip()}"
        elif (
            _SIGN().match(line.text)
            or (not self.listed and _VERB().match(line.text))
            or (self.in_prose and self.blank)
        ):
            self._add(line.said.strip(), None)
        else:
            self._keep(line.text)
            self.item = None
        self.blank = False

    def _begins(self, line: Line) -> bool:
        """Whether a line without a mark is an item of its own, in a section without a list."""
        ended = self.item is not None and self.item.title.rstrip()[-1:] in ".!"
        if self.in_prose:
            return self.blank
        return not self.listed and (ended or self.blank) and bool(_VERB().match(line.text))

    def _marked(self, mark: re.Match[str]) -> None:
        deeper = len(mark["indent"].expandtabs(4)) > self.base + 1
        below = self.numbered and not mark["mark"][0].isdigit() and mark["box"] is None
        if self.item is not None and (deeper or below):
            self.item.details.append(mark["body"])
        else:
            self._add(mark["body"], mark["box"])
            self.numbered = mark["mark"][0].isdigit()

    def _add(self, body: str, box: str | None) -> Item | None:
        status = self.status
        if sign := _SIGN().match(body):
            body = body[sign.end() :]
            status = "done" if sign["sign"] in _DONE_SIGNS else status
        if box is not None:
            status = "done" if box.strip().lower() in {"x", "done"} else self.status
        if re.fullmatch(r"[*_\s-]*(?:none|n/a|tbd|todo|nothing)[\s.*_]*", body, re.IGNORECASE):
            return None
        item = Item(
            body,
            owner=self.owner,
            status=status,
            type=self.type,
            group=self.group,
            number=self.number,
        )
        self.item = item
        self.items.append(item)
        return item

    def _bold(self, text: str, who: str) -> None:
        self.item, self.owner = None, ""
        if _TEAM().fullmatch(who):
            self.owner = who.lstrip("@")
        else:
            self.context(who)
            self.heading, self.group = text, who

    def _keep(self, text: str) -> None:
        if self.heading:
            self.rest += ["", self.heading, ""]
            self.heading = ""
        self.rest.append(text)

    def table(self, rows: Sequence[Line]) -> None:
        self.item = None
        head = tables.head_of(rows)
        columns = _columns(head)
        for row in tables.body_of(rows):
            self.number = row.number
            found = tables.cells(row.plain)
            cell = {k: found[i] for k, i in columns.items() if i < len(found) and found[i]}
            item = self._add(cell["title"], None) if cell.get("title") else None
            if item is None:
                if any(found):
                    self._keep(row.text)
                continue
            self._fill(item, cell, "status" in columns)
            for i, text in enumerate(found):
                if i in columns.values() or not text or i >= len(head):
                    continue
                if status := item_text.whole_status(text):
                    item.status = status
                else:
                    item.remarks.append(f"{head[i]}: {text}")
            self.item = None

    def _fill(self, item: Item, cell: dict[str, str], has_status: bool) -> None:
        """Put the cells of a row into the item."""
        item.owner = item_text.owner_of(cell.get("owner", "")) or item.owner
        if cell.get("owner") and not item.owner and not item_text.is_nobody(cell["owner"]):
            item.remarks.append(f"owner: {cell['owner']}")
        item.due = item_text.date_of(cell.get("due", ""), self.reader)
        if cell.get("due") and not item.due:
            item.remarks.append(f"due: {cell['due']}")
        written = cell.get("status", "")
        if status := item_text.status_of(written):
            item.status = status
            if status == "done":
                item.done_at = item_text.date_of(written, self.reader)
        elif written:
            item.remarks.append(f"status: {written}")
        item.type = item_text.first(item_text.TYPES, cell.get("type", "")) or item.type
        item.priority = item_text.priority(cell.get("priority", ""))
        if link := re.sub(r"(?i)\bn/?a\b", "", cell.get("link", "")).strip(" -"):
            if not has_status and (status := item_text.first(item_text.STATUSES, link)):
                item.status, link = status, re.sub(r"\**\b[A-Z]{4,}\b\**", "", link).strip()
            item.title += f" ({link})" if link else ""


def _columns(head: list[str]) -> dict[str, int]:
    """Where the columns are that we know."""
    columns: dict[str, int] = {}
    for name, words in _COLUMNS.items():
        for i, written in enumerate(head):
            hit = any(
                written == word or (len(word) > 2 and re.match(rf"{word}\b", written))
                for word in words
            )
            if hit and i not in columns.values() and name not in columns:
                columns[name] = i
    if "title" not in columns:
        free = [i for i in range(len(head)) if i not in columns.values()]
        columns["title"] = free[0] if free else 0
    return columns
