"""Timelines that other programs kept. One source is one module with `recognises` and `read`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from incident import discovery
from incident.errors import UsageError
from incident.postmortem.model import Postmortem
from incident.repository.config import Intake
from incident.sources import Entry, Signal
from incident.text.untrusted_text import cut, escape

MAX_ENTRIES = 200
MAX_TEXT = 300


@dataclass(frozen=True)
class Reading:
    """How a file is read. `roles`: a role in words by handle, for instance "the incident lead"."""

    config: Intake = field(default_factory=Intake)
    roles: Mapping[str, str] = field(default_factory=dict)


def sources() -> list[str]:
    """The names of all sources."""
    return discovery.names(__name__)


def read(path: Path, source: str, reading: Reading) -> list[Signal]:
    """The signals of a file, in the order of time. `source` may be `auto`.

    Raises UsageError, with the place, where the file cannot be read.
    """
    if not path.exists():
        raise UsageError(f"{path} is not there", "name the file, or the folder of an export")
    if source == "auto":
        names = sources()
        source = next((n for n in names if discovery.load(__name__, n).recognises(path)), "")
        if not source:
            raise UsageError(f"{path}: no known form", f"say what it is: --from {'|'.join(names)}")
    found: list[Signal] = discovery.load(__name__, source).read(path, reading)
    return sorted(found, key=lambda signal: (str(signal.at), signal.what))


def entries(
    signals: Iterable[Signal], between: tuple[datetime, datetime] | None = None
) -> list[Entry]:
    """Signals as entries, those outside of the window left out.

    Raises UsageError where there are more than anybody reads.
    """
    if between and between[0] > between[1]:
        raise UsageError("the window ends before it begins", "--between EARLIER LATER")
    found = []
    for signal in signals:
        if signal.at is None or not signal.what.strip():
            continue
        if between is None or between[0] <= signal.at <= between[1]:
            clock = "acknowledged_at" if signal.kind == "acknowledged" else ""
            found.append(Entry(signal.at, _text(signal), clock))
    if len(found) > MAX_ENTRIES:
        raise UsageError(
            f"{len(found):,} entries are more than a timeline bears (limit {MAX_ENTRIES})",
            "narrow them: --between 2025-05-14T02:00Z 2025-05-14T16:00Z",
        )
    return found


def roles(postmortem: Postmortem) -> dict[str, str]:
    """The roles of a postmortem by handle."""
    return {
        handle.casefold(): "a responder" if role == "responders" else f"the {_words(role)}"
        for role, handles in reversed(postmortem.roles.items())
        for handle in handles
    }


def _words(role: str) -> str:
    return role.replace("_", " ")


def _text(signal: Signal) -> str:
    text = escape(cut(signal.what, MAX_TEXT))
    if signal.url:
        return f"{text} ([{escape(cut(signal.detail, 60)) or 'link'}]({signal.url}))"
    return f"{text} ({escape(cut(signal.detail, 60))})" if signal.detail else text
