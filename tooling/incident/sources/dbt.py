"""dbt's artifacts as a prefilled postmortem: what failed, what stands below it, whom to tell.

Reads `run_results.json`, `sources.json` and `manifest.json` of a target folder; any of them may be
missing, as long as something failed. Only names, times, counts, owners and addresses are taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from incident.dbt import lineage, owner_names, titles
from incident.dbt.manifest import Manifest, read_manifest
from incident.dbt.nodes import Node, is_asset, is_id, name_of
from incident.dbt.results import Run, read_run, read_sources
from incident.errors import UsageError
from incident.sources import Option, Prefill, Request, Signal, _dbt_impact, _dbt_signals
from incident.sources._dbt_signals import is_test
from incident.sources._dbt_timeline import detection, entries, title

_OLD = timedelta(hours=24)
# The gravest first: it gives the title, the kind and the way of detection.
_KINDS = {
    "asset_failed": ("pipeline", "pipeline_failure"),
    "source_missing": ("pipeline", "monitor"),
    "source_unread": ("pipeline", "monitor"),
    "source_stale": ("freshness", "monitor"),
    "check_failed": ("quality", "test"),
}
_TEST_KINDS = {
    "volume": ("row_count", "rowcount", "volume"),
    "freshness": ("recency", "freshness"),
    "schema": ("schema", "column_type", "columns_to_match"),
}
_LAST = datetime.max.replace(tzinfo=UTC)


class _Read(NamedTuple):
    """The files of one folder."""

    run: Run | None
    sources: Run | None
    manifest: Manifest
    warnings: list[str]


OPTIONS = (
    Option("--from-dbt", "TARGET_DIR", "Prefill from dbt's target/."),
    Option("--sources", "FILE", "A sources.json that is elsewhere."),
    Option("--previous", "FILE", "An older run_results.json."),
)
RANK = 1


def gather(request: Request) -> Prefill:
    """What the files named on the command line know."""
    config, given = request.config, request.given
    files = (given["--from-dbt"], given["--sources"], given["--previous"])
    return read(*files, config.intake.owners, config.language)


def read(
    target: Path,
    sources: Path | None = None,
    previous: Path | None = None,
    aliases: Mapping[str, str] | None = None,
    language: str = "en",
) -> Prefill:
    """What dbt knows of an incident.

    `target`: the folder that dbt wrote. `sources`: a sources.json elsewhere. `previous`: an older
    run_results.json, for when the failing checks last passed. `aliases`: owners as dbt writes them
    to teams. `language`: that of the owners' names. Raises UsageError where a file cannot be read,
    or nothing failed.
    """
    found = _load(target, sources)
    signals = _dbt_signals.of_run(found.run) if found.run else []
    signals += _dbt_signals.of_sources(found.sources) if found.sources else []
    signals += _missing(found)
    failures = sorted(
        (s for s in signals if s.kind in _KINDS),
        key=lambda s: (list(_KINDS).index(s.kind), s.asset),
    )
    if not failures:
        raise UsageError(*_nothing(target, found))
    if previous is not None:
        signals += _last_passes(failures, read_run(previous), found.warnings)
    signals = [_titled(s, found.manifest) for s in signals]
    failures = [_titled(s, found.manifest) for s in failures]
    return _prefill(failures, signals, found, aliases or {}, language)


def _titled(signal: Signal, manifest: Manifest) -> Signal:
    if not is_test(signal):
        return signal
    return signal._replace(what=titles.of_test(manifest, signal.asset))


def _load(target: Path, sources_file: Path | None) -> _Read:
    """The files that are there. What is a day older than the rest is another incident's."""
    if not target.is_dir():
        raise UsageError(f"{target} is no folder", "name the folder that dbt writes: target/")
    files = {name: target / f"{name}.json" for name in ("run_results", "sources", "manifest")}
    run = read_run(files["run_results"]) if files["run_results"].is_file() else None
    sources = None
    if sources_file is not None or files["sources"].is_file():
        sources = read_sources(sources_file or files["sources"])
    if run is None and sources is None:
        raise UsageError(
            f"{target} has neither run_results.json nor sources.json",
            "name the folder that dbt wrote, and keep it from the next command of dbt",
        )
    manifest = Manifest()
    warnings = [r.warning for r in (run, sources) if r and r.warning]
    if files["manifest"].is_file():
        manifest = read_manifest(files["manifest"])
        warnings += [manifest.warning] if manifest.warning else []
    else:
        warnings.append(f"{target} has no manifest.json: what stands downstream is not known")
    both = (run.at, sources.at) if run and sources and sources_file is None else (None, None)
    if both[0] and both[1]:
        if both[1] - both[0] > _OLD:
            warnings.append("run_results.json is over a day older than sources.json: left out")
            run = None
        elif both[0] - both[1] > _OLD:
            warnings.append("sources.json is over a day older than run_results.json: left out")
            sources = None
    if run and manifest.invocation and run.invocation not in {"", manifest.invocation}:
        warnings.append("manifest.json and run_results.json are of two commands of dbt")
    return _Read(run, sources, manifest, warnings)


