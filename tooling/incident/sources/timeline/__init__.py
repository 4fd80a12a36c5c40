"""Timelines that other programs kept. One source is one module with `recognizes` and `read`.

`recognizes(path)`: whether it can read the file; a module with `FALLBACK = True` is asked last.
`read(path, reading)`: an `Export`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from incident import discovery
from incident.errors import UsageError
from incident.postmortem.model import Postmortem
from incident.repository.config import Intake
from incident.sources import Entry, Signal
from incident.text.account import Account
from incident.text.dates import Order
from incident.text.untrusted_text import cut, escape
from incident.text.zones import Zone

MAX_ENTRIES = 200
MAX_TEXT = 300


@dataclass(frozen=True)
class Reading:
    """How a file is read. `roles`: a role in words by handle, for instance "the incident lead".

    `columns`: of a table, the column for `at`, `text`, `source` or `url`. `zone`, `order`: of
    times that leave it out. `times`: of the incident, to tell a day from a month. `language`: of
    names.
    """

    config: Intake = field(default_factory=Intake)
    roles: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: Zone | None = None
    order: Order | None = None
    times: tuple[datetime, ...] = ()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    language: str = "en"


@dataclass(frozen=True)
class Export:
    """What a source read. `notes`: for people, what to know or to do next."""

    signals: list[Signal]
    accounts: tuple[Account, ...]
    notes: tuple[str, ...] = ()


def sources() -> list[str]:
    """The names of all sources."""
    return discovery.names(__name__)


def read(path: Path, source: str, reading: Reading) -> Export:
    """What a file holds, its signals in the order of time. `source` may be `auto`.

    Raises UsageError, with the place, where nothing can be read.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist", "name the file, or the folder of an export")
    if source == "auto":
        modules = {name: discovery.load(__name__, name) for name in sources()}
        names = sorted(modules, key=lambda name: getattr(modules[name], "FALLBACK", False))
        source = next((name for name in names if modules[name].recognizes(path)), "")
        if not source:
            raise UsageError(
                f"{path}: unknown format", f"pass its format: --from {'|'.join(names)}"
            )
    found: Export = discovery.load(__name__, source).read(path, reading)
    signals = sorted(found.signals, key=lambda signal: (str(signal.at), signal.what))
    return Export([s._replace(origin=source) for s in signals], found.accounts, found.notes)


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
            found.append(Entry(signal.at, _text(signal), clock, signal.origin))
    if len(found) > MAX_ENTRIES:
        raise UsageError(
            f"{len(found):,} entries are too many for a timeline (limit {MAX_ENTRIES})",
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
