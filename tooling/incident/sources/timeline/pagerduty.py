"""PagerDuty's log entries, saved as JSON from `GET /incidents/{id}/log_entries`, or its notes.

Their summaries name people ("Acknowledged by …"), so an entry is described by its type. What an
alert is called, and what a note says, is text that people wrote: it is taken.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Export, Reading, _pages
from incident.text.account import Noun, Tally
from incident.text.bounded_readers import address, read_json
from incident.text.untrusted_text import cut
from incident.text.values import mapping, string
from incident.text.written_times import Assumptions, whole

_KEYS = ("log_entries", "notes")
_TYPES = {
    "trigger": "the pager alerted",
    "acknowledge": "the alert was acknowledged",
    "unacknowledge": "the acknowledgement of the alert timed out",
    "escalate": "the alert was escalated",
    "exhaust_escalation_path": "nobody on the escalation path answered the alert",
    "repeat_escalation_path": "the escalation path of the alert was started again",
    "delegate": "the alert was handed to another escalation policy",
    "snooze": "the alert was snoozed",
    "urgency_change": "the urgency of the alert was changed",
    "priority_change": "the priority of the incident was changed",
    "merge": "another alert was merged into this incident",
    "responder_request": "more responders were requested",
    "responder_accept": "a responder joined",
    "run_response_play": "a response play was started",
    "annotate": "",  # a note, or an update for stakeholders: its text is what happened
    "status_update": "",
    "resolve": "the alert was resolved",
    "reopen": "the alert was opened again",
}
_ABOUT_PEOPLE = frozenset(
    ("notify", "assign", "responder_decline", "add_responders", "link", "unlink", "custom_field")
)
_PRIORITY = re.compile(r"\bP[0-5]\b")


def recognizes(path: Path) -> bool:
    """By what the file begins with."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(65_536)
    return b'"log_entries"' in head or b'_log_entry"' in head or b'"notes"' in head[:200]


def read(path: Path, reading: Reading) -> Export:
    """The entries that describe a change; notifications to people do not."""
    data = read_json(path)
    rows = _pages.rows(data, _KEYS)
    if rows is None:
        raise UsageError(
            f"{path} has no list `log_entries`", "save GET /incidents/{id}/log_entries as JSON"
        )
    tally, signals = Tally(str(path), Noun("log entry", "log entries")), []
    assumed = Assumptions(reading.now)
    for number, row in enumerate(rows, 1):
        found = _signal(row, assumed) if isinstance(row, dict) else "not an object"
        if isinstance(found, Signal):
            tally.take()
            signals.append(found)
        else:
            tally.leave(found, f"entry {number}")
    notes = []
    if _pages.last(data).get("more") is True:
        notes.append(
            f"{path}: there are more pages; save the rest with offset={len(rows)}, "
            "or all with limit=100, as a list of pages"
        )
    return Export(signals, (tally.account,), tuple(notes))


def _signal(row: dict[str, Any], assumed: Assumptions) -> Signal | str:
    kind = string(row.get("type")).removesuffix("_reference").removesuffix("_log_entry")
    if not kind and isinstance(row.get("content"), str):
        kind = "annotate"  # a note, as GET /incidents/{id}/notes gives it
        row = {**row, "channel": {"content": row["content"]}}
    if kind in _ABOUT_PEOPLE or (kind.startswith(("notify", "responder_")) and kind not in _TYPES):
        return "about who was notified or assigned"
    if kind not in _TYPES:
        return f"of the unknown kind `{cut(kind, 40)}`" if kind else "without a kind"
    at = whole(row.get("created_at"), assumed)
    if isinstance(at, str):
        return at
    text, channel = _TYPES[kind], mapping(row.get("channel"))
    if kind == "trigger":
        incident = mapping(row.get("incident"))
        name = (  # what the monitor called it
            string(mapping(row.get("event_details")).get("description"))
            or string(channel.get("description"))
            or string(incident.get("title"))
            or string(incident.get("summary"))
        )
        text = f"{text}: {name}" if name else text
    elif kind == "priority_change":
        level = _PRIORITY.findall(string(row.get("summary")))
        text = f"{text} to {level[-1]}" if level else text
    elif not text:
        places = [row.get("message")] if kind == "status_update" else []
        places += [channel.get(key) for key in ("summary", "content", "notes")]
        text = next((words for place in places if (words := string(place).strip())), "")
        if not text:
            return "without text"
    name = "acknowledged" if kind == "acknowledge" else kind
    return Signal(at, name, text, "", "PagerDuty", address(row.get("html_url")))
