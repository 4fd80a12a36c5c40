"""What machines already know about an incident: dbt, chat, the pager, git, the issue form.

One source is one file. Each turns files into `Signal`s, or, where it knows more than moments, into
a `Prefill`; nothing here prints, writes or opens a connection. A module with OPTIONS, RANK and
`gather(request)` is a source of `incident new`: the first option names it, the others need that
one. Where two sources know the same, the one of the lower RANK is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import ModuleType
from typing import Any, Literal, NamedTuple

from incident import discovery
from incident.dbt.lineage import Edge
from incident.errors import UsageError
from incident.postmortem.signatures import Signature
from incident.repository.config import Config
from incident.text.account import Account


class Option(NamedTuple):
    """An option of `incident new`, "--from-dbt". `kind`: of its value; a window is two instants.

    `is_list`: it may be given several times.
    """

    flag: str
    metavar: str
    help: str
    kind: Literal["path", "text", "window"] = "path"
    is_list: bool = False


class Signal(NamedTuple):
    """One thing that a source says happened.

    `at`: aware, UTC; None where the source gives no time. `kind`: a word of the source's, for
    instance `check_failed`. `what`: one line of plain text. `asset`: a reference such as
    `dbt:model.shop.orders`, or "". `detail`: a further fact, or "". `url`: http(s), or "".
    `origin`: the name of the source.
    """

    at: datetime | None
    kind: str
    what: str
    asset: str = ""
    detail: str = ""
    url: str = ""
    origin: str = ""


class Entry(NamedTuple):
    """A line for a timeline. `text` is Markdown; `clock` a timestamp's name, or "".

    `origin`: the source that knows it, or "".
    """

    at: datetime
    text: str
    clock: str = ""
    origin: str = ""


class Reached(NamedTuple):
    """An asset that was hit, `steps` below the nearest root (0: a root itself)."""

    ref: str
    role: str
    criticality: str = ""
    steps: int = 0


class Evidence(NamedTuple):
    """A link. `kind` as in the frontmatter."""

    kind: str
    title: str
    url: str = ""


class Failing(NamedTuple):
    """A failing check or asset: its signature, in words, and the team that owns it, or ""."""

    signature: Signature
    what: str
    team: str = ""
    is_warning: bool = False


class NothingFailed(UsageError):  # noqa: N818
    """The input was understood, and nothing in it failed."""


@dataclass(frozen=True)
class Prefill:
    """What sources know of one incident: plain text, but for the Markdown of `entries`.

    Empty means unknown. `reason`: why that severity. `consumers`: (team, use). `sections`: Markdown
    by canonical section name. `wrong_from`, `wrong_to`: the first and the last day of wrong data.
    `lineage`: edges between the assets, by reference. `paths`: files of the assets, for asking git.
    `failing`: each check that failed. `warnings`, `accounts`: what was left out, and why; for
    people, never for the document.
    """

    title: str = ""
    severity: str = ""
    reason: str = ""
    owner: str = ""
    kind: str = ""
    started_at: datetime | None = None
    detected_at: datetime | None = None
    wrong_from: date | None = None
    wrong_to: date | None = None
    detection_method: str = ""
    detection_source: str = ""
    check_kind: str = ""
    downstream: int | None = None
    critical: bool | None = None
    assets: tuple[Reached, ...] = ()
    lineage: tuple[Edge, ...] = ()
    consumers: tuple[tuple[str, str], ...] = ()
    observers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    entries: tuple[Entry, ...] = ()
    sections: dict[str, str] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    failing: tuple[Failing, ...] = ()
    warnings: tuple[str, ...] = ()
    accounts: tuple[Account, ...] = ()


@dataclass(frozen=True)
class Request:
    """What a source is asked. `given`: the values of its options by flag.

    `names`: of the assets that are known already; `known`: what the sources before it know.
    """

    given: Mapping[str, Any]
    config: Config
    names: list[str]
    now: datetime
    known: list[Prefill]


def of_drafts() -> Iterator[ModuleType]:
    """The sources of `incident new`, the most believed first."""
    found = [module for module in discovery.load_all(__name__) if hasattr(module, "gather")]
    yield from sorted(found, key=lambda module: (module.RANK, module.__name__))