def _missing(found: _Read) -> list[Signal]:
    """Sources that dbt should have judged and did not: it leaves out those without a table.

    Left out are also those that were not selected. So one counts when a sister of it was judged,
    or when none was judged and there is only one family of them.
    """
    if found.sources is None:
        return []
    nodes, seen = found.manifest.nodes, found.sources.seen
    limited = {key: n for key, n in nodes.items() if n.kind == "source" and n.has_freshness}
    absent = {key: n for key, n in sorted(limited.items()) if key not in seen}
    judged = {_family(node) for key in seen if (node := nodes.get(key))}
    families = {_family(node) for node in absent.values()}
    if not seen and len(families) == 1:
        judged = families
    missing = [key for key, node in absent.items() if _family(node) in judged]
    if unknown := len(absent) - len(missing):
        found.warnings.append(
            f"{unknown} source{'s' if unknown > 1 else ''} with a freshness limit and all of the "
            "same group are not in sources.json: not selected, or missing"
        )
    for key in missing:
        found.warnings.append(f"{name_of(key)}: no table, unless it was not selected")
    return [Signal(found.sources.at, "source_missing", name_of(key), key) for key in missing]


def _family(source: Node) -> tuple[str, str]:
    return source.package, source.source_name


def _nothing(target: Path, found: _Read) -> tuple[str, str]:
    counts: dict[str, int] = {}
    for run in (found.run, found.sources):
        for status, count in run.statuses.items() if run else ():
            counts[status] = counts.get(status, 0) + count
    said = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return (
        f"nothing failed in {target}: {said or 'no results'}",
        "; ".join(found.warnings)
        or "a later command of dbt may have replaced the files; or declare it with a TITLE",
    )


def _last_passes(failures: list[Signal], before: Run, warnings: list[str]) -> list[Signal]:
    """When each failing thing last went well, by an older run."""
    found, passed = [], before.passed
    for signal in failures:
        at = passed.get(signal.asset)
        if at and (signal.at is None or at < signal.at):
            kind = "check_passed" if signal.kind == "check_failed" else "asset_passed"
            found.append(signal._replace(at=at, kind=kind, detail=""))
    if not found:
        warnings.append("in the previous run_results.json none of the failing things passed")
    return found


def _prefill(
    failures: list[Signal],
    signals: list[Signal],
    found: _Read,
    aliases: Mapping[str, str],
    language: str,
) -> Prefill:
    manifest, warnings = found.manifest, found.warnings
    about = [
        asset
        for s in failures
        for asset in (lineage.tested(manifest, s.asset) if is_test(s) else [s.asset])
    ]
    roots = [root for root in dict.fromkeys(about) if is_id(root) and is_asset(root)]
    below = lineage.downstream(manifest, roots)
    detected_at = min((s.at for s in failures if s.at), default=None)
    started_at = _started(signals, detected_at)
    first = min(failures, key=lambda s: (s.at is None, s.at or _LAST, s.asset))
    level, reason = _dbt_impact.suggest(below, roots, manifest)
    consumers, evidence = _dbt_impact.consumers(below, manifest, aliases, language, warnings)
    owner = owner_names.of_most(roots, manifest, aliases, language)
    teams = [team for team, _ in consumers]
    dbt = next((run.dbt for run in (found.run, found.sources) if run and run.dbt), "")
    reached = [key for key in (*roots, *below) if key in manifest.nodes]
    return Prefill(
        title=title(failures, roots),
        severity=level,
        reason=reason,
        owner=owner,
        kind=_kind(failures[0]),
        started_at=started_at,
        detected_at=detected_at,
        detection_method=_KINDS[first.kind][1],
        detection_source=detection(first) + (f" (dbt {dbt})" if dbt else ""),
        downstream=len(below) if manifest.nodes else None,
        assets=_dbt_impact.assets(roots, below, manifest, warnings),
        consumers=consumers,
        observers=tuple(dict.fromkeys(team for team in teams if team != owner)),
        evidence=evidence,
        entries=tuple(
            entries(signals, started_at, detected_at, found.run.skipped if found.run else ())
        ),
        paths=tuple(dict.fromkeys(p for key in reached if (p := manifest.nodes[key].path))),
        warnings=tuple(warnings),
    )


def _started(signals: list[Signal], detected_at: datetime | None) -> datetime | None:
    """When the first promise broke, else when all was last known to be well."""
    for kinds in ({"source_overdue"}, {"check_passed", "asset_passed"}):
        times = [s.at for s in signals if s.kind in kinds and s.at]
        times = [at for at in times if detected_at is None or at <= detected_at]
        if times:
            return min(times)
    return None


def _kind(signal: Signal) -> str:
    kind, _ = _KINDS[signal.kind]
    if signal.kind == "check_failed":
        for name, words in _TEST_KINDS.items():
            if any(word in signal.what for word in words):
                return name
    return kind
