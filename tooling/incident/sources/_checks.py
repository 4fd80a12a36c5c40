"""What tools other than dbt found, as a prefilled postmortem: one builder for all of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from incident.archive import check_kinds
from incident.dbt import lineage, owner_names
from incident.postmortem import severity
from incident.postmortem.signatures import Signature
from incident.repository.config import Config
from incident.sources import Entry, Failing, Prefill, Reached
from incident.text.account import Account
from incident.text.untrusted_text import cut, escape

MAX_ASSETS = 50
MAX_ENTRIES = 20


@dataclass(frozen=True)
class Failure:
    """A check that failed or warned, or an asset that could not be built (`check` is "").

    `asset`: a reference, or "". `rows`: how many were found, None if that is not known. `error`:
    the class of an error, without its message. `is_error`: the check could not run.
    """

    asset: str
    check: str = ""
    column: str = ""
    at: datetime | None = None
    rows: int | None = None
    error: str = ""
    is_error: bool = False
    is_warning: bool = False

    @property
    def what(self) -> str:
        """The check and what it checks: "not_null on shop.orders.amount"."""
        name = self.asset.partition(":")[2]
        if not self.check:
            return name or "a job"
        on = ".".join(part for part in (name, self.column) if part)
        return f"{self.check} on {on}" if on else self.check


@dataclass
class Graph:
    """Assets and what is directly downstream of each.

    `schedule`: a cron by asset; `columns`: by asset and check. `is_complete`: whether what it does
    not hold does not exist.
    """

    children: dict[str, dict[str, None]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    critical: set[str] = field(default_factory=set)
    schedule: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    is_complete: bool = False

    def add(self, asset: str, parents: Iterable[str] = ()) -> None:
        """Learn an asset and what it is built from."""
        self.children.setdefault(asset, {})
        for parent in parents:
            below = self.children.setdefault(parent, {})
            if asset != parent:
                below[asset] = None

    def downstream(self, roots: Sequence[str]) -> dict[str, int]:
        """Assets below the roots, with the steps from the nearest; nearest first."""
        steps = dict.fromkeys(roots, 0)
        waiting = deque(steps)
        while waiting:
            current = waiting.popleft()
            for child in self.children.get(current, ()):
                if child not in steps:
                    steps[child] = steps[current] + 1
                    waiting.append(child)
        below = [(asset, count) for asset, count in steps.items() if count]
        return dict(sorted(below, key=lambda pair: (pair[1], pair[0])))


def prefill(
    tool: str,
    failures: Sequence[Failure],
    graph: Graph,
    config: Config,
    accounts: Sequence[Account],
    warnings: Sequence[str] = (),
) -> Prefill:
    """The draft of what a tool found; there is at least one failure."""
    ordered = sorted(dict.fromkeys(failures), key=_grave)
    failing = [one for one in ordered if not one.is_warning] or ordered
    first = failing[0]
    roots = list(dict.fromkeys(one.asset for one in failing if one.asset))
    below = graph.downstream(roots)
    is_known = bool(roots) and graph.is_complete and all(r in graph.children for r in roots)
    level, reason = _severity(roots, below, graph, is_known)
    detected_at = min((one.at for one in failing if one.at), default=None)
    assets = _assets(roots, below, graph)
    earliest = min(failing, key=lambda one: (one.at is None, str(one.at), one.what))
    return Prefill(
        title=_title(failing),
        severity=level,
        reason=reason,
        owner=_owner(roots, graph, config.intake.owners, config.language),
        kind="quality" if first.check else "pipeline",
        detected_at=detected_at,
        detection_method="test" if earliest.check else "pipeline_failure",
        detection_source=f"{tool} {'check' if earliest.check else 'run of'} {earliest.what}",
        check_kind=check_kinds.of_tests(one.check for one in failing),
        downstream=len(below) if is_known else None,
        assets=assets,
        lineage=tuple(lineage.between(graph.children, [asset.ref for asset in assets])),
        entries=_entries(tool, ordered, graph, detected_at),
        failing=tuple(_failing(tool, one, graph, config) for one in ordered),
        sections={"summary": _untimed(tool, ordered, graph)},
        warnings=tuple(warnings),
        accounts=tuple(accounts),
    )


def _failing(tool: str, one: Failure, graph: Graph, config: Config) -> Failing:
    """The signature of a failure, in words, and who owns the asset."""
    error = "warned" if one.is_warning else one.error
    error = error or ("error" if one.is_error or not one.check else "failed")
    check = f"{tool.lower().replace(' ', '-')}:{one.check}" if one.check else ""
    team = _owner([one.asset], graph, config.intake.owners, config.language)
    verb = "warned" if one.is_warning else "failed" if one.check else "could not be built"
    return Failing(
        Signature(check, one.asset, one.column, error), f"{one.what} {verb}", team, one.is_warning
    )


def error_class(text: str) -> str:
    """The class of an error, "ConversionException"; the message may hold rows."""
    for word in text[:2000].replace(":", " ").split():
        name = word.strip("'\"()[],.").rpartition(".")[2]
        if name.isidentifier() and name.isascii() and name.endswith(("Error", "Exception")):
            return cut(name, 60) if len(name) > len("Exception") else ""
    return ""


def _grave(one: Failure) -> tuple[bool, bool, int, str]:
    return one.is_warning, bool(one.check), -(one.rows or 0), one.what


def _title(failing: Sequence[Failure]) -> str:
    first, others = failing[0], len(failing) - 1
    verb = "warns" if first.is_warning else "fails" if first.check else "cannot be built"
    more = f", and {others} more failure{'s' if others > 1 else ''}" if others else ""
    return f"{first.what} {verb}{more}"


def _severity(
    roots: Sequence[str], below: Mapping[str, int], graph: Graph, is_known: bool
) -> tuple[str, str]:
    critical = [asset for asset in (*roots, *below) if asset in graph.critical]
    level = severity.propose(bool(critical), len(below), 0)
    if not is_known:
        least = f"at least {len(below)} downstream; " if below else ""
        return (level if critical else "P2"), f"{least}what is downstream is not known"
    reach = f"{len(below)} asset{'s' if len(below) != 1 else ''} downstream"
    if not critical:
        return level, f"{reach}, none marked critical"
    return level, f"{reach}, {critical[0].partition(':')[2]} marked critical"


def _owner(roots: Sequence[str], graph: Graph, aliases: Mapping[str, str], language: str) -> str:
    named = [graph.owners[root] for root in roots if graph.owners.get(root)]
    pairs = [("", name) if "@" in name[1:] else (name, "") for name in named]
    return owner_names.team(pairs, aliases, language)


def _assets(
    roots: Sequence[str], below: Mapping[str, int], graph: Graph
) -> tuple[Reached, ...]:  # fmt: skip
    every = [(root, "root", 0) for root in roots[:MAX_ASSETS]]
    every += [(asset, "affected", steps) for asset, steps in below.items()][:MAX_ASSETS]
    return tuple(
        Reached(asset, role, "high" if asset in graph.critical else "", steps)
        for asset, role, steps in every
    )


def _line(tool: str, one: Failure, graph: Graph) -> str:
    """What happened, as Markdown on one line."""
    if not one.check:
        verb, detail = "could not build", one.error
        text = f"{tool} {verb} {escape(one.what)}"
    else:
        verb = "warned" if one.is_warning else "could not run" if one.is_error else "failed"
        rows = "" if one.rows is None else f"{one.rows:,} row{'s' if one.rows != 1 else ''}"
        detail = one.error if one.is_error else rows
        text = f"{tool} check {escape(one.what)} {verb}"
    cron = graph.schedule.get(one.asset, "")
    return text + "".join(
        f", {escape(part)}" for part in (detail, f"scheduled {cron}" if cron else "") if part
    )


def _entries(
    tool: str, ordered: Sequence[Failure], graph: Graph, detected_at: datetime | None
) -> tuple[Entry, ...]:
    """What has a time, the first one as the detection, at most a few."""
    timed = [(one.at, _line(tool, one, graph), one) for one in ordered if one.at]
    timed.sort(key=lambda row: (row[0], row[0] == detected_at and row[2].is_warning))
    entries, is_open = [], True
    for at, text, _ in timed[:MAX_ENTRIES]:
        is_detection = is_open and at == detected_at
        entries.append(Entry(at, text, "detected_at" if is_detection else ""))
        is_open = is_open and not is_detection
    if len(timed) > MAX_ENTRIES:
        left = len(timed) - MAX_ENTRIES
        entries.append(Entry(timed[-1][0], f"{tool} reported {left:,} more like these"))
    return tuple(entries)


def _untimed(tool: str, ordered: Sequence[Failure], graph: Graph) -> str:
    """What has no time, as a list."""
    lines = [f"- {_line(tool, one, graph)}" for one in ordered if one.at is None]
    left = len(lines) - MAX_ENTRIES
    more = [f"- {tool} reported {left:,} more like these"] if left > 0 else []
    return "\n".join([*lines[:MAX_ENTRIES], *more])
