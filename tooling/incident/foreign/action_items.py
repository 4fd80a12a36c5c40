"""Action items of all kinds: bullets, numbers, checkboxes, tables, lines with an owner in bold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from incident.foreign import item_text
from incident.foreign.item_text import Item
from incident.foreign.sections import Line
from incident.foreign.timeline import cells, is_ruler
from incident.foreign.timestamps import Reader
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


def read(title: str, lines: Sequence[Line], reader: Reader) -> tuple[list[Item], list[str]]:
    """The items under the heading `title`, and the lines that are none."""
    walk = _Walk(title, lines, reader)
    at = 0
    while at < len(lines):
        if "|" in lines[at].plain and at + 1 < len(lines) and is_ruler(lines[at + 1].plain):
            end = at
            while end < len(lines) and "|" in lines[end].plain:
                end += 1
            walk.table([row.plain for row in lines[at:end]])
            at = end
        else:
            walk.line(lines[at])
            at += 1
    items = [item_text.settle(item, reader, walk.rest) for item in walk.items if item.title.strip()]
    return [item for item in items if item.title], walk.rest


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
        elif mark := _MARK().match(line.text):
            self._marked(mark)
        elif box := _BOX().match(line.text):
            self._add(box["body"], box["box"])
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
        elif found := re.match(r"\s*\*\*action item:?\*\*:?\s*(?P<body>\S.*)", line.text, re.I):
            self._add(found["body"], None)
        elif _SIGN().match(line.text) or (not self.listed and _VERB().match(line.text)):
            self._add(line.text.strip(), None)
        else:
            self._keep(line.text)
            self.item = None
        self.blank = False

    def _begins(self, line: Line) -> bool:
        """Whether a line without a mark is an item of its own, in a section without a list."""
        ended = self.item is not None and self.item.title.rstrip()[-1:] in ".!"
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
            status = "done" if box.lower() == "x" else self.status
        if re.fullmatch(r"[*_\s-]*(?:none|n/a|tbd|todo|nothing)[\s.*_]*", body, re.IGNORECASE):
            return None
        item = Item(body, owner=self.owner, status=status, type=self.type, group=self.group)
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

    def table(self, rows: list[str]) -> None:
        self.item = None
        head = [re.sub(r"[*_`]", "", name).strip().casefold() for name in cells(rows[0])]
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
        for row in rows[2:]:
            found = cells(row)
            cell = {k: found[i] for k, i in columns.items() if i < len(found) and found[i]}
            if not cell.get("title"):
                continue
            item = self._add(cell["title"], None)
            if item is None:
                continue
            item.owner = item_text.owner_of(cell.get("owner", "")) or item.owner
            item.due = item_text.date_of(cell.get("due", ""), self.reader)
            item.status = item_text.first(item_text.STATUSES, cell.get("status", "")) or item.status
            item.type = item_text.first(item_text.TYPES, cell.get("type", "")) or item.type
            item.priority = item_text.priority(cell.get("priority", ""))
            if cell.get("due") and not item.due:
                item.details.append(f"due: {cell['due']}")
            rest = [i for i in range(len(found)) if i not in columns.values() and found[i]]
            item.details += [f"{head[i]}: {found[i]}" for i in rest if i < len(head)]
            if link := re.sub(r"(?i)\bn/?a\b", "", cell.get("link", "")).strip(" -"):
                if "status" not in columns and (
                    status := item_text.first(item_text.STATUSES, link)
                ):
                    item.status, link = status, re.sub(r"\**\b[A-Z]{4,}\b\**", "", link).strip()
                item.title += f" ({link})" if link else ""
            self.item = None
