"""PagerDuty's log entries, saved as JSON from `GET /incidents/{id}/log_entries`.

Their summaries name people ("Acknowledged by …"), so what happened is told by its type. What an
alert is called, and what a note says, is text that people wrote: it is taken.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from incident.errors import UsageError
from incident.sources import Signal
from incident.sources.timeline import Reading
from incident.text.bounded_readers import address, decode, parse_json, read_bytes
from incident.text.instants import parse_utc
from incident.text.values import mapping, mappings, string

_TYPES = {
    "trigger": "the pager alerted",
    "acknowledge": "the alert was acknowledged",
    "unacknowledge": "the acknowledgement of the alert timed out",
    "escalate": "the alert was escalated",
    "exhaust_escalation_path": "nobody on the escalation path answered the alert",
    "delegate": "the alert was handed to another escalation policy",
    "snooze": "the alert was snoozed",
    "urgency_change": "the urgency of the alert was changed",
    "annotate": "",  # a note, or a word to those who wait: its text is what happened
    "status_update": "",
    "resolve": "the alert was resolved",
    "reopen": "the alert was opened again",
}


def recognises(path: Path) -> bool:
    """By what the file begins with."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(65_536)
    return b'"log_entries"' in head or b'_log_entry"' in head


def read(path: Path, _reading: Reading) -> list[Signal]:
    """The entries that tell of a change; notifications to people are none."""
    data = parse_json(decode(read_bytes(path), str(path)), str(path))
    rows = data.get("log_entries") if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise UsageError(
            f"{path} has no list `log_entries`", "save GET /incidents/{id}/log_entries as JSON"
        )
    return [found for row in mappings(rows) if (found := _signal(row))]


def _signal(row: dict[str, Any]) -> Signal | None:
    kind = string(row.get("type")).removesuffix("_reference").removesuffix("_log_entry")
    at = parse_utc(row.get("created_at"))
    if at is None or kind not in _TYPES:
        return None
    text, channel = _TYPES[kind], mapping(row.get("channel"))
    if kind == "trigger":
        incident = mapping(row.get("incident"))
        said = (  # what the monitor called it
            string(mapping(row.get("event_details")).get("description"))
            or string(channel.get("description"))
            or string(incident.get("title"))
            or string(incident.get("summary"))
        )
        text = f"{text}: {said}" if said else text
    elif not text:
        places = [row.get("message")] if kind == "status_update" else []
        places += [channel.get(key) for key in ("summary", "content", "notes")]
        text = next((said for place in places if (said := string(place).strip())), "")
        if not text:
            return None
    name = "acknowledged" if kind == "acknowledge" else kind
    return Signal(at, name, text, "", "PagerDuty", address(row.get("html_url")))
