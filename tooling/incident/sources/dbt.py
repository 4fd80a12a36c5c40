"""dbt's artifacts as a prefilled postmortem: what failed, what is downstream, whom to notify.

Reads `run_results.json`, `sources.json` and `manifest.json` of a target folder; any of them may be
missing, as long as something failed or warned. Only names, times, counts, owners and addresses are
taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from incident.archive import check_kinds
from incident.dbt import lineage, owner_names, titles
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import is_asset
from incident.dbt.results import Run, read_run
from incident.errors import UsageError
from incident.postmortem.model import Asset
from incident.postmortem.signatures import Signature
from incident.sources import (
    Failing,
    NothingFailed,
    Option,
    Prefill,
    Request,
    Signal,
    _dbt_files,
    _dbt_impact,
    _dbt_signals,
    _dbt_stories,
)
from incident.sources._dbt_files import Artifacts
from incident.sources._dbt_signals import is_check
from incident.sources._dbt_stories import KINDS, WARNED, Story, stories
from incident.sources._dbt_timeline import detection, entries, title
from incident.text.account import Account

_TEST_KINDS = {
    "volume": ("row_count", "rowcount", "volume"),
    "freshness": ("recency", "freshness"),
    "schema": ("schema", "column_type", "columns_to_match"),
}
# by kind of signal: the error of a signature, and what is said of it
_ERRORS = {
    "asset_failed": ("error", "could not be built"),
    "asset_partial": ("partial", "could only be built in part"),
    "check_failed": ("failed", "failed"),
    "source_missing": ("missing", "has no table"),
    "source_unread": ("error", "could not be read"),
    "source_empty": ("stale", "is empty"),
    "source_stale": ("stale", "is too old"),
    "hook_failed": ("error", "failed"),
    "check_warned": ("warned", "warned"),
    "asset_warned": ("warned", "warned"),
    "source_warned": ("stale", "is nearly too old"),
}
_LAST = datetime.max.replace(tzinfo=UTC)
_MAX_STORIES = 10

OPTIONS = (
    Option("--from-dbt", "TARGET_DIR", "Prefill from dbt's target/."),
    Option("--sources", "FILE", "For --from-dbt: sources.json, if elsewhere."),
    Option("--previous", "FILE", "For --from-dbt: an older run_results.json, for the last pass."),
    Option(
        "--story",
        "N",
        "For --from-dbt: if failures are unrelated, which to draft: 1 (the most severe; default), "
        "2, … or all.",
        "text",
    ),
)
RANK = 1


@dataclass(frozen=True)
class Wanted:
    """What is taken from the files, and how.

    `sources`: a sources.json in another place. `previous`: an older run_results.json, for when the
    failing checks last passed. `aliases`: owners as dbt writes them to teams. `language`: that of
    the owners' names. `story`: a number, "all", or "" for the worst. `names`: of assets; their
    story is preferred.
    """

    sources: Path | None = None
    previous: Path | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    story: str = ""
    names: Sequence[str] = ()


def gather(request: Request) -> Prefill:
    """What the files named on the command line know."""
    config, given = request.config, request.given
    wanted = Wanted(
        given["--sources"],
        given["--previous"],
        config.intake.owners,
        config.language,
        given["--story"] or "",
        request.names,
    )
    return read(given["--from-dbt"], wanted)


def read(target: Path, wanted: Wanted | None = None) -> Prefill:
    """What dbt knows of an incident. `target`: the folder that dbt wrote.

    Raises UsageError where a file cannot be read, or nothing failed.
    """
    wanted = wanted or Wanted()
    found = _dbt_files.load(target, wanted.sources)
    signals = [signal for run in found.runs for signal in _dbt_signals.of_run(run)]
    signals += _dbt_signals.missing_sources(found)
    signals = [_titled(signal, found.manifest) for signal in _once(signals)]
    coverage = _dbt_files.coverage(found)
    failures = [signal for signal in signals if signal.kind in KINDS]
    if not failures:
        raise NothingFailed(*_nothing(target, found))
    story = _chosen(stories(failures, found.manifest), wanted, found)
    of_story = {signal.asset for signal in story.failures}
    signals = [signal for signal in signals if signal.asset in of_story]
    if wanted.previous is not None:
        passes = list(_dbt_signals.last_passes(story.failures, read_run(wanted.previous)))
        signals += passes
        if not passes:
            found.warnings.append("none of the failures passed in the previous run_results.json")
    accounts = [*(_account(run, of_story) for run in found.runs), *found.accounts]
    return _prefill(story, signals, found, wanted, accounts + ([coverage] if coverage else []))


def _titled(signal: Signal, manifest: Manifest) -> Signal:
    if not is_check(signal):
        return signal
    return signal._replace(what=titles.of_test(manifest, signal.asset))


def _once(signals: list[Signal]) -> list[Signal]:
    """In order; of the same thing in two files, the later one."""
    latest = {(signal.kind, signal.asset): signal for signal in _dbt_signals.in_order(signals)}
    return _dbt_signals.in_order(latest.values())


def _nothing(target: Path, found: Artifacts) -> tuple[str, str]:
    counts: dict[str, int] = {}
    for run in found.runs:
        for status, count in run.statuses.items():
            counts[status] = counts.get(status, 0) + count
    listed = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return (
        "; ".join([f"nothing failed in {target}: {listed or 'no results'}", *found.warnings]),
        "a later command of dbt may have replaced the files; or declare it with a TITLE",
    )


def _chosen(every: list[Story], wanted: Wanted, found: Artifacts) -> Story:
    """The story that is drafted; the others are reported. Raises UsageError for a wrong number."""
    if wanted.story == "all":
        failures = tuple(signal for story in every for signal in story.failures)
        roots = tuple(dict.fromkeys(root for story in every for root in story.roots))
        below = {k: steps for story in every for k, steps in story.below.items() if k not in roots}
        return Story(failures, roots, below, all(story.is_whole for story in every))
    number = int(wanted.story) if wanted.story.isascii() and wanted.story.isdigit() else 0
    if wanted.story and not 1 <= number <= len(every):
        raise UsageError(
            f"--story {wanted.story}: dbt's results hold {len(every)} unrelated "
            f"failure{'s' * (len(every) != 1)}",
            f"pass a number from 1 to {len(every)}, or all",
        )
    names = set(wanted.names)
    named = (n for n, s in enumerate(every, 1) if names & {Asset(root).name for root in s.roots})
    number = number or next(named, 1)
    failed = [(n, story) for n, story in enumerate(every, 1) if n != number]
    for n, story in failed[:_MAX_STORIES]:
        if not story.only_warned:
            text = title(story, found.manifest)
            found.warnings.append(f"not related, left out: {text} (draft it with --story {n})")
    return every[number - 1]


def _account(run: Run, of_story: set[str]) -> Account:
    """What became of each result of a file."""
    tally = run.tally()
    for result in run.results:
        if result.failed or result.outcome == "warned":
            if result.unique_id in of_story:
                tally.take()
            else:
                tally.leave("not related to this incident", result.unique_id)
    return tally.account


def _prefill(
    story: Story,
    signals: list[Signal],
    found: Artifacts,
    wanted: Wanted,
    accounts: list[Account],
) -> Prefill:
    manifest, warnings, failures = found.manifest, found.warnings, story.failures
    roots, below = list(story.roots), story.below
    failing = [s for s in failures if s.kind not in WARNED] or list(failures)
    detected_at = min((s.at for s in failing if s.at), default=None)
    started_at = _started(signals, detected_at)
    first = min(failing, key=lambda s: (s.at is None, s.at or _LAST, s.asset))
    level, reason = _dbt_impact.suggest(story, manifest)
    aliases, language = wanted.aliases, wanted.language
    consumers, evidence = _dbt_impact.consumers(below, manifest, aliases, language, warnings)
    owner = owner_names.of_most(roots, manifest, aliases, language)
    teams = [team for team, _ in consumers]
    dbt = next((run.dbt for run in found.runs if run.dbt), "")
    reached = [key for key in (*roots, *below) if key in manifest.nodes]
    checks = [(s.what, n) for s in failures if is_check(s) and (n := manifest.nodes.get(s.asset))]
    window = _window(found, {signal.asset for signal in failures})
    return Prefill(
        title=title(story, manifest),
        severity=level,
        reason=reason,
        owner=owner,
        kind=_kind(failures[0]),
        started_at=started_at,
        detected_at=detected_at,
        wrong_from=window[0] if window else None,
        wrong_to=window[1] if window else None,
        detection_method=KINDS[first.kind][1],
        detection_source=detection(first) + (f" (dbt {dbt})" if dbt else ""),
        check_kind=_check_kind(failing, manifest),
        downstream=len(below) if story.is_whole else None,
        assets=_dbt_impact.assets(roots, below, manifest, warnings),
        consumers=consumers,
        observers=tuple(dict.fromkeys(team for team in teams if team != owner)),
        evidence=(*evidence, *_dbt_impact.failing_rows(checks)),
        entries=tuple(entries(signals, started_at, detected_at, _skipped(found, {*roots, *below}))),
        failing=tuple(_failing(signal, manifest, wanted) for signal in failures),
        paths=tuple(dict.fromkeys(p for key in reached if (p := manifest.nodes[key].path))),
        warnings=tuple(warnings),
        accounts=tuple(accounts),
    )


def _failing(signal: Signal, manifest: Manifest, wanted: Wanted) -> Failing:
    """The signature of a failure, in words, and who owns the asset."""
    error, verb = _ERRORS[signal.kind]
    if signal.detail == _dbt_signals.NOT_RUN:
        error, verb = "error", _dbt_signals.NOT_RUN
    about = _dbt_stories.about(signal, manifest)
    asset, node = about[0] if about else "", manifest.nodes.get(signal.asset)
    owned = manifest.nodes.get(asset)
    team = owner_names.of(owned, manifest, wanted.aliases, wanted.language) if owned else ""
    check = f"dbt:{titles.without_values(manifest, signal.asset)}" if is_check(signal) else ""
    column = node.column if node else ""
    signature = Signature(check, f"dbt:{asset}" if asset else "", column, error)
    return Failing(signature, f"{signal.what} {verb}", team, signal.kind in WARNED)


def _check_kind(failing: Sequence[Signal], manifest: Manifest) -> str:
    """The kind of the checks that failed; "" unless all are of one."""
    kinds = set()
    for signal in failing:
        node = manifest.nodes.get(signal.asset)
        if not is_check(signal):
            is_old = signal.kind in {"source_stale", "source_empty", "source_warned"}
            kinds.add("freshness" if is_old else "")
        else:  # without a manifest, the id of a generic test shows its kind
            by_id = check_kinds.suggested(signal.asset)
            kinds.add(check_kinds.of_tests([node.test]) if node else by_id)
    return kinds.pop() if len(kinds) == 1 else ""


def _started(signals: list[Signal], detected_at: datetime | None) -> datetime | None:
    """When the first promise broke, else when all was last known to be well."""
    for kinds in ({"source_overdue"}, {"check_passed", "asset_passed"}):
        times = [s.at for s in signals if s.kind in kinds and s.at]
        times = [at for at in times if detected_at is None or at <= detected_at]
        if times:
            return min(times)
    return None


def _window(found: Artifacts, failed: set[str]) -> tuple[date, date] | None:
    """The days that the failed batches of microbatches cover."""
    results = found.run.results if found.run else ()
    windows = [result.window for result in results if result.unique_id in failed and result.window]
    if not windows:
        return None
    return min(start for start, _ in windows), max(end for _, end in windows)


def _skipped(found: Artifacts, reached: set[str]) -> list[str]:
    """What dbt skipped because of this incident; all of it where the manifest is missing."""
    skipped, manifest = found.run.skipped if found.run else (), found.manifest
    if not manifest.nodes:
        return list(skipped)
    return [
        key
        for key in skipped
        if key in reached or (not is_asset(key) and reached & {*lineage.tested(manifest, key)})
    ]


def _kind(signal: Signal) -> str:
    kind, _ = KINDS[signal.kind]
    if is_check(signal):
        if signal.what.startswith("unit test "):
            return "pipeline"
        for name, words in _TEST_KINDS.items():
            if any(word in signal.what for word in words):
                return name
    return kind
