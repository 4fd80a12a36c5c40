"""Which of dbt's failures belong together: those that reach, or may reach, the same assets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from incident.dbt import lineage
from incident.dbt.manifest import Manifest
from incident.dbt.nodes import is_asset, is_id
from incident.sources import Signal
from incident.sources._dbt_signals import family, is_check, is_known

# The most severe first: it gives the title, the kind and the way of detection.
KINDS = {
    "asset_failed": ("pipeline", "pipeline_failure"),
    "asset_partial": ("pipeline", "pipeline_failure"),
    "check_failed": ("quality", "test"),
    "source_missing": ("pipeline", "monitor"),
    "source_unread": ("pipeline", "monitor"),
    "source_empty": ("freshness", "monitor"),
    "source_stale": ("freshness", "monitor"),
    "hook_failed": ("pipeline", "pipeline_failure"),
    "check_warned": ("quality", "test"),
    "asset_warned": ("pipeline", "pipeline_failure"),
    "source_warned": ("freshness", "monitor"),
}
WARNED = frozenset({"check_warned", "asset_warned", "source_warned"})
_ORDER = {kind: index for index, kind in enumerate(KINDS)}


@dataclass(frozen=True)
class Story:
    """Failures with a common cause or effect, the most severe first.

    `roots`: the assets that they are about. `below`: assets downstream, with the steps to them.
    `is_whole`: whether the manifest knows all of the failures, so that `below` is complete.
    """

    failures: tuple[Signal, ...]
    roots: tuple[str, ...]
    below: dict[str, int]
    is_whole: bool

    @property
    def only_warned(self) -> bool:
        """Whether nothing failed."""
        return all(signal.kind in WARNED for signal in self.failures)


def stories(failures: Sequence[Signal], manifest: Manifest) -> list[Story]:
    """The failures in groups without a common asset, the most severe group first.

    What the manifest does not know may belong to any of them: it goes with the first.
    """
    known = [signal for signal in failures if is_known(signal, manifest)]
    unknown = [signal for signal in failures if not is_known(signal, manifest)]
    assets = {signal: about(signal, manifest) for signal in failures}
    find = _components([assets[signal] for signal in known], manifest)
    groups: dict[str, list[Signal]] = {}
    for signal in known:
        groups.setdefault(find(assets[signal][0]) if assets[signal] else "", []).append(signal)
    made = [_story(group, assets, manifest) for group in groups.values()]
    made.sort(key=lambda story: _gravity(story, manifest))
    if unknown:
        first = [*made[0].failures, *unknown] if made else unknown
        made[:1] = [_story(first, assets, manifest)]
    return made


def _story(
    group: Sequence[Signal], assets: dict[Signal, list[str]], manifest: Manifest
) -> Story:  # fmt: skip
    ordered = sorted(group, key=_grave)
    hit = [s for s in ordered if s.kind == "check_warned" or s.kind not in WARNED] or ordered
    roots = tuple(dict.fromkeys(root for signal in hit for root in assets[signal]))
    placed = [signal for signal in group if signal.kind != "hook_failed"]  # a hook has no place
    is_whole = bool(placed) and all(is_known(signal, manifest) for signal in placed)
    return Story(tuple(ordered), roots, lineage.downstream(manifest, roots), is_whole)


def _grave(signal: Signal) -> tuple[int, int, str]:
    count = signal.detail.partition(" ")[0].replace(",", "")
    return _ORDER[signal.kind], -int(count) if count.isdecimal() else 0, signal.asset


def _gravity(story: Story, manifest: Manifest) -> tuple[int, bool, int, int, str]:
    """What sorts stories: failures of checks and assets, then sources, then warnings."""
    kinds = [_ORDER[signal.kind] for signal in story.failures]
    rank = 0 if min(kinds) <= _ORDER["check_failed"] else 2 if story.only_warned else 1
    reached = (manifest.nodes.get(key) for key in (*story.roots, *story.below))
    is_critical = any(node and node.criticality == "high" for node in reached)
    return rank, not is_critical, -len(story.below), -len(kinds), story.failures[0].asset


def about(signal: Signal, manifest: Manifest) -> list[str]:
    """The assets that a failure is about."""
    found = lineage.tested(manifest, signal.asset) if is_check(signal) else [signal.asset]
    return [root for root in dict.fromkeys(found) if is_id(root) and is_asset(root)]


def _components(sets: Sequence[Sequence[str]], manifest: Manifest) -> Callable[[str], str]:
    """A function that gives assets with a common asset downstream the same name."""
    above: dict[str, str] = {}

    def find(key: str) -> str:
        while (parent := above.setdefault(key, key)) != key:
            above[key] = above[parent]
            key = parent
        return key

    def join(keys: Sequence[str]) -> None:
        for key in keys[1:]:
            above[find(key)] = find(keys[0])

    for roots in sets:
        join(roots)
        for root in roots:
            node = manifest.nodes.get(root)
            if node and node.kind == "source":
                join([root, f"sources of {family(node)}"])
    roots = [root for group in sets for root in group]
    reached = {*roots, *lineage.downstream(manifest, roots)}
    for key in reached:
        join([key, *(child for child in manifest.children.get(key, ()) if child in reached)])
    return find
