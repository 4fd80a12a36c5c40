"""The files of a dbt target folder: those of one run, and what they lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from incident.dbt.manifest import Manifest, read_manifest
from incident.dbt.nodes import is_asset, name_of
from incident.dbt.results import RECORD, Run, read_run, read_sources
from incident.errors import UsageError
from incident.text.account import Account, LeftOut, Noun, Tally
from incident.text.lazy_regex import lazy

_OLD = timedelta(hours=24)
_MAX_FILES = 100
_KIND = lazy(r'"dbt_schema_version"\s*:\s*"[^"]{1,99}/dbt/(run-results|sources)/')
_NODE = Noun("node that dbt can run", "nodes that dbt can run")
_WITH_RESULT = Noun("with a result", "with a result")


@dataclass(frozen=True)
class Artifacts:
    """What one folder holds. `accounts`: of files that are left out whole."""

    run: Run | None
    sources: tuple[Run, ...]
    manifest: Manifest
    warnings: list[str]
    accounts: list[Account]

    @property
    def runs(self) -> Iterator[Run]:
        """All files of results."""
        if self.run:
            yield self.run
        yield from self.sources


def load(target: Path, sources_file: Path | None) -> Artifacts:
    """The files that are there. What is a day older than the rest is another incident's.

    Raises UsageError where there are no results, or a file cannot be read.
    """
    if not target.is_dir():
        raise UsageError(f"{target} is not a folder", "name the folder that dbt writes: target/")
    others = _others(target)
    run = read_run(path) if (path := target / "run_results.json").is_file() else None
    files = [sources_file] if sources_file else []
    if not files:
        files = [target / "sources.json"] if (target / "sources.json").is_file() else []
        files += [path for path, kind in others if kind == "sources"]
    sources = [read_sources(path) for path in files]
    if run is None and not sources:
        raise UsageError(
            f"{target} has neither run_results.json nor sources.json",
            "name the folder that dbt wrote, and copy it before dbt runs again",
        )
    warnings = [one.warning for one in (run, *sources) if one and one.warning]
    warnings += [
        f"{path.name} holds the results of another run: left out (--previous reads it)"
        for path, kind in others
        if kind == "run-results"
    ]
    manifest = Manifest()
    if (path := target / "manifest.json").is_file():
        manifest = read_manifest(path)
        warnings += [manifest.warning] if manifest.warning else []
    else:
        warnings.append(f"{target} has no manifest.json: what is downstream is not known")
    found = Artifacts(run, tuple(sources), manifest, warnings, [])
    if sources_file is None:
        found = _of_one_day(found)
    run = found.run
    if run and manifest.invocation and run.invocation not in {"", manifest.invocation}:
        warnings.append(
            "manifest.json and run_results.json come from different dbt runs; "
            "results may be incomplete"
        )
    return found


def coverage(found: Artifacts) -> Account | None:
    """The nodes of the manifest that dbt can run, and how many have a result.

    A warning is added where dbt leaves out the nodes that failed, as version 2 does.
    """
    run, nodes = found.run, found.manifest.nodes
    if run is None or not nodes:
        return None
    seen = run.seen
    kinds = {unique_id.split(".")[0] for unique_id in seen} & _RUN
    can_run = [
        key
        for key, node in nodes.items()
        if node.kind in kinds and node.materialized != "ephemeral"
    ]
    left = sorted(key for key in can_run if key not in seen)
    if left and run.dbt.partition(".")[0] not in {"0", "1"}:
        waiting = set(left)
        first = [k for k in left if is_asset(k) and waiting.isdisjoint(nodes[k].parents)]
        names = ", ".join(name_of(key) for key in (first or left)[:3])
        found.warnings.append(
            f"{len(left):,} of {len(can_run):,} nodes have no result; this dbt may not write "
            f"errors: check {names}"
        )
    if absent := sorted(key for key in seen if key not in nodes):
        found.warnings.append(
            f"{absent[0]}{f' and {len(absent) - 1:,} more' if len(absent) > 1 else ''}: in "
            f"{run.name}, not in manifest.json; what is downstream is not known"
        )
    reasons = (LeftOut("without a result", len(left), left[0]),) if left else ()
    taken = len(can_run) - len(left)
    return Account("manifest.json", _NODE, len(can_run), taken, _WITH_RESULT, reasons)


_RUN = frozenset({"model", "seed", "snapshot", "test", "unit_test"})


def _others(target: Path) -> list[tuple[Path, str]]:
    """Files of results under other names, and what each is by its first kilobytes."""
    known = {"run_results.json", "sources.json", "manifest.json"}
    files = sorted(path for path in target.glob("*.json") if path.name not in known)
    found = []
    for path in files[:_MAX_FILES]:
        try:
            with path.open("rb") as file:
                head = file.read(4096).decode("utf-8", "replace")
        except OSError:
            continue
        if kind := _KIND().search(head):
            found.append((path, kind[1]))
    return found


def _of_one_day(found: Artifacts) -> Artifacts:
    times = [run.at for run in found.runs if run.at]
    newest = max(times, default=None)
    kept = []
    for run in found.runs:
        if newest and run.at and newest - run.at > _OLD:
            reason = "over a day older than the other results"
            found.warnings.append(f"{run.name} is {reason}: left out")
            tally = Tally(run.name, RECORD)
            tally.leave(reason, count=len(run.results) + run.unread)
            found.accounts.append(tally.account)
        else:
            kept.append(run)
    sources = tuple(run for run in kept if run is not found.run)
    own = next((run for run in kept if run is found.run), None)
    return Artifacts(own, sources, found.manifest, found.warnings, found.accounts)
